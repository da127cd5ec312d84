//! What each phrase of a rule may consist of: the grammar of rule-language section 3, by frames instead of English words.

use crate::i18n::NameOf;
use crate::render::Frame;

/// A part of a rule that frames are filled with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Phrase {
    Head,
    Clause,
    Citations,
    Citation,
    Grade,
    Body,
    Duty,
    Before,
    RestsOn,
    Fields,
    Quantity,
    Bounded,
    Amount,
    Unit,
    Within,
    Span,
    Length,
    Keep,
    NotLonger,
    AtLeastEvery,
    Event,
    Events,
    RolesAnd,
    RolesOr,
    Cond,
    All,
    Any,
    Part,
    Operand,
    Test,
    Measure,
    Term,
    Terms,
    Consequence,
}

/// What stands in a hole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hole {
    /// A phrase.
    Of(Phrase),
    /// A name of a class of things, between its signs.
    Name(NameOf),
    /// The id of a rule.
    Rule,
    /// A number, date or label, as it stands.
    Raw,
    /// A quotation.
    Quoted,
}

/// One way to say a phrase.
#[derive(Clone, Copy, Debug)]
pub(super) enum Way {
    /// A frame with its holes.
    Frame(Frame, &'static [Hole]),
    /// What is in the hole alone.
    Just(Hole),
    /// A frame whose first hole is the same phrase again, and stands first in every language: `{0}, the first within {1}`.
    Longer(Frame, &'static [Hole]),
}

use Hole::{Name, Of, Quoted, Raw};
use Way::{Just, Longer};

const fn way(frame: Frame, holes: &'static [Hole]) -> Way {
    Way::Frame(frame, holes)
}

const EVENT: Hole = Of(Phrase::Event);
const SPAN: Hole = Of(Phrase::Span);
const COND: Hole = Of(Phrase::Cond);
const TERM: Hole = Of(Phrase::Term);
const MEASURE: Hole = Of(Phrase::Measure);
const FIELD: Hole = Name(NameOf::Field);
const ITEM: Hole = Name(NameOf::Item);
const STATE: Hole = Name(NameOf::State);
const CLASS: Hole = Name(NameOf::Subject);
const ROLE: Hole = Name(NameOf::Role);

const SAYS_HEAD: &[Way] = &[way(Frame::RuleId, &[Raw])];
const SAYS_CLAUSE: &[Way] = &[
    way(Frame::Cites, &[Of(Phrase::Citations)]),
    way(Frame::InForceFrom, &[Raw]),
    way(Frame::InForceBetween, &[Raw, Raw]),
    way(Frame::Severity, &[Of(Phrase::Grade)]),
    way(Frame::ForEach, &[CLASS, Of(Phrase::Body)]),
    way(Frame::ForEachWhere, &[CLASS, COND, Of(Phrase::Body)]),
    way(Frame::Unless, &[COND, Of(Phrase::Consequence)]),
    way(Frame::TimeDoesNotRun, &[STATE]),
    way(Frame::CalendarDays, &[]),
    way(Frame::WorkingDays, &[]),
    way(Frame::WholeDays, &[]),
    way(Frame::RecordedWithin, &[SPAN]),
    way(Frame::Outlasts, &[]),
    way(Frame::Irrespective, &[Of(Phrase::Events)]),
    way(Frame::Tell, &[Of(Phrase::RolesAnd)]),
    way(Frame::TellWithin, &[Of(Phrase::RolesAnd), SPAN]),
];
const SAYS_CITATIONS: &[Way] = &[Just(Of(Phrase::Citation)), Longer(Frame::And, &[Of(Phrase::Citations), Of(Phrase::Citation)])];
const SAYS_CITATION: &[Way] = &[
    way(Frame::Paragraph, &[Quoted, Raw]),
    way(Frame::Article, &[Quoted, Raw]),
    way(Frame::RuleLabel, &[Quoted, Raw]),
    way(Frame::Principle, &[Quoted, Raw]),
    way(Frame::Section, &[Quoted, Raw]),
    way(Frame::Note, &[Quoted, Raw]),
];
const SAYS_GRADE: &[Way] = &[way(Frame::Critical, &[]), way(Frame::Serious, &[]), way(Frame::Notable, &[]), way(Frame::Record, &[])];
const SAYS_CONSEQUENCE: &[Way] = &[way(Frame::DoesNotApply, &[]), way(Frame::LimitIs, &[SPAN]), way(Frame::Excused, &[])];
const SAYS_BODY: &[Way] = &[
    way(Frame::After, &[EVENT, Of(Phrase::Duty)]),
    way(Frame::AfterFirst, &[EVENT, Of(Phrase::Duty)]),
    way(Frame::AfterLatest, &[EVENT, Of(Phrase::Duty)]),
    Just(Of(Phrase::Before)),
    Just(Of(Phrase::RestsOn)),
    way(Frame::While, &[STATE, Of(Phrase::Keep)]),
    way(Frame::AtAllTimes, &[Of(Phrase::Quantity), Of(Phrase::Bounded)]),
    way(Frame::MustRecord, &[EVENT, Of(Phrase::Fields)]),
    way(Frame::MustSatisfy, &[EVENT, COND]),
    way(Frame::Never, &[EVENT]),
    way(Frame::ClockRuns, &[Name(NameOf::Clock), SPAN, EVENT, EVENT]),
];
const SAYS_DUTY: &[Way] = &[way(Frame::MustHappen, &[EVENT, Of(Phrase::Within)]), way(Frame::MustNotHappen, &[EVENT, Of(Phrase::Within)])];
const SAYS_BEFORE: &[Way] = &[way(Frame::Before, &[EVENT, EVENT]), Longer(Frame::NotMoreThanEarlier, &[Of(Phrase::Before), SPAN])];
const SAYS_RESTS_ON: &[Way] =
    &[way(Frame::MustRestOn, &[EVENT, EVENT, Of(Phrase::RolesOr)]), Longer(Frame::GivenNotMoreThanEarlier, &[Of(Phrase::RestsOn), SPAN])];
const SAYS_FIELDS: &[Way] = &[Just(FIELD), Longer(Frame::And, &[Of(Phrase::Fields), FIELD])];
const SAYS_QUANTITY: &[Way] = &[
    way(Frame::TheFieldOf, &[FIELD, CLASS]),
    Longer(Frame::Less, &[Of(Phrase::Quantity), FIELD]),
    Longer(Frame::DividedBy, &[Of(Phrase::Quantity), ITEM]),
];
const SAYS_BOUNDED: &[Way] =
    &[way(Frame::AtLeast, &[Of(Phrase::Amount)]), way(Frame::AtMost, &[Of(Phrase::Amount)]), way(Frame::Exactly, &[Of(Phrase::Amount)])];
const SAYS_AMOUNT: &[Way] = &[Just(Name(NameOf::Limit)), Just(Raw), way(Frame::Measured, &[Raw, Of(Phrase::Unit)])];
/// Units of measure and of time are said in their plural, which the English parser takes for one as well.
const SAYS_UNIT: &[Way] = &[
    way(Frame::SquareMetres, &[]),
    way(Frame::Metres, &[]),
    way(Frame::Millimetres, &[]),
    way(Frame::Kilometres, &[]),
    way(Frame::Litres, &[]),
    way(Frame::Kilograms, &[]),
    way(Frame::Grams, &[]),
    way(Frame::Milligrams, &[]),
    way(Frame::Degrees, &[]),
    way(Frame::Percent, &[]),
];
const SAYS_WITHIN: &[Way] = &[
    way(Frame::WithinTheLimit, &[Name(NameOf::Limit)]),
    way(Frame::Within, &[SPAN]),
    way(Frame::ByField, &[FIELD]),
    way(Frame::BeforeField, &[Of(Phrase::Length), FIELD]),
    way(Frame::BeforeEvent, &[EVENT]),
    way(Frame::AsLongAs, &[STATE]),
];
const SAYS_SPAN: &[Way] = &[Just(Name(NameOf::Limit)), Just(Of(Phrase::Length)), way(Frame::TheField, &[FIELD])];
const SAYS_LENGTH: &[Way] = &[
    way(Frame::Seconds, &[Raw]),
    way(Frame::Minutes, &[Raw]),
    way(Frame::Hours, &[Raw]),
    way(Frame::Days, &[Raw]),
    way(Frame::Months, &[Raw]),
    way(Frame::Years, &[Raw]),
];
const SAYS_KEEP: &[Way] = &[
    Just(Of(Phrase::NotLonger)),
    Just(Of(Phrase::AtLeastEvery)),
    way(Frame::Forbidden, &[]),
    way(Frame::Never, &[EVENT]),
    way(Frame::MustBePresent, &[Of(Phrase::Bounded), ITEM]),
    way(Frame::MustBePresentWhere, &[Of(Phrase::Bounded), ITEM, COND]),
];
const SAYS_NOT_LONGER: &[Way] = &[
    way(Frame::NotLonger, &[SPAN]),
    Longer(Frame::InAny, &[Of(Phrase::NotLonger), SPAN]),
    Longer(Frame::WithoutBreak, &[Of(Phrase::NotLonger), SPAN]),
];
const SAYS_AT_LEAST_EVERY: &[Way] =
    &[way(Frame::AtLeastEvery, &[EVENT, SPAN]), Longer(Frame::FirstWithin, &[Of(Phrase::AtLeastEvery), SPAN])];
const SAYS_EVENT: &[Way] = &[
    Just(Name(NameOf::Event)),
    Longer(Frame::Whose, &[EVENT, FIELD, Of(Phrase::Test)]),
    Longer(Frame::AndWhose, &[EVENT, FIELD, Of(Phrase::Test)]),
];
const SAYS_EVENTS: &[Way] = &[Just(EVENT), Longer(Frame::And, &[Of(Phrase::Events), EVENT])];
const SAYS_ROLES_AND: &[Way] = &[Just(ROLE), Longer(Frame::And, &[Of(Phrase::RolesAnd), ROLE])];
const SAYS_ROLES_OR: &[Way] = &[Just(ROLE), Longer(Frame::Or, &[Of(Phrase::RolesOr), ROLE])];
const SAYS_COND: &[Way] = &[Just(Of(Phrase::All)), Just(Of(Phrase::Any))];
const SAYS_ALL: &[Way] = &[Just(Of(Phrase::Part)), Longer(Frame::And, &[Of(Phrase::All), Of(Phrase::Part)])];
const SAYS_ANY: &[Way] = &[Just(Of(Phrase::Part)), Longer(Frame::Or, &[Of(Phrase::Any), Of(Phrase::Part)])];
const SAYS_PART: &[Way] = &[
    way(Frame::Brackets, &[COND]),
    Just(STATE),
    way(Frame::HasHappened, &[EVENT]),
    way(Frame::HasNotHappened, &[EVENT]),
    way(Frame::Tested, &[Of(Phrase::Operand), Of(Phrase::Test)]),
    way(Frame::SubjectIs, &[CLASS, STATE]),
    way(Frame::SubjectIsNot, &[CLASS, STATE]),
];
const SAYS_OPERAND: &[Way] =
    &[way(Frame::TheField, &[FIELD]), way(Frame::TheFieldOf, &[FIELD, CLASS]), way(Frame::TheFieldOf, &[FIELD, Name(NameOf::Event)])];
const SAYS_TEST: &[Way] = &[
    way(Frame::Is, &[TERM]),
    way(Frame::IsNot, &[TERM]),
    way(Frame::IsOneOf, &[Of(Phrase::Terms)]),
    way(Frame::IsKnown, &[]),
    way(Frame::Includes, &[TERM]),
    way(Frame::DoesNotInclude, &[TERM]),
    way(Frame::IncludesAllOf, &[Of(Phrase::Terms)]),
    way(Frame::IsAtLeast, &[MEASURE]),
    way(Frame::IsAtMost, &[MEASURE]),
    way(Frame::IsMoreThan, &[MEASURE]),
    way(Frame::IsLessThan, &[MEASURE]),
];
const SAYS_MEASURE: &[Way] = &[Just(Of(Phrase::Amount)), Just(Of(Phrase::Length)), Just(Of(Phrase::Operand))];
const SAYS_TERM: &[Way] = &[
    way(Frame::Yes, &[]),
    way(Frame::No, &[]),
    Just(Name(NameOf::Value)),
    Just(ROLE),
    Just(Of(Phrase::Operand)),
    Just(Of(Phrase::Grade)),
    Just(Hole::Rule),
];
const SAYS_TERMS: &[Way] = &[Just(TERM), Longer(Frame::Comma, &[Of(Phrase::Terms), TERM])];

/// The ways to say a phrase.
pub(super) fn ways(phrase: Phrase) -> &'static [Way] {
    match phrase {
        Phrase::Head => SAYS_HEAD,
        Phrase::Clause => SAYS_CLAUSE,
        Phrase::Citations => SAYS_CITATIONS,
        Phrase::Citation => SAYS_CITATION,
        Phrase::Grade => SAYS_GRADE,
        Phrase::Consequence => SAYS_CONSEQUENCE,
        Phrase::Body => SAYS_BODY,
        Phrase::Duty => SAYS_DUTY,
        Phrase::Before => SAYS_BEFORE,
        Phrase::RestsOn => SAYS_RESTS_ON,
        Phrase::Fields => SAYS_FIELDS,
        Phrase::Quantity => SAYS_QUANTITY,
        Phrase::Bounded => SAYS_BOUNDED,
        Phrase::Amount => SAYS_AMOUNT,
        Phrase::Unit => SAYS_UNIT,
        Phrase::Within => SAYS_WITHIN,
        Phrase::Span => SAYS_SPAN,
        Phrase::Length => SAYS_LENGTH,
        Phrase::Keep => SAYS_KEEP,
        Phrase::NotLonger => SAYS_NOT_LONGER,
        Phrase::AtLeastEvery => SAYS_AT_LEAST_EVERY,
        Phrase::Event => SAYS_EVENT,
        Phrase::Events => SAYS_EVENTS,
        Phrase::RolesAnd => SAYS_ROLES_AND,
        Phrase::RolesOr => SAYS_ROLES_OR,
        Phrase::Cond => SAYS_COND,
        Phrase::All => SAYS_ALL,
        Phrase::Any => SAYS_ANY,
        Phrase::Part => SAYS_PART,
        Phrase::Operand => SAYS_OPERAND,
        Phrase::Test => SAYS_TEST,
        Phrase::Measure => SAYS_MEASURE,
        Phrase::Term => SAYS_TERM,
        Phrase::Terms => SAYS_TERMS,
    }
}
