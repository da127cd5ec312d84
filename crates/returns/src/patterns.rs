//! The patterns that are looked for: their names, and what a finding means and does not mean.

/// A pattern that is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pattern {
    /// Minutes that end in 0 or 5.
    RoundTimes,
    /// Entered later than the codebook tolerates.
    LateEntries,
    /// Entered in the very second in which it is said to have happened.
    TypingTimes,
    /// The same words as the entry before, of the same kind and unit.
    CopiedWords,
    /// A signature given as refused.
    RefusedSignatures,
    /// A check on somebody who was outside by the record's own words.
    AbsentPersons,
    /// Three or more entries of one kind entered in one second.
    GroupEntries,
    /// Checks of one person at intervals equal to the minute, six in a row.
    EqualIntervals,
    /// More persons checked by one officer in a minute than can be walked to.
    HurriedRounds,
    /// Entries of three or more kinds about one custody, made in one second.
    KindsInOneSecond,
    /// An officer named at two places within five minutes.
    TwoPlaces,
    /// Interviews that ended whole hours after they began.
    WholeHours,
    /// A check in the cell on somebody who was being interviewed.
    CheckedInInterview,
    /// Reviews at which the person is said to have been asleep.
    Asleep,
    /// Force after which no doctor saw the person within a day.
    ForceWithoutDoctor,
    /// Late entries made in the day before a visit to the place.
    BeforeAVisit,
    /// Something done by an officer who had shifts entered, and none then.
    OffShift,
    /// An arrival that came more than twice as long after the arrest as journeys to that place take.
    LongJourneys,
    /// Rights noted as understood by somebody who had just been noted as intoxicated.
    UnderstoodIntoxicated,
    /// A request for a lawyer after which no lawyer was called, nor came, within a day.
    NotPassedOn,
    /// An arrival of a lawyer that only the lawyer entered.
    OnlyTheLawyer,
    /// A right given up within minutes of a contact with whoever would have come.
    WaivedAtOnce,
    /// A recording shorter than its interview by more than a twentieth.
    ShortRecordings,
    /// A statement on force in the very words of an earlier one.
    SameStatements,
    /// Force with more officers named than statements made within a day.
    FewStatements,
    /// A fresh injury found hours after the arrival, with neither force nor an incident in the two days before.
    InjuryWithoutForce,
    /// A number left out in a series of custodies.
    MissingNumbers,
    /// A review in person by somebody whose shift was at another place.
    ReviewedFromAfar,
    /// Late entries about a time before a death, made at that place in the day after it.
    AfterADeath,
}

impl Pattern {
    /// All of them.
    pub const ALL: [Pattern; 29] = [
        Pattern::RoundTimes,
        Pattern::LateEntries,
        Pattern::TypingTimes,
        Pattern::CopiedWords,
        Pattern::RefusedSignatures,
        Pattern::AbsentPersons,
        Pattern::GroupEntries,
        Pattern::EqualIntervals,
        Pattern::HurriedRounds,
        Pattern::KindsInOneSecond,
        Pattern::TwoPlaces,
        Pattern::WholeHours,
        Pattern::CheckedInInterview,
        Pattern::Asleep,
        Pattern::ForceWithoutDoctor,
        Pattern::BeforeAVisit,
        Pattern::OffShift,
        Pattern::LongJourneys,
        Pattern::UnderstoodIntoxicated,
        Pattern::NotPassedOn,
        Pattern::OnlyTheLawyer,
        Pattern::WaivedAtOnce,
        Pattern::ShortRecordings,
        Pattern::SameStatements,
        Pattern::FewStatements,
        Pattern::InjuryWithoutForce,
        Pattern::MissingNumbers,
        Pattern::ReviewedFromAfar,
        Pattern::AfterADeath,
    ];

    /// Its name in output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Pattern::RoundTimes => "round times",
            Pattern::LateEntries => "late entries",
            Pattern::TypingTimes => "typing times",
            Pattern::CopiedWords => "copied words",
            Pattern::RefusedSignatures => "refused signatures",
            Pattern::AbsentPersons => "checks on absent persons",
            Pattern::GroupEntries => "entries in one second",
            Pattern::EqualIntervals => "equal intervals",
            Pattern::HurriedRounds => "hurried rounds",
            Pattern::KindsInOneSecond => "kinds in one second",
            Pattern::TwoPlaces => "two places at once",
            Pattern::WholeHours => "whole hours",
            Pattern::CheckedInInterview => "checks during an interview",
            Pattern::Asleep => "asleep at the review",
            Pattern::ForceWithoutDoctor => "force without a doctor",
            Pattern::BeforeAVisit => "late entries before a visit",
            Pattern::OffShift => "off shift",
            Pattern::LongJourneys => "long journeys",
            Pattern::UnderstoodIntoxicated => "understood while intoxicated",
            Pattern::NotPassedOn => "requests not passed on",
            Pattern::OnlyTheLawyer => "known from the lawyer only",
            Pattern::WaivedAtOnce => "waived after a contact",
            Pattern::ShortRecordings => "short recordings",
            Pattern::SameStatements => "the same statement",
            Pattern::FewStatements => "fewer statements than officers",
            Pattern::InjuryWithoutForce => "injury without force",
            Pattern::MissingNumbers => "missing numbers",
            Pattern::ReviewedFromAfar => "reviewed from another place",
            Pattern::AfterADeath => "late entries after a death",
        }
    }

    /// What a finding means, and what it does not.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        MEANINGS[self as usize]
    }
}

/// What a finding of each pattern means, and what it does not; in the order of [`Pattern::ALL`].
const MEANINGS: [&str; 29] = [
    // round times
    "More times end in 0 or 5 than elsewhere: they may have been estimated, or written from memory. It does not mean \
     that the events did not happen.",
    // late entries
    "More entries were made late than elsewhere: ask whether the terminal, the line or the staff was missing. It does \
     not mean that the entries are false.",
    // typing times
    "More entries give the second of typing as the time of the event: the real time is probably earlier. It does not \
     mean that nothing was done.",
    // copied words
    "More entries repeat the words of the one before: observations may be copied. It does not mean so where the words \
     are a set phrase.",
    // refused signatures
    "More signatures are given as refused: ask the persons concerned. It does not mean that they did not refuse.",
    // checks on absent persons
    "A check was entered for a person who was outside by the record's own words: one of the two entries is wrong. It \
     does not say which.",
    // entries in one second
    "Several entries of one kind were made in one second: they were entered together. It does not mean that they are \
     wrong; a round of checks may be synchronised from a device.",
    // equal intervals
    "Checks follow each other at intervals equal to the minute, six or more in a row, more often than elsewhere: the \
     round may have been written down by the clock and not walked. It does not mean that nobody looked; a device that \
     asks for a check on the minute gives the same.",
    // hurried rounds
    "One officer checked more persons in a minute than can be walked to, more often than elsewhere. It does not mean so \
     where one hatch shows several.",
    // kinds in one second
    "Entries of several kinds about one person were made in the same second: steps that take minutes were entered \
     together. It does not mean that they were not taken.",
    // two places at once
    "An officer is named at two places within five minutes: one of the two is wrong, or the name was borrowed. It does \
     not say which.",
    // whole hours
    "More interviews lasted a whole number of hours than elsewhere: the end may have been written to fit a limit. It \
     does not mean that they lasted longer.",
    // checks during an interview
    "A check in the cell was entered for a person who was being interviewed by the record's own words: one of the two \
     entries is wrong. It does not say which.",
    // asleep at the review
    "More persons are said to have been asleep when their detention was reviewed: ask whether the reviewer came. It \
     does not mean that they were awake; reviews at night find people asleep.",
    // force without a doctor
    "After force, a doctor is recorded within a day less often than elsewhere. It does not mean that somebody was hurt.",
    // late entries before a visit
    "More late entries were made in the day before a visit than elsewhere: the record may have been put in order for \
     it. It does not mean that what was entered is false.",
    // off shift
    "More was done by officers who were not on shift by the record's own words: the name or the shift is wrong. It does \
     not mean that nobody did it.",
    // long journeys
    "More arrivals came long after the arrest than journeys to the same place take: ask where the person was in \
     between. It does not mean that anything happened on the way; an escort that takes several people to several places \
     is long for the last.",
    // understood while intoxicated
    "More persons who had been noted as intoxicated are said to have understood their rights: they may have been read \
     out for the record. It does not mean that nobody explained them again later.",
    // requests not passed on
    "After a request for a lawyer, more often than elsewhere nobody is recorded as having called one within a day. It \
     does not mean that nobody did: the call may not have been entered.",
    // known from the lawyer only
    "More arrivals of lawyers are known from their own entries only: the desk that let them in wrote nothing. It does \
     not mean that they were kept waiting.",
    // waived after a contact
    "More persons gave up a right within a quarter of an hour of a contact about it than elsewhere: ask what they were \
     told. It does not mean that they were pressed.",
    // short recordings
    "More recordings are shorter than their interviews than elsewhere: part of them was not recorded, or the times are \
     wrong. It does not mean that anything was cut out; breaks are not counted as interview.",
    // the same statement
    "More statements on the use of force have the very words of an earlier one: they may have been agreed on, or \
     copied. It does not mean so where a form gives the words.",
    // fewer statements than officers
    "After force, more often than elsewhere fewer statements were entered than officers were named. It does not mean \
     that anybody keeps silent: one may have written for all.",
    // injury without force
    "More fresh injuries were found on persons held for hours, with neither force nor an incident entered before: \
     something was not entered. It does not mean that an official did it; people fall, and hurt themselves.",
    // missing numbers
    "More numbers are missing from the series of custodies than elsewhere: records may have been opened and not kept. \
     It does not mean so where numbers are given out in blocks, or to more than one desk.",
    // reviewed from another place
    "More reviews in person were held by officers whose shift was at another place: the review may have been held by \
     telephone, or on paper. It does not mean that nobody came; a duty inspector serves several stations.",
    // late entries after a death
    "More late entries were made in the day after a death than elsewhere: the record may have been put in order. It \
     does not mean that what was entered is false; that day everybody looks at the record.",
];

/// What entries are grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unit {
    /// The place that the entry names.
    Place,
    /// A third of the day: 00-08, 08-16, 16-24.
    Shift,
    /// The officer of the field `done by`.
    Officer,
}

impl Unit {
    /// All of them.
    pub const ALL: [Unit; 3] = [Unit::Place, Unit::Shift, Unit::Officer];
    /// Its name in output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Unit::Place => "place",
            Unit::Shift => "shift",
            Unit::Officer => "officer",
        }
    }
}
