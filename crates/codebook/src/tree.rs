//! A checked codebook: every declaration and rule, with all names resolved to numbers.
//!
//! One representation carries the whole way: the parser makes it, `render` reads it aloud in any language, the checks
//! question it, the monitor judges by it, the desk makes forms from it. Marks ([`Mark`]) say where the author wrote a thing and
//! never count in comparisons, so `parse(render(tree)) == tree` is a fair test.

use crate::diagnostic::{Mark, SourceFile};
use crate::moment::{Almanac, Length};
use jiff::civil;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

macro_rules! number {
    ($(#[$doc:meta] $name:ident)*) => {$(
        #[$doc]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u16);
        impl $name {
            /// As an index into the codebook's list of these.
            #[must_use]
            pub fn index(self) -> usize { self.0 as usize }
        }
    )*};
}
number! {
    /// Class of subjects: index into [`Codebook::classes`].
    ClassId
    /// Kind of event: index into [`Codebook::kinds`].
    KindId
    /// Name of a field, shared by every kind that has one so called: index into [`Codebook::field_names`].
    FieldId
    /// A value of some choice, by its spelling: index into [`Codebook::value_names`].
    ValueId
    /// Index into [`Codebook::aliases`].
    AliasId
    /// Index into [`Codebook::states`].
    StateId
    /// Index into [`Codebook::items`].
    ItemId
    /// Index into [`Codebook::clocks`].
    ClockId
    /// Index into [`Codebook::limits`] (one name; several versions inside).
    LimitId
    /// Index into [`Codebook::lists`].
    ListId
    /// Index into [`Codebook::roles`].
    RoleId
    /// Index into [`Codebook::rules`] (one version of one rule).
    RuleId
}

/// A whole codebook with everything it builds on.
#[derive(Clone, Debug)]
pub struct Codebook {
    /// Identifier of the pack, for example `conformance`.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Version of the pack.
    pub version: String,
    /// IANA name of its zone.
    pub zone_name: String,
    /// Zone and working days.
    pub almanac: Almanac,
    /// BCP 47 languages of the pack.
    pub languages: Vec<String>,
    /// Packs that it builds on, direct ones.
    pub builds_on: Vec<String>,
    /// Whether it declares words for others to build on, used by its own rules or not.
    pub is_vocabulary: bool,
    /// Tolerance of late entry in microseconds.
    pub late_entry_after: i64,
    /// What may be cited.
    pub sources: Vec<Source>,
    /// Classes of subjects, in the order declared.
    pub classes: Vec<Class>,
    /// Kinds of events; the built-in ones ([`Builtin`]) come first.
    pub kinds: Vec<Kind>,
    /// Spellings of field names.
    pub field_names: Vec<String>,
    /// Spellings of values of choices. `yes` and `no` are not among them.
    pub value_names: Vec<String>,
    /// Named event patterns.
    pub aliases: Vec<Alias>,
    /// States.
    pub states: Vec<State>,
    /// Things counted.
    pub items: Vec<Item>,
    /// Clocks.
    pub clocks: Vec<Clock>,
    /// Named numbers.
    pub limits: Vec<Limit>,
    /// Named lists of values.
    pub lists: Vec<List>,
    /// Addressees and desk roles.
    pub roles: Vec<Role>,
    /// Rules, every version one entry, in chapter order.
    pub rules: Vec<Rule>,
    /// Forms: events recorded together.
    pub flows: Vec<Flow>,
    /// Work lists, in chapter order.
    pub rooms: Vec<crate::room::Room>,
    /// Who may read and record what.
    pub access: Vec<Access>,
    /// Statistical returns, every version one entry, in chapter order.
    pub tables: Vec<crate::table::Table>,
    /// The chapters, in reading order, those of built-on packs first.
    pub chapters: Vec<Chapter>,
    /// Words of other languages, from the `i18n` folders.
    pub labels: crate::i18n::Labels,
    /// The files as the author wrote them; [`Mark::file`] points here.
    pub files: Vec<SourceFile>,
}

/// Kinds that exist in every codebook undeclared: always at these places of [`Codebook::kinds`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Builtin {
    /// `correction`, field `corrects`.
    Correction = 0,
    /// `withdrawal`, field `corrects`.
    Withdrawal = 1,
    /// `breach found`, fields `safeguard` and `grade` (rule-language, section 5).
    BreachFound = 2,
}
impl Builtin {
    /// Its place in [`Codebook::kinds`].
    #[must_use]
    pub fn kind(self) -> KindId {
        KindId(self as u16)
    }
}

/// One Markdown chapter.
#[derive(Clone, Debug, PartialEq)]
pub struct Chapter {
    /// Pack that it belongs to.
    pub pack: String,
    /// Index into [`Codebook::files`].
    pub file: u32,
    /// Its first heading.
    pub title: String,
}

/// A source that rules cite.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// Name as cited.
    pub name: String,
    /// Full title, if given.
    pub title: Option<String>,
    /// Where it can be read, if given.
    pub url: Option<String>,
    /// Labels by kind; runs of numbers are kept as runs.
    pub labels: BTreeMap<LabelKind, Vec<LabelRun>>,
}

/// Kind of label in a citation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LabelKind {
    /// paragraph
    Paragraph,
    /// article
    Article,
    /// rule
    Rule,
    /// principle
    Principle,
    /// section
    Section,
    /// note
    Note,
}

/// Labels that a source has.
#[derive(Clone, Debug, PartialEq)]
pub enum LabelRun {
    /// One label, for example `12B`.
    One(String),
    /// A run of whole numbers, both ends included.
    Numbers(u32, u32),
}

/// A class of subjects.
#[derive(Clone, Debug, PartialEq)]
pub struct Class {
    /// `custody`, `person`, `cell` ...
    pub name: String,
    /// A class that never joins an answer to its trigger.
    pub thing: bool,
}

/// Who may read a field or learn of an event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sensitivity {
    /// Anyone.
    Public,
    /// Those who work with the custody.
    #[default]
    Custody,
    /// Identity of persons.
    Identity,
    /// Health.
    Medical,
    /// The named recipient only.
    Privileged,
}

/// A kind of event.
#[derive(Clone, Debug, PartialEq)]
pub struct Kind {
    /// Name with spaces as declared. In a log: `_` for spaces and hyphens.
    pub name: String,
    /// Subjects: the first is required, the others may be absent.
    pub subjects: Vec<ClassId>,
    /// `once per X`.
    pub once_per: Vec<ClassId>,
    /// `opens X`.
    pub opens: Vec<ClassId>,
    /// `closes X`.
    pub closes: Vec<ClassId>,
    /// `describes X`: its fields are facts of X.
    pub describes: Vec<ClassId>,
    /// `by role`: has the built-in field `by` (also listed in `fields`).
    pub by_role: bool,
    /// A pack's own kind for correction.
    pub corrects: bool,
    /// A pack's own kind for withdrawal.
    pub withdraws: bool,
    /// Class of the fact that it happened.
    pub seen_as: Sensitivity,
    /// Screen roles (`as arrest`).
    pub screens: Vec<String>,
    /// Fields in the order declared.
    pub fields: Vec<Field>,
    /// Where declared.
    pub mark: Mark,
}

/// A field of a kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Its name.
    pub name: FieldId,
    /// `list of`.
    pub list: bool,
    /// What it holds.
    pub of: FieldType,
    /// Who may read it.
    pub sensitivity: Sensitivity,
    /// When the register insists on it.
    pub required: Required,
    /// Where declared.
    pub mark: Mark,
}

/// When a draft without the field is refused. A log judged by `check` may lack it.
#[derive(Clone, Debug, PartialEq)]
pub enum Required {
    /// Optional.
    No,
    /// Always.
    Always,
    /// Only if the other field of the same event passes the test.
    When(FieldId, Test),
}

/// What a field holds.
#[derive(Clone, Debug, PartialEq)]
pub enum FieldType {
    /// One of these values.
    Choice(Choices),
    /// Several of these values.
    Choices(Choices),
    /// Free text.
    Text,
    /// Yes or no.
    YesNo,
    /// A number, with its unit of measure or bare.
    Number(Option<Unit>),
    /// Amount and ISO 4217 currency.
    Money,
    /// A civil date, possibly known only to the year or month.
    Date,
    /// A time, as precise as known.
    Time,
    /// Start and end.
    Span,
    /// ISO 8601 duration.
    Duration,
    /// Hash of a file.
    FileHash,
    /// BCP 47.
    Language,
    /// ISO 3166.
    Country,
    /// Signed, refused or unable.
    Signature,
    /// A mark on the body map.
    BodyMark,
    /// A declared role.
    Role,
    /// A place by id.
    Place,
    /// A person by id.
    Person,
    /// An officer by id.
    Officer,
    /// A subject of this class by id; joins nothing.
    Subject(ClassId),
    /// Id of an event, of one of these kinds if any is named.
    Ref(Vec<KindId>),
}

impl FieldType {
    /// The values of a choice; `None` for other types.
    #[must_use]
    pub fn choices(&self) -> Option<&Choices> {
        if let FieldType::Choice(choices) | FieldType::Choices(choices) = self { Some(choices) } else { None }
    }
}

/// Values of a choice.
#[derive(Clone, Debug, PartialEq)]
pub enum Choices {
    /// Written in place.
    Here(Vec<ValueId>),
    /// `choice of LIST`.
    Of(ListId),
}

/// Units of measure that are built in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// square metre
    SquareMetre,
    /// metre
    Metre,
    /// millimetre
    Millimetre,
    /// kilometre
    Kilometre,
    /// litre
    Litre,
    /// kilogram
    Kilogram,
    /// gram
    Gram,
    /// milligram
    Milligram,
    /// degree
    Degree,
    /// percent
    Percent,
}

/// A number as written: exact, with a unit or bare.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantity {
    /// Exact decimal.
    pub number: Decimal,
    /// Unit; `None` is a bare count.
    pub unit: Option<Unit>,
}

/// `list NAME: VALUE, …`
#[derive(Clone, Debug, PartialEq)]
pub struct List {
    /// Its name.
    pub name: String,
    /// Its values.
    pub values: Vec<ValueId>,
    /// Where declared.
    pub mark: Mark,
}

/// `alias NAME is event.`
#[derive(Clone, Debug, PartialEq)]
pub struct Alias {
    /// Its name.
    pub name: String,
    /// What it stands for.
    pub pattern: Pattern,
    /// Where declared.
    pub mark: Mark,
}

/// A state.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// Its name.
    pub name: String,
    /// Subjects; between events there is one run for each subject named last.
    pub subjects: Vec<ClassId>,
    /// When it holds.
    pub holds: Holds,
    /// Where declared.
    pub mark: Mark,
}

/// When a state holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Holds {
    /// `from e or f until g or h`: half-open runs.
    Between {
        /// Any of these starts it.
        from: Vec<Pattern>,
        /// Any of these ends it.
        until: Vec<Pattern>,
    },
    /// `age below N years`; needs the fact `born`.
    AgeBelow(u32),
    /// The life of its subject.
    Always,
    /// While an item is so many times present.
    Count {
        /// At least, at most or exactly.
        bound: Bound,
        /// How many.
        number: u32,
        /// Of what.
        item: ItemId,
    },
}

/// Direction of a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// at least
    AtLeast,
    /// at most
    AtMost,
    /// exactly
    Exactly,
}

/// What is counted.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Its name.
    pub name: String,
    /// The subjects one counts it of.
    pub subjects: Vec<ClassId>,
    /// Which are there.
    pub present: Presence,
    /// Where declared.
    pub mark: Mark,
}

/// Which items are there at an instant.
#[derive(Clone, Debug, PartialEq)]
pub enum Presence {
    /// From one event until another, once for each different value.
    Between {
        /// Any of these starts it.
        from: Vec<Pattern>,
        /// Any of these ends it.
        until: Vec<Pattern>,
        /// What makes two of them different.
        each: Each,
        /// `each in one CLASS at a time`: a start in one ends the presence in another (flag `end_inferred`).
        one_at_a_time: Option<ClassId>,
    },
    /// `the other ITEM of the same CLASS [who are [not] STATE]`, seen from one of them.
    Others {
        /// The item whose other bearers are meant.
        item: ItemId,
        /// The class that they share.
        same: ClassId,
        /// `who are STATE` (true) or `who are not STATE` (false).
        who: Option<(bool, StateId)>,
    },
}

/// What tells two items apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Each {
    /// One for each value of this field of the starting event.
    Field(FieldId),
    /// One for each subject of this class.
    Subject(ClassId),
}

/// `clock NAME of CLASS.`
#[derive(Clone, Debug, PartialEq)]
pub struct Clock {
    /// Its name.
    pub name: String,
    /// Its subject.
    pub subject: ClassId,
    /// Where declared.
    pub mark: Mark,
}

/// A named number. Several versions of one name: the one in force at the trigger counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    /// Its name.
    pub name: String,
    /// Versions sorted by `from`; the first may have none.
    pub versions: Vec<LimitVersion>,
}

/// One version of a limit.
#[derive(Clone, Debug, PartialEq)]
pub struct LimitVersion {
    /// In force from 00:00 of this day in the codebook's zone; `None`: from the beginning.
    pub from: Option<civil::Date>,
    /// The number.
    pub value: LimitValue,
    /// Who set it.
    pub set_by: SetBy,
    /// Why.
    pub because: String,
    /// Where declared.
    pub mark: Mark,
}

/// A duration or a quantity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LimitValue {
    /// A length of time.
    Length(Length),
    /// A measure or count.
    Quantity(Quantity),
}

/// Who set a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetBy {
    /// The cited text has it.
    Source,
    /// Another cited text has it.
    Standard,
    /// The operator; shown as such wherever a verdict uses it.
    Operator,
}

/// `role NAME: …`
#[derive(Clone, Debug, PartialEq)]
pub struct Role {
    /// Its name.
    pub name: String,
    /// How it is reached, or that people sign in with it.
    pub is: RoleIs,
    /// Where declared.
    pub mark: Mark,
}

/// Two kinds of role share one space of names.
#[derive(Clone, Debug, PartialEq)]
pub enum RoleIs {
    /// A line of the register's address book.
    Addressee {
        /// Entry of the address book.
        entry: String,
        /// Language of the notices.
        language: String,
    },
    /// A role that people sign in with.
    Desk(String),
}

/// An event, with tests on its fields.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    /// Kind or alias.
    pub event: EventName,
    /// `whose FIELD test and whose FIELD test`.
    pub tests: Vec<(FieldId, Test)>,
    /// Where written.
    pub mark: Mark,
}

/// Kind or alias.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventName {
    /// A kind of the log.
    Kind(KindId),
    /// A named pattern.
    Alias(AliasId),
}

/// One version of a rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Its id, for example `interview-break`.
    pub id: String,
    /// Pack that wrote it.
    pub pack: String,
    /// Citations.
    pub cites: Vec<Citation>,
    /// First day in force.
    pub from: civil::Date,
    /// First day no more in force: in force until 24:00 of the day before.
    pub until: Option<civil::Date>,
    /// How grave a breach is.
    pub severity: Grade,
    /// `for each CLASS`.
    pub subject: ClassId,
    /// `where …`.
    pub condition: Option<Cond>,
    /// What is owed.
    pub body: Body,
    /// `unless …`, in the order written; the first true one wins.
    pub exceptions: Vec<Exception>,
    /// `the time does not run while STATE`, any of them.
    pub pauses: Vec<StateId>,
    /// How days are counted.
    pub days: DayCounting,
    /// `it must be recorded within SPAN`.
    pub recorded_within: Option<Span>,
    /// `it outlasts the custody`.
    pub outlasts: bool,
    /// `this holds irrespective of …`.
    pub irrespective: Vec<Pattern>,
    /// `on breach, tell … within …`.
    pub tell: Vec<Telling>,
    /// Index into [`Codebook::chapters`].
    pub chapter: u32,
    /// The whole rule.
    pub mark: Mark,
}

/// How a rule counts days; left out is not the same sentence as `calendar days`, though it means the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DayCounting(pub Option<crate::moment::DayCount>);

impl DayCounting {
    /// What it comes to.
    #[must_use]
    pub fn count(self) -> crate::moment::DayCount {
        self.0.unwrap_or_default()
    }
}

/// `"SOURCE" paragraph 4`
#[derive(Clone, Debug, PartialEq)]
pub struct Citation {
    /// Source by name (W/E109 when it is not in the codebook).
    pub source: String,
    /// Kind of label.
    pub kind: LabelKind,
    /// Label.
    pub label: String,
    /// Where written.
    pub mark: Mark,
}

/// Severity of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// record
    Record,
    /// notable
    Notable,
    /// serious
    Serious,
    /// critical
    Critical,
}

/// `on breach, tell ROLE and ROLE within SPAN`
#[derive(Clone, Debug, PartialEq)]
pub struct Telling {
    /// Whom.
    pub roles: Vec<RoleId>,
    /// By when.
    pub within: Option<Span>,
    /// Where written.
    pub mark: Mark,
}

/// `unless COND, …`
#[derive(Clone, Debug, PartialEq)]
pub struct Exception {
    /// When.
    pub when: Cond,
    /// What then.
    pub then: Consequence,
    /// Where written.
    pub mark: Mark,
}

/// What an exception does.
#[derive(Clone, Debug, PartialEq)]
pub enum Consequence {
    /// the rule does not apply
    DoesNotApply,
    /// the limit is SPAN
    LimitIs(Span),
    /// a breach is excused
    Excused,
}

/// A span of time in a rule.
#[derive(Clone, Debug, PartialEq)]
pub enum Span {
    /// A named number.
    Limit(LimitId, Mark),
    /// Written out.
    Length(Length, Mark),
    /// A duration field of the trigger (for `while` of the starting event).
    Field(FieldId, Mark),
}

/// What is owed.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// `after a, b must happen LIMIT` and `after a, no b may happen LIMIT`
    After {
        /// Each, the first only, or the latest.
        which: Which,
        /// a
        trigger: Pattern,
        /// b
        answer: Pattern,
        /// `no b may happen`.
        forbidden: bool,
        /// L
        limit: Within,
    },
    /// `before a, b must have happened [not more than SPAN earlier]`
    Before {
        /// a
        event: Pattern,
        /// b
        required: Pattern,
        /// Not older than.
        not_older: Option<Span>,
    },
    /// `while S, …`
    While {
        /// S
        state: StateId,
        /// What is kept during it.
        keep: Keep,
        /// Where S is written.
        mark: Mark,
    },
    /// `at all times, the F of the X less the G divided by the number of I in it must be …`
    Quantity {
        /// The fact.
        field: FieldId,
        /// Of the rule's subject or of one that serves it.
        of: ClassId,
        /// Facts subtracted.
        less: Vec<FieldId>,
        /// Divided by the number present.
        per: Option<ItemId>,
        /// `at least` or `at most`.
        bound: Bound,
        /// The bound.
        number: Amount,
        /// Where written.
        mark: Mark,
    },
    /// `every e must record F and G`
    EveryRecord {
        /// e
        event: Pattern,
        /// Fields.
        fields: Vec<FieldId>,
    },
    /// `every e must satisfy COND`
    EverySatisfies {
        /// e
        event: Pattern,
        /// Condition.
        cond: Cond,
    },
    /// `every e must rest on b by ROLE given not more than SPAN earlier`
    EveryRestsOn {
        /// e
        event: Pattern,
        /// The authority.
        authority: Pattern,
        /// By one of these roles.
        roles: Vec<RoleId>,
        /// Not older than.
        not_older: Option<Span>,
    },
    /// `no e may happen`
    Never {
        /// e
        event: Pattern,
    },
    /// `the clock C runs SPAN from a, b must happen before it ends`
    Clock {
        /// C
        clock: ClockId,
        /// How long.
        length: Span,
        /// a
        from: Pattern,
        /// b
        answer: Pattern,
    },
}

/// Which triggers count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Each of them.
    Each,
    /// The first of the subject.
    First,
    /// One followed by another before its due is superseded.
    Latest,
}

/// Limit of an `after`.
#[derive(Clone, Debug, PartialEq)]
pub enum Within {
    /// `within the limit L`, `within 2 hours`, `within the FIELD`
    Span(Span),
    /// `by [dur before] the FIELD`
    By {
        /// So much before.
        before: Option<Length>,
        /// A time or date field of the trigger.
        field: FieldId,
        /// Where written.
        mark: Mark,
    },
    /// `before c`
    Before(Pattern),
    /// `as long as S`
    AsLongAs(StateId, Mark),
}

/// What is kept while a state lasts.
#[derive(Clone, Debug, PartialEq)]
pub enum Keep {
    /// `it must not last longer than SPAN [in any SPAN] [without a break of at least SPAN]`
    NotLonger {
        /// L
        limit: Span,
        /// W
        in_any: Option<Span>,
        /// B
        break_of: Option<Span>,
    },
    /// `it is forbidden`
    Forbidden,
    /// `no e may happen`
    NoEvent(Pattern),
    /// `there must be at most N ITEM present [where COND]`
    Count {
        /// Direction.
        bound: Bound,
        /// N
        number: Amount,
        /// Of what.
        item: ItemId,
        /// Only those whose starting event passes.
        condition: Option<Cond>,
    },
    /// `e must happen at least every SPAN [, the first within SPAN]`
    Every {
        /// e
        event: Pattern,
        /// P
        period: Span,
        /// F
        first: Option<Span>,
    },
}

/// A number in a rule: written out or named.
#[derive(Clone, Debug, PartialEq)]
pub enum Amount {
    /// A named number.
    Limit(LimitId, Mark),
    /// Written out.
    Number(Quantity, Mark),
}

/// A condition. `All` and `Any` hold two or more; brackets of the author are the nesting.
#[derive(Clone, Debug, PartialEq)]
pub enum Cond {
    /// a and b
    All(Vec<Cond>),
    /// a or b
    Any(Vec<Cond>),
    /// A state named alone.
    State(StateId, Mark),
    /// `e has happened` (true) or `has not happened` (false).
    Happened(Pattern, bool),
    /// `the FIELD [of the …] test`
    Field(Operand, Test),
    /// `the SUBJECT is STATE` (true) or `is not STATE` (false).
    Subject(ClassId, bool, StateId, Mark),
}

/// `the FIELD [of the SUBJECT | EVENT]`
#[derive(Clone, Debug, PartialEq)]
pub struct Operand {
    /// The field.
    pub field: FieldId,
    /// Whose.
    pub of: Of,
    /// Where written.
    pub mark: Mark,
}

/// Whose field is meant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Of {
    /// A field of the event judged (or of the item's starting event, after `present where`).
    Judged,
    /// A fact of the subject.
    Subject(ClassId),
    /// A field of an event: the judged one if it is of that name, else the latest at or before the instant.
    Event(EventName),
}

/// A test on a field.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// is (true) or is not (false)
    Is(bool, Term),
    /// is one of
    OneOf(Vec<Term>),
    /// is known
    Known,
    /// includes (true) or does not include (false)
    Includes(bool, Term),
    /// includes all of
    IncludesAll(Vec<Term>),
    /// is at least, at most, more than, less than
    Compare(Relation, Measure),
}

/// A word on the right of a test.
#[derive(Clone, Debug, PartialEq)]
pub enum Term {
    /// A value of a choice.
    Value(ValueId, Mark),
    /// yes or no
    YesNo(bool),
    /// A role.
    Role(RoleId, Mark),
    /// Another field.
    Other(Operand),
    /// The id of a rule (for `safeguard` of `breach found`).
    Rule(String, Mark),
    /// A severity (for `grade` of `breach found`).
    Grade(Grade),
}

/// Order relation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// is at least
    AtLeast,
    /// is at most
    AtMost,
    /// is more than
    MoreThan,
    /// is less than
    LessThan,
}

/// What a field is compared with.
#[derive(Clone, Debug, PartialEq)]
pub enum Measure {
    /// A number or a named one.
    Amount(Amount),
    /// A duration written out (for fields that hold a duration).
    Length(Length, Mark),
    /// Another field of the same type.
    Other(Operand),
}

/// `flow NAME of CLASS: for ROLE; step; step.` A task list: each step one append.
#[derive(Clone, Debug, PartialEq)]
pub struct Flow {
    /// Its name.
    pub name: String,
    /// Of what.
    pub subject: ClassId,
    /// For whom.
    pub roles: Vec<RoleId>,
    /// In order.
    pub steps: Vec<Step>,
    /// Where declared.
    pub mark: Mark,
}

/// A step of a flow.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// `record EVENT or EVENT with FIELD, FIELD when COND optional repeatable`
    Record {
        /// Any of these.
        events: Vec<EventName>,
        /// Fields asked there; required ones always are.
        with: Vec<FieldId>,
        /// Only when this holds of what is recorded so far.
        when: Option<Cond>,
        /// May be left out.
        optional: bool,
        /// May be done several times.
        repeatable: bool,
    },
    /// `show EVENT`
    ShowEvent(EventName),
    /// `show STATE`
    ShowState(StateId),
    /// `show duties`
    ShowDuties,
}

/// A line of an `access` block.
#[derive(Clone, Debug, PartialEq)]
pub enum Access {
    /// allow or deny
    Line {
        /// `allow` (true) or `deny` (false).
        allow: bool,
        /// Who.
        roles: Vec<RoleId>,
        /// May do what.
        acts: Vec<Act>,
        /// To what.
        scope: Scope,
        /// Under these ties.
        when: Vec<(bool, Tie)>,
        /// Why.
        because: String,
        /// Where declared.
        mark: Mark,
    },
    /// `duty ROLE excludes ROLE.`
    Excludes(RoleId, RoleId, Mark),
    /// A raw policy for what the words cannot say.
    Cedar(String, Mark),
}

/// What an access line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Act {
    /// read
    Read,
    /// record
    Record,
    /// correct
    Correct,
    /// print
    Print,
    /// export
    Export,
    /// search
    Search,
    /// approve
    Approve,
}

/// To what an access line applies.
#[derive(Clone, Debug, PartialEq)]
pub enum Scope {
    /// everything
    Everything,
    /// class SENSITIVITY
    Class(Sensitivity),
    /// An event.
    Event(EventName),
    /// the FIELD of the EVENT
    Field(FieldId, EventName),
    /// table TABLE (a statistical return, by id)
    Table(String),
    /// record of SUBJECT
    RecordOf(ClassId),
}

/// How the reader is tied to what is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tie {
    /// own place
    OwnPlace,
    /// own client
    OwnClient,
    /// own patient
    OwnPatient,
    /// own case
    OwnCase,
    /// self
    Own,
    /// named in it
    NamedInIt,
    /// over one named in it
    OverOneNamed,
    /// consent given
    ConsentGiven,
    /// break glass
    BreakGlass,
    /// on shift
    OnShift,
}

impl Codebook {
    /// Name of a class.
    #[must_use]
    pub fn class(&self, id: ClassId) -> &Class {
        &self.classes[id.index()]
    }
    /// A kind.
    #[must_use]
    pub fn kind(&self, id: KindId) -> &Kind {
        &self.kinds[id.index()]
    }
    /// Whether entries of a kind correct others.
    #[must_use]
    pub fn corrects(&self, kind: KindId) -> bool {
        kind == Builtin::Correction.kind() || self.kind(kind).corrects
    }
    /// Whether entries of a kind withdraw others.
    #[must_use]
    pub fn withdraws(&self, kind: KindId) -> bool {
        kind == Builtin::Withdrawal.kind() || self.kind(kind).withdraws
    }
    /// Whether entries of a kind correct or withdraw others.
    #[must_use]
    pub fn changes(&self, kind: KindId) -> bool {
        self.corrects(kind) || self.withdraws(kind)
    }
    /// A class by its name.
    #[must_use]
    pub fn class_named(&self, name: &str) -> Option<ClassId> {
        self.classes.iter().position(|c| c.name == name).map(|i| ClassId(i as u16))
    }
    /// A field of a kind.
    #[must_use]
    pub fn field(&self, kind: KindId, name: FieldId) -> Option<&Field> {
        self.kind(kind).fields.iter().find(|f| f.name == name)
    }
    /// The values of a choice.
    #[must_use]
    pub fn values<'a>(&'a self, choices: &'a Choices) -> &'a [ValueId] {
        match choices {
            Choices::Here(values) => values,
            Choices::Of(list) => &self.lists[list.index()].values,
        }
    }
    /// Kind and all tests that a pattern comes to when its aliases are written out.
    #[must_use]
    pub fn expand<'a>(&'a self, pattern: &'a Pattern) -> (KindId, Vec<&'a (FieldId, Test)>) {
        let mut tests: Vec<_> = pattern.tests.iter().collect();
        let mut event = pattern.event;
        loop {
            match event {
                EventName::Kind(kind) => return (kind, tests),
                EventName::Alias(alias) => {
                    let inner = &self.aliases[alias.index()].pattern;
                    tests.extend(inner.tests.iter());
                    event = inner.event;
                }
            }
        }
    }
}
