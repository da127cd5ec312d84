//! The words and frames of one language: everything in a sentence that is not a name, number, date or quotation.
//!
//! A frame is a clause or phrase with holes: `after {0}, {1}`. A language is a table of frames, so that adding one means writing a file and
//! no Rust. Frames govern the nominative (rule-language, section 1): what goes into a hole is never inflected.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

macro_rules! frames {
    ($($frame:ident $english:literal)*) => {
        /// A clause, phrase or word of the language; its English form stands in the table of `words.rs`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(missing_docs, reason = "the English form of each, in the table that makes them, says what it is")]
        pub enum Frame { $($frame),* }

        /// Every frame with its key in a table and its English form, in the order of the enum.
        pub const FRAMES: &[(Frame, &str, &str)] = &[$((Frame::$frame, stringify!($frame), $english)),*];
    };
}

frames! {
    // Joints
    And "{0} and {1}"
    Or "{0} or {1}"
    Comma "{0}, {1}"
    Semicolon "{0}; {1}"
    Brackets "({0})"
    Quotation "\"{0}\""
    NounBeforeConsonant "a {0}"
    NounBeforeVowel "an {0}"
    // Clauses of a rule
    RuleId "rule {0}"
    Cites "cites {0}"
    Paragraph "{0} paragraph {1}"
    Article "{0} article {1}"
    RuleLabel "{0} rule {1}"
    Principle "{0} principle {1}"
    Section "{0} section {1}"
    Note "{0} note {1}"
    InForceFrom "in force from {0}"
    InForceBetween "in force from {0} until {1}"
    Severity "severity {0}"
    Critical "critical"
    Serious "serious"
    Notable "notable"
    Record "record"
    ForEach "for each {0}, {1}"
    ForEachWhere "for each {0} where {1}, {2}"
    Unless "unless {0}, {1}"
    DoesNotApply "the rule does not apply"
    LimitIs "the limit is {0}"
    Excused "a breach is excused"
    TimeDoesNotRun "the time does not run while {0}"
    CalendarDays "days are counted as calendar days"
    WorkingDays "days are counted as working days"
    WholeDays "days are counted as whole days"
    RecordedWithin "it must be recorded within {0}"
    Outlasts "it outlasts the custody"
    Irrespective "this holds irrespective of {0}"
    Tell "on breach, tell {0}"
    TellWithin "on breach, tell {0} within {1}"
    // Bodies
    After "after {0}, {1}"
    AfterFirst "after the first {0}, {1}"
    AfterLatest "after the latest {0}, {1}"
    MustHappen "{0} must happen {1}"
    MustNotHappen "no {0} may happen {1}"
    Before "before {0}, {1} must have happened"
    NotMoreThanEarlier "{0} not more than {1} earlier"
    While "while {0}, {1}"
    AtAllTimes "at all times, {0} must be {1}"
    Less "{0} less the {1}"
    DividedBy "{0} divided by the number of {1} in it"
    MustRecord "every {0} must record {1}"
    MustSatisfy "every {0} must satisfy {1}"
    MustRestOn "every {0} must rest on {1} by {2}"
    GivenNotMoreThanEarlier "{0} given not more than {1} earlier"
    Never "no {0} may happen"
    ClockRuns "the clock {0} runs {1} from {2}, {3} must happen before it ends"
    NotLonger "it must not last longer than {0}"
    InAny "{0} in any {1}"
    WithoutBreak "{0} without a break of at least {1}"
    Forbidden "it is forbidden"
    MustBePresent "there must be {0} {1} present"
    MustBePresentWhere "there must be {0} {1} present where {2}"
    AtLeastEvery "{0} must happen at least every {1}"
    FirstWithin "{0}, the first within {1}"
    // Limits, spans and numbers
    WithinTheLimit "within the limit {0}"
    Within "within {0}"
    ByField "by the {0}"
    BeforeField "by {0} before the {1}"
    BeforeEvent "before {0}"
    AsLongAs "as long as {0}"
    AtLeast "at least {0}"
    AtMost "at most {0}"
    Exactly "exactly {0}"
    OneSecond "{0} second"
    Seconds "{0} seconds"
    OneMinute "{0} minute"
    Minutes "{0} minutes"
    OneHour "{0} hour"
    Hours "{0} hours"
    OneDay "{0} day"
    Days "{0} days"
    OneMonth "{0} month"
    Months "{0} months"
    OneYear "{0} year"
    Years "{0} years"
    Measured "{0} {1}"
    SquareMetre "square metre"
    SquareMetres "square metres"
    Metre "metre"
    Metres "metres"
    Millimetre "millimetre"
    Millimetres "millimetres"
    Kilometre "kilometre"
    Kilometres "kilometres"
    Litre "litre"
    Litres "litres"
    Kilogram "kilogram"
    Kilograms "kilograms"
    Gram "gram"
    Grams "grams"
    Milligram "milligram"
    Milligrams "milligrams"
    Degree "degree"
    Degrees "degrees"
    Percent "percent"
    // Events, conditions and tests
    Whose "{0} whose {1} {2}"
    AndWhose "{0} and whose {1} {2}"
    HasHappened "{0} has happened"
    HasNotHappened "{0} has not happened"
    SubjectIs "the {0} is {1}"
    SubjectIsNot "the {0} is not {1}"
    TheField "the {0}"
    TheFieldOf "the {0} of the {1}"
    Tested "{0} {1}"
    Is "is {0}"
    IsNot "is not {0}"
    IsOneOf "is one of ({0})"
    IsKnown "is known"
    Includes "includes {0}"
    DoesNotInclude "does not include {0}"
    IncludesAllOf "includes all of ({0})"
    IsAtLeast "is at least {0}"
    IsAtMost "is at most {0}"
    IsMoreThan "is more than {0}"
    IsLessThan "is less than {0}"
    Yes "yes"
    No "no"
    // Declarations
    Event "event {0} of {1}"
    Extend "extend {0}"
    OncePer "once per {0}"
    Opens "opens {0}"
    Closes "closes {0}"
    Describes "describes {0}"
    ByRole "by role"
    Corrects "corrects"
    Withdraws "withdraws"
    SeenAs "seen as {0}"
    As "as {0}"
    WithFields "{0}: {1}"
    Field "{0} {1}"
    ListOf "list of {0}"
    Choice "choice({0})"
    Choices "choices({0})"
    ChoiceOf "choice of {0}"
    ChoicesOf "choices of {0}"
    Text "text"
    YesNo "yes/no"
    Number "number"
    NumberOf "number {0}"
    Money "money"
    Date "date"
    Time "time"
    Span "span"
    Duration "duration"
    FileHash "file hash"
    Language "language"
    Country "country"
    Signature "signature"
    BodyMark "body mark"
    RoleType "role"
    Place "place"
    Person "person"
    Officer "officer"
    Ref "ref"
    RefTo "ref({0})"
    Public "public"
    Custody "custody"
    Identity "identity"
    Medical "medical"
    Privileged "privileged"
    Required "required"
    RequiredWhen "required when {0} {1}"
    List "list {0}: {1}"
    Alias "alias {0} is {1}"
    State "state {0} of {1}: {2}"
    FromUntil "from {0} until {1}"
    AgeBelow "age below {0} years"
    Always "at all times"
    Present "{0} {1} present"
    Item "item {0} of {1}: {2}"
    OneForEach "{0}, one for each {1}"
    EachInOne "{0}, each in one {1} at a time"
    TheOther "the other {0} of the same {1}"
    WhoAre "{0} who are {1}"
    WhoAreNot "{0} who are not {1}"
    Clock "clock {0} of {1}"
    Limit "limit {0} is {1}, set by {2}, because {3}"
    LimitFrom "limit {0} is {1}, set by {2}, from {3}, because {4}"
    BySource "source"
    ByStandard "standard"
    ByOperator "operator"
    Role "role {0}: {1}"
    AddressBook "address-book entry {0}, language {1}"
    DeskRole "desk role {0}"
    // Statistical returns
    Title "title {0}"
    AskedBy "asked by {0}"
    ClassConduct "class conduct"
    ClassPerson "class person"
    Column "column {0}: {1}"
    ColumnWhere "{0} where {1}"
    WhereVerdict "{0} where the verdict is {1}"
    WhereVerdictOneOf "{0} where the verdict is one of ({1})"
    CountSubjects "number of {0} with {1}"
    CountSeveral "number of {0} with {1} {2}"
    CountEvents "number of {0}"
    CountDifferent "number of different {0} of {1}"
    CountVerdicts "number of verdicts of {0}"
    CountStock "number of {0} while {1}"
    AtTheStart "{0} at the start"
    AtTheEnd "{0} at the end"
    OnDay "{0} on {1}"
    AverageDaily "average daily number of {0} while {1}"
    DaysOf "days of {0} while {1}"
    TimeFrom "{0} time from {1} to {2}"
    LengthOf "{0} length of {1}"
    StatOfField "{0} of the {1} of {2}"
    CohortByEnd "of {0}, number with {1} by the end"
    CohortAsOf "of {0}, number with {1} by as-of"
    ShareOf "share of {0} in {1}"
    RateOf "rate of {0} per {1} {2}"
    TypedIn "typed in"
    Total "total"
    Median "median"
    Ninetieth "ninetieth"
    Longest "longest"
    Least "least"
    Mean "mean"
    NumberOver "number over {0} of"
    TotalOver "total over {0} of"
    DatedBy "dated by {0}"
    By "by {0}"
    FieldOfThe "{0} of the {1}"
    AgeOfPerson "age of the person"
    KindOfPlace "kind of place"
    Region "region"
    RuleDimension "rule"
    VerdictDimension "verdict"
    DayDimension "day"
    MonthDimension "month"
    Quarter "quarter"
    YearDimension "year"
    HourDimension "hour"
    InBands "{0} in bands {1}"
    LeavesOut "leaves out {0}, because {1}"
    LinkedTo "linked to {0}"
    PartsOf "parts of {0}: {1}"
    Trap "trap {0}"
    // Flows and access lines
    Flow "flow {0} of {1}: for {2}; {3}"
    RecordStep "record {0}"
    With "{0} with {1}"
    When "{0} when {1}"
    Optional "{0} optional"
    Repeatable "{0} repeatable"
    Show "show {0}"
    Duties "duties"
    Room "room {0} of {1}: for {2}; {3}"
    From "from {0}"
    ByDate "by {0}"
    ForEachField "{0} for each {1}"
    Allow "allow {0} to {1} {2}, because {3}"
    AllowWhen "allow {0} to {1} {2} when {3}, because {4}"
    Deny "deny {0} to {1} {2}, because {3}"
    DenyWhen "deny {0} to {1} {2} when {3}, because {4}"
    Excludes "duty {0} excludes {1}"
    Cedar "cedar {0}"
    MayRead "read"
    MayRecord "record"
    MayCorrect "correct"
    MayPrint "print"
    MayExport "export"
    MaySearch "search"
    MayApprove "approve"
    Everything "everything"
    Class "class {0}"
    Table "table {0}"
    RecordOf "record of {0}"
    Not "not {0}"
    OwnPlace "own place"
    OwnClient "own client"
    OwnPatient "own patient"
    OwnCase "own case"
    Own "self"
    NamedInIt "named in it"
    OverOneNamed "over one named in it"
    ConsentGiven "consent given"
    BreakGlass "break glass"
    OnShift "on shift"
}

/// All frames of one language.
#[derive(Clone, Debug)]
pub struct Words {
    /// Each frame in its forms: one, or three where the language has a form for 1, for 2 to 4 and for the rest (`час|часа|часов`).
    frames: Vec<Vec<Cow<'static, str>>>,
    /// Letters whose capital is not the usual one, each with it.
    capitals: Vec<(char, char)>,
}

/// Where the letters with capitals of their own stand in a table: `iİ ıI`.
const CAPITALS: &str = "Capitals";

/// What is wrong with a language's table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongTable {
    /// A frame is not there.
    #[error("the frame `{key}` is missing; in English it is `{english}`")]
    Missing {
        /// Its key.
        key: &'static str,
        /// Its English form.
        english: &'static str,
    },
    /// A frame drops, repeats or adds a hole.
    #[error("the frame `{key}` has other holes than in English, where it is `{english}`")]
    Holes {
        /// Its key.
        key: &'static str,
        /// Its English form.
        english: &'static str,
    },
}

static ENGLISH: LazyLock<Words> =
    LazyLock::new(|| Words { frames: FRAMES.iter().map(|(_, _, english)| vec![Cow::Borrowed(*english)]).collect(), capitals: Vec::new() });

impl Words {
    /// Fixed English: the language that is also read.
    #[must_use]
    pub fn english() -> &'static Words {
        &ENGLISH
    }

    /// Another language, from its table of frames by key.
    ///
    /// # Errors
    /// Every frame that is missing or has other holes than the English one: a sentence of law with a word left out is another sentence.
    pub fn from_table(table: &HashMap<String, String>) -> Result<Words, Vec<WrongTable>> {
        let mut wrong = Vec::new();
        let mut frames = Vec::with_capacity(FRAMES.len());
        for (_, key, english) in FRAMES {
            match table.get(*key) {
                Some(frame) if frame.split('|').all(|form| holes(form) == holes(english)) => {
                    frames.push(frame.split('|').map(|form| Cow::Owned(form.to_owned())).collect());
                }
                Some(_) => wrong.push(WrongTable::Holes { key, english }),
                None => wrong.push(WrongTable::Missing { key, english }),
            }
        }
        let pair = |letters: &str| Some((letters.chars().next()?, letters.chars().nth(1)?));
        let capitals = table.get(CAPITALS).map(|pairs| pairs.split(' ').filter_map(pair).collect()).unwrap_or_default();
        if wrong.is_empty() { Ok(Words { frames, capitals }) } else { Err(wrong) }
    }

    /// The forms of a frame.
    pub(super) fn forms(&self, frame: Frame) -> &[Cow<'static, str>] {
        &self.frames[frame as usize]
    }

    /// A frame with its holes filled.
    pub(crate) fn say(&self, frame: Frame, parts: &[&str]) -> String {
        filled(&self.frames[frame as usize][0], parts)
    }

    /// A frame in the form that a number asks for.
    pub(crate) fn say_counted(&self, frame: Frame, number: u32, parts: &[&str]) -> String {
        let forms = &self.frames[frame as usize];
        let form = match (number % 10, number % 100) {
            (1, rest) if rest != 11 => 0,
            (2..=4, rest) if !(12..=14).contains(&rest) => 1,
            _ => 2,
        };
        filled(&forms[form.min(forms.len() - 1)], parts)
    }

    /// A letter as the first of a sentence.
    pub(crate) fn capital(&self, letter: char) -> String {
        let own = self.capitals.iter().find(|(small, _)| *small == letter).map(|(_, large)| large.to_string());
        own.unwrap_or_else(|| letter.to_uppercase().collect())
    }

    /// Text in small letters, as two spellings of one word are compared.
    pub(crate) fn small(&self, text: &str) -> String {
        let letters = text.chars().map(|letter| {
            let own = self.capitals.iter().find(|(_, large)| *large == letter).map(|(small, _)| small.to_string());
            own.unwrap_or_else(|| letter.to_lowercase().collect())
        });
        letters.collect()
    }
}

fn filled(frame: &str, parts: &[&str]) -> String {
    let mut said = String::new();
    let mut rest: &str = frame;
    while let Some((before, hole, after)) = next_hole(rest) {
        said.push_str(before);
        said.push_str(parts.get(hole).copied().unwrap_or_default());
        rest = after;
    }
    said.push_str(rest);
    said
}

/// The text before the next hole, the hole's number, and the text after it.
pub(super) fn next_hole(frame: &str) -> Option<(&str, usize, &str)> {
    let (before, rest) = frame.split_once('{')?;
    let (hole, after) = rest.split_once('}')?;
    Some((before, hole.parse().ok()?, after))
}

fn holes(frame: &str) -> Vec<usize> {
    let mut holes = Vec::new();
    let mut rest = frame;
    while let Some((_, hole, after)) = next_hole(rest) {
        holes.push(hole);
        rest = after;
    }
    holes.sort_unstable();
    holes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn english_table() -> HashMap<String, String> {
        FRAMES.iter().map(|(_, key, english)| ((*key).to_owned(), (*english).to_owned())).collect()
    }

    #[test]
    fn a_language_may_say_the_parts_in_another_order() {
        let mut table = english_table();
        table.insert("While".to_owned(), "{1}, müddət: «{0}»".to_owned());
        let words = Words::from_table(&table).expect("complete");
        assert_eq!(words.say(Frame::While, &["isolated", "it is forbidden"]), "it is forbidden, müddət: «isolated»");
    }

    #[test]
    fn a_language_that_lacks_a_frame_or_drops_a_hole_is_refused_with_all_that_is_wrong() {
        let mut table = english_table();
        table.remove("Outlasts");
        table.insert("While".to_owned(), "while, {1}".to_owned());
        let wrong = Words::from_table(&table).expect_err("two frames are wrong");
        assert_eq!(
            wrong,
            [
                WrongTable::Missing { key: "Outlasts", english: "it outlasts the custody" },
                WrongTable::Holes { key: "While", english: "while {0}, {1}" }
            ]
        );
    }

    #[test]
    fn a_name_with_braces_in_it_is_said_as_it_is() {
        assert_eq!(Words::english().say(Frame::And, &["{1}", "b"]), "{1} and b");
    }
}
