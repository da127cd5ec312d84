//! The state of a duty: a word, a shape, a clock.

use crate::clock::Teller;
use habeas_codebook::moment::Moment;
use habeas_register::VerdictEntry;

const MINUTE: i64 = 60_000_000;
/// A duty is due soon when so much is left, or a quarter of its limit, whichever is less.
const SOON: i64 = 30 * MINUTE;

/// A chip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chip {
    /// `data-state`, which chooses shape and colour.
    pub state: &'static str,
    /// Its word.
    pub word: String,
    /// Its clock; empty where there is none.
    pub clock: String,
    /// Due at, in microseconds since 1970, for the script that moves the clock; 0 where it stands still.
    pub due: i64,
}

impl Chip {
    /// A chip whose clock stands still.
    #[must_use]
    pub fn plain(teller: &Teller<'_>, state: &'static str, text: &str, length: Option<i64>) -> Self {
        let clock = length.map(|length| teller.length(length)).unwrap_or_default();
        Self { state, word: teller.texts.say(teller.language, text, &[]), clock, due: 0 }
    }

    /// Due in so long, of a limit of so long.
    #[must_use]
    pub fn due(teller: &Teller<'_>, left: i64, limit: i64) -> Self {
        let state = if left <= SOON.min(limit / 4) || (limit <= 0 && left <= SOON) { "soon" } else { "pending" };
        Self { due: teller.now.0 + left, ..Self::plain(teller, state, "chip-due", Some(left)) }
    }

    /// Past its limit and still to be done.
    #[must_use]
    pub fn overdue(teller: &Teller<'_>, over: i64) -> Self {
        Self { due: teller.now.0 - over, ..Self::plain(teller, "overdue", "chip-overdue", Some(over)) }
    }

    /// The chip of a verdict. `is_open`: what was owed can still be done.
    #[must_use]
    pub fn of(teller: &Teller<'_>, verdict: &VerdictEntry) -> Self {
        let now = teller.now.0;
        let since = |moment: Option<Moment>| moment.map(|moment| now - moment.0);
        match verdict.verdict.as_str() {
            "pending" => match verdict.due_at {
                Some(due) if due.0 < now => Self::overdue(teller, now - due.0),
                Some(due) => Self::due(teller, due.0 - now, verdict.trigger_at.map_or(0, |from| due.0 - from.0)),
                None => Self::plain(teller, "pending", "chip-runs", None),
            },
            "breached" if is_open(verdict) => Self::overdue(teller, since(verdict.due_at.or(verdict.since)).unwrap_or(0)),
            "breached" => {
                let over = since(verdict.over_since).or(verdict.over_by).or_else(|| since(verdict.since));
                Self::plain(teller, "breached", "chip-breached", over)
            }
            "met" => Self::plain(teller, "met", "chip-met", None),
            "met_late" => Self::plain(teller, "late-met", "chip-met-late", verdict.late_by),
            "excused" => Self::plain(teller, "excused", "chip-excused", None),
            "undetermined" => Self::plain(teller, "unknown", "chip-undetermined", None),
            _ => Self::plain(teller, "excused", "chip-not-applicable", None),
        }
    }
}

/// A breach that can still be made good: a duty with a due time and nothing done yet.
#[must_use]
pub fn is_open(verdict: &VerdictEntry) -> bool {
    verdict.verdict == "breached"
        && verdict.due_at.is_some()
        && verdict.late_by.is_none()
        && verdict.over_by.is_none()
        && verdict.until.is_none()
}
