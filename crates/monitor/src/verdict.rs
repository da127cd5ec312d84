//! What a safeguard comes to for one subject: the rows that everything downstream reads.

use habeas_codebook::log::{EventId, SubjectId};
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::{FieldId, RuleId, StateId};
use smallvec::SmallVec;

/// The seven verdicts, from the least to the greatest: the verdict of a set is its greatest member (rule-language, section 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// The rule does not apply here.
    NotApplicable,
    /// Done in time.
    Met,
    /// A breach that the rule itself excuses.
    Excused,
    /// Not yet due.
    Pending,
    /// Cannot be told from what was recorded; never counted as met.
    Undetermined,
    /// Done, but late: a cured breach.
    MetLate,
    /// Not done, or forbidden and done.
    Breached,
}

impl Verdict {
    /// As written in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::NotApplicable => "n.a.",
            Verdict::Met => "met",
            Verdict::Excused => "excused",
            Verdict::Pending => "pending",
            Verdict::Undetermined => "undetermined",
            Verdict::MetLate => "met_late",
            Verdict::Breached => "breached",
        }
    }
    /// All of them, least first.
    pub const ALL: [Verdict; 7] = [
        Verdict::NotApplicable,
        Verdict::Met,
        Verdict::Excused,
        Verdict::Pending,
        Verdict::Undetermined,
        Verdict::MetLate,
        Verdict::Breached,
    ];
}

/// Circumstances that a reader must know beside the verdict. A small set of bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Flags(pub u8);

impl Flags {
    /// An event it rests on was recorded later than the codebook's tolerance.
    pub const LATE_ENTRY: Flags = Flags(1);
    /// What makes it `met` was recorded after the limit: a breach may have been announced before.
    pub const CLEARED_LATE: Flags = Flags(2);
    /// The end of a state was not recorded but follows (release, death, another cell).
    pub const END_INFERRED: Flags = Flags(4);
    /// Trigger and answer stand at one instant; the order of entry does not count.
    pub const SAME_INSTANT: Flags = Flags(8);
    /// Birth date known only roughly: counted as a child until the latest possible birthday.
    pub const AGE_PRESUMED: Flags = Flags(16);
    /// Names in the order of the bits.
    pub const NAMES: [(Flags, &'static str); 5] = [
        (Flags::LATE_ENTRY, "late_entry"),
        (Flags::CLEARED_LATE, "cleared_late"),
        (Flags::END_INFERRED, "end_inferred"),
        (Flags::SAME_INSTANT, "same_instant"),
        (Flags::AGE_PRESUMED, "age_presumed"),
    ];
    /// Adds flags.
    pub fn insert(&mut self, other: Flags) {
        self.0 |= other.0;
    }
    /// Whether all of `other` are set.
    #[must_use]
    pub fn contains(self, other: Flags) -> bool {
        self.0 & other.0 == other.0
    }
    /// Names of those set.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES.into_iter().filter(move |(f, _)| self.contains(*f)).map(|(_, n)| n)
    }
}

/// Why a row is `n.a.`, `undetermined` or `excused`, where that is not plain from the verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// `where` is not true of the trigger.
    Where,
    /// This exception (by its place in the rule) says that the rule does not apply, or excuses.
    Exception(u8),
    /// The custody closed before the limit.
    ClosedBeforeLimit,
    /// A later trigger took its place (`after the latest`).
    Superseded,
    /// No run of this state holds at the trigger (`as long as`).
    NotDuring(StateId),
    /// A field is sealed: judged where the key is.
    Sealed,
    /// A time, birth date or field was not recorded; see `missing`.
    Unrecorded,
    /// Too many unknown times to try every combination.
    TooManyUnknown,
}

impl Reason {
    /// As one word of JSON.
    #[must_use]
    pub fn word(self) -> String {
        match self {
            Reason::Where => "where".to_owned(),
            Reason::Exception(place) => format!("exception_{}", u16::from(place) + 1),
            Reason::ClosedBeforeLimit => "closed_before_limit".to_owned(),
            Reason::Superseded => "superseded".to_owned(),
            Reason::NotDuring(_) => "not_during".to_owned(),
            Reason::Sealed => "sealed".to_owned(),
            Reason::Unrecorded => "unrecorded".to_owned(),
            Reason::TooManyUnknown => "too_many_unknown".to_owned(),
        }
    }
}

/// Something whose record would let an undetermined verdict be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Missing {
    /// The entry to complete, if the thing is part of one.
    pub event: Option<EventId>,
    /// What to complete.
    pub what: MissingWhat,
}

/// What is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MissingWhat {
    /// The exact time: JSON field `at`.
    Time,
    /// A field of the event.
    Field(FieldId),
    /// A fact of this subject, for example the birth date.
    Fact(SubjectId, FieldId),
}

/// One verdict: of a rule, for a subject, on a trigger.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The version of the rule that judged.
    pub rule: RuleId,
    /// True for `<rule>/record`: judged is only how late the entry was.
    pub record: bool,
    /// For whom.
    pub subject: SubjectId,
    /// The event that set it off, where the body has one (rule-language, section 5).
    pub trigger: Option<EventId>,
    /// When that happened (its earliest possible instant); rows are sorted by it.
    pub trigger_at: Option<Moment>,
    /// The verdict.
    pub verdict: Verdict,
    /// When the duty falls due, or fell due.
    pub due_at: Option<Moment>,
    /// Breached since.
    pub since: Option<Moment>,
    /// Breached until, for intervals that ended.
    pub until: Option<Moment>,
    /// How late, in elapsed microseconds.
    pub late_by: Option<i64>,
    /// How far over a maximum, in elapsed microseconds.
    pub over_by: Option<i64>,
    /// While it goes on: since when it has been over that maximum, so that time alone makes `over_by` grow as it passes.
    pub over_since: Option<Moment>,
    /// Circumstances.
    pub flags: Flags,
    /// The entries it rests on, in order of time; the trigger first.
    pub events: SmallVec<[EventId; 4]>,
    /// What would have to be recorded.
    pub missing: Vec<Missing>,
    /// Why, where needed.
    pub reason: Option<Reason>,
}

/// As of when a log is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Entries whose `at` is later are not yet there; what is due by then is due.
    pub now: Moment,
    /// Entries recorded later are not yet known.
    pub known_at: Moment,
}
