//! From when on time alone, without a new entry, may change what is said of a subject.
//!
//! With exact times a verdict hangs on the moment it is asked for only through what falls due, what is counted up to now, an age that is
//! reached, and a rule that comes into force or goes out of it. Everything else that a rule reads is an entry, or an instant fixed by
//! entries.

use crate::monitor::Monitor;
use crate::verdict::{Row, Verdict};
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::{Body, ClassId, Keep};

impl Monitor<'_> {
    /// From when on time alone may change a row that was judged at `now`, all that it rests on known; `None`: never, but for ages
    /// ([`Noted::birthday`](crate::Noted::birthday)) and editions of the rule ([`Monitor::next_edition`]).
    #[must_use]
    pub fn moves_at(&self, row: &Row, now: Moment) -> Option<Moment> {
        match row.verdict {
            // A stretch that ended is over only when the break after it is too long to be none, which may be long before it would fall
            // due; of one whose time stands still, or that is summed in a window, no time is told.
            Verdict::Pending if self.is_measured(row) && (row.events.len() > 1 || row.due_at.is_none()) => Some(now),
            Verdict::Pending => row.due_at,
            // A field that was not recorded is not recorded later either.
            Verdict::Undetermined | Verdict::NotApplicable => None,
            Verdict::Met | Verdict::Excused | Verdict::MetLate | Verdict::Breached => {
                // What goes on is over since a moment that stands ([`Row::over_since`]). What is summed in a window, or ended just now, is
                // measured again; it has ended before if it went over the time due by less.
                let is_measured = || row.over_since.is_none() && row.until.is_none();
                let goes_on = |over: &i64| is_measured() && row.due_at.is_none_or(|due| due.0.saturating_add(*over) >= now.0);
                let grows = row.over_by.filter(goes_on).map(|_| now);
                // A duty that recurs was missed before and is due once more.
                let once_more = || row.due_at.filter(|due| row.verdict != Verdict::Met && *due >= now);
                grows.or_else(once_more)
            }
        }
    }

    /// Whether the rule of a row measures how long something lasts.
    fn is_measured(&self, row: &Row) -> bool {
        matches!(self.rule(row.rule).body, Body::While { keep: Keep::NotLonger { .. }, .. })
    }

    /// When the next rule for subjects of a class comes into force, or goes out of it, after `now`.
    #[must_use]
    pub fn next_edition(&self, class: ClassId, now: Moment) -> Option<Moment> {
        let windows = self.rules_of(class).iter().map(|rule| self.prepared[rule.index()].window);
        windows.flat_map(|(from, until)| [from, until]).filter(|at| *at > now && *at != Moment::FAR_OFF).min()
    }
}
