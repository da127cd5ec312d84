//! What the law says of an interview that lasts: found in the codebook by its shape, never by a rule's name.
//!
//! A rule of the shape `while in interview it must not last longer than …` is the block that the timer counts against; one of the shape
//! `while in interview there must be at least n … present` says who must be in the room.

use super::course::{Course, Stretch};
use crate::desk::Desk;
use crate::error::DeskError;
use crate::station::rows::has_screen;
use habeas_codebook::moment::{Length, Moment, TimeUnit};
use habeas_codebook::tree::{
    Amount, Body, Bound, Codebook, Cond, Holds, Keep, LimitId, LimitValue, Pattern, Presence, Rule, Span, StateId, Term, Test,
};

const SECOND: i64 = 1_000_000;

/// How long questions may last, and what counts as a break.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The rule.
    pub rule: String,
    /// Longest, in microseconds.
    pub longest: i64,
    /// A shorter break is none, in microseconds.
    pub break_of: i64,
}

/// Who must be in the room with some people.
#[derive(Clone, Debug, PartialEq)]
pub struct Company<'c> {
    /// The rule.
    pub rule: &'c str,
    /// How many at least.
    pub least: u32,
    /// As what; empty: anybody.
    pub roles: Vec<&'c str>,
    /// With whom.
    pub condition: Option<&'c Cond>,
}

/// Whether a state is the one that lasts from the beginning of an interview.
fn is_interview(codebook: &Codebook, state: StateId) -> bool {
    let Holds::Between { from, .. } = &codebook.states[state.index()].holds else { return false };
    from.iter().any(|pattern| is_of(codebook, pattern, "interview-start"))
}

fn is_of(codebook: &Codebook, pattern: &Pattern, screen: &str) -> bool {
    let (kind, _) = codebook.expand(pattern);
    has_screen(codebook, &codebook.kind(kind).name, screen)
}

/// Rules in force about what is kept while questions are asked.
fn kept(codebook: &Codebook, now: Moment) -> impl Iterator<Item = (&Rule, &Keep)> {
    let day = codebook.almanac.date(now);
    let in_force = move |rule: &&Rule| rule.from <= day && rule.until.is_none_or(|until| day < until);
    codebook.rules.iter().filter(in_force).filter_map(move |rule| {
        let Body::While { state, keep, .. } = &rule.body else { return None };
        is_interview(codebook, *state).then_some((rule, keep))
    })
}

/// The block that the timer counts against.
#[must_use]
pub fn block(codebook: &Codebook, now: Moment) -> Option<Block> {
    kept(codebook, now).find_map(|(rule, keep)| {
        let Keep::NotLonger { limit, in_any: None, break_of } = keep else { return None };
        let longest = length(codebook, limit, now)?;
        let break_of = break_of.as_ref().and_then(|span| length(codebook, span, now)).unwrap_or(0);
        Some(Block { rule: rule.id.clone(), longest, break_of })
    })
}

fn in_force(codebook: &Codebook, limit: LimitId, now: Moment) -> Option<LimitValue> {
    let day = codebook.almanac.date(now);
    let versions = codebook.limits[limit.index()].versions.iter();
    versions.filter(|version| version.from.is_none_or(|from| from <= day)).max_by_key(|version| version.from).map(|version| version.value)
}

fn length(codebook: &Codebook, span: &Span, now: Moment) -> Option<i64> {
    let Length { amount, unit } = match span {
        Span::Length(length, _) => *length,
        Span::Limit(limit, _) => match in_force(codebook, *limit, now)? {
            LimitValue::Length(length) => length,
            LimitValue::Quantity(_) => return None,
        },
        Span::Field(..) => return None,
    };
    let seconds = match unit {
        TimeUnit::Second => 1,
        TimeUnit::Minute => 60,
        TimeUnit::Hour => 3_600,
        TimeUnit::Day | TimeUnit::Month | TimeUnit::Year => return None,
    };
    Some(i64::from(amount) * seconds * SECOND)
}

/// What the law asks to be in the room, with whom.
pub fn companies(codebook: &Codebook, now: Moment) -> impl Iterator<Item = Company<'_>> {
    kept(codebook, now).filter_map(move |(rule, keep)| {
        let Keep::Count { bound: Bound::AtLeast, number, item, .. } = keep else { return None };
        let Presence::Between { from, .. } = &codebook.items[item.index()].present else { return None };
        let joins = from.iter().filter(|pattern| is_of(codebook, pattern, "interview-join"));
        let mut joins = joins.peekable();
        joins.peek()?;
        let roles = joins.flat_map(|pattern| codebook.expand(pattern).1).flat_map(|(_, test)| values(codebook, test)).collect();
        Some(Company { rule: &rule.id, least: count(codebook, number, now)?, roles, condition: rule.condition.as_ref() })
    })
}

fn count(codebook: &Codebook, number: &Amount, now: Moment) -> Option<u32> {
    let quantity = match number {
        Amount::Number(quantity, _) => *quantity,
        Amount::Limit(limit, _) => match in_force(codebook, *limit, now)? {
            LimitValue::Quantity(quantity) => quantity,
            LimitValue::Length(_) => return None,
        },
    };
    quantity.number.try_into().ok()
}

fn values<'c>(codebook: &'c Codebook, test: &Test) -> Vec<&'c str> {
    let word = |term: &Term| {
        let Term::Value(value, _) = term else { return None };
        Some(codebook.value_names[value.index()].as_str())
    };
    if let Test::OneOf(terms) = test {
        return terms.iter().filter_map(word).collect();
    }
    let Test::Is(true, term) = test else { return Vec::new() };
    word(term).into_iter().collect()
}

/// The company that this person must have in the room, as the record stands.
///
/// # Errors
/// Trouble with the register.
pub fn company_of<'d>(desk: &'d Desk, custody: &str) -> Result<Option<Company<'d>>, DeskError> {
    let now = desk.now();
    for company in companies(&desk.codebook, now) {
        let asked: Vec<&Cond> = company.condition.into_iter().collect();
        if desk.register.holds("custody", custody, &asked, now)?.iter().all(|holds| *holds) {
            return Ok(Some(company));
        }
    }
    Ok(None)
}

impl Company<'_> {
    /// How many of them are in the room.
    #[must_use]
    pub fn present(&self, course: &Course) -> usize {
        course
            .present
            .iter()
            .filter(|one| one.until.is_none() && (self.roles.is_empty() || self.roles.contains(&one.role.as_str())))
            .count()
    }

    /// Whether there are too few.
    #[must_use]
    pub fn is_missing(&self, course: &Course) -> bool {
        self.present(course) < self.least as usize
    }
}

impl Block {
    /// Since when questions have been asked without a real break, over all interviews of the record; a pause that still lasts and is long
    /// enough has ended it.
    #[must_use]
    pub fn since(&self, courses: &[Course], now: Moment) -> Option<Moment> {
        let mut asked: Vec<&Stretch> = courses.iter().flat_map(|course| &course.stretches).filter(|one| !one.is_pause).collect();
        asked.sort_by_key(|stretch| stretch.from);
        let mut since: Option<(Moment, Moment)> = None;
        for stretch in asked {
            let until = stretch.until.unwrap_or(now);
            since = match since {
                Some((from, last)) if stretch.from.0 - last.0 < self.break_of => Some((from, until.max(last))),
                Some(_) | None => Some((stretch.from, until)),
            };
        }
        since.filter(|(_, last)| now.0 - last.0 < self.break_of.max(1)).map(|(from, _)| from)
    }
}
