//! Whether conditions can be true together: by trying every combination of the single statements that they are made of.

use crate::tree::{Cond, Operand, Pattern, StateId, Term, Test};

/// Statements tried at once; more are not decided.
const MOST: usize = 14;

/// A single statement, without its negation.
#[derive(Clone, Debug, PartialEq)]
enum Statement {
    State(StateId),
    Happened(Pattern),
    Is(Operand, Term),
    Other(Operand, Test),
}

/// A condition over numbered statements.
#[derive(Clone, Debug)]
pub(super) enum Formula {
    Atom(usize),
    Not(Box<Formula>),
    All(Vec<Formula>),
    Any(Vec<Formula>),
}

/// Statements of several conditions, numbered together.
#[derive(Default)]
pub(super) struct Statements(Vec<Statement>);

impl Statements {
    /// A condition in terms of the statements so far and new ones.
    pub(super) fn formula(&mut self, cond: &Cond) -> Formula {
        match cond {
            Cond::All(parts) => Formula::All(parts.iter().map(|c| self.formula(c)).collect()),
            Cond::Any(parts) => Formula::Any(parts.iter().map(|c| self.formula(c)).collect()),
            Cond::State(state, _) => self.atom(Statement::State(*state), true),
            Cond::Subject(_, is, state, _) => self.atom(Statement::State(*state), *is),
            Cond::Happened(pattern, happened) => self.atom(Statement::Happened(pattern.clone()), *happened),
            Cond::Field(operand, Test::Is(true, term)) => self.atom(Statement::Is(operand.clone(), term.clone()), true),
            Cond::Field(operand, Test::OneOf(terms)) => {
                Formula::Any(terms.iter().map(|t| self.atom(Statement::Is(operand.clone(), t.clone()), true)).collect())
            }
            Cond::Field(operand, test) => self.atom(Statement::Other(operand.clone(), test.clone()), true),
        }
    }

    /// That an event has, or has not, happened.
    pub(super) fn happened(&mut self, pattern: &Pattern, happened: bool) -> Formula {
        self.atom(Statement::Happened(pattern.clone()), happened)
    }

    fn atom(&mut self, statement: Statement, is: bool) -> Formula {
        let place = self.0.iter().position(|s| *s == statement).unwrap_or_else(|| {
            self.0.push(statement);
            self.0.len() - 1
        });
        if is { Formula::Atom(place) } else { Formula::Not(Box::new(Formula::Atom(place))) }
    }

    /// Whether formulas can all be true at once; `None` when there are too many statements to try.
    pub(super) fn can_all_be(&self, formulas: &[Formula]) -> Option<bool> {
        if self.0.len() > MOST {
            return None;
        }
        let worlds = 0u32..1 << self.0.len();
        Some(worlds.filter(|w| self.is_possible(*w)).any(|w| formulas.iter().all(|f| holds(f, w))))
    }

    /// A field that holds one value is not two values at once, and `is` excludes `is not`.
    fn is_possible(&self, world: u32) -> bool {
        let on = |i: usize| world >> i & 1 == 1;
        self.0.iter().enumerate().filter(|(i, _)| on(*i)).all(|(i, one)| {
            let Statement::Is(operand, term) = one else { return true };
            self.0.iter().enumerate().skip(i + 1).filter(|(j, _)| on(*j)).all(|(_, other)| match other {
                Statement::Is(o, t) => o != operand || t == term,
                Statement::Other(o, Test::Is(false, t)) => o != operand || t != term,
                Statement::Other(..) | Statement::State(_) | Statement::Happened(_) => true,
            })
        })
    }
}

/// The opposite.
pub(super) fn not(formula: Formula) -> Formula {
    Formula::Not(Box::new(formula))
}

fn holds(formula: &Formula, world: u32) -> bool {
    match formula {
        Formula::Atom(i) => world >> i & 1 == 1,
        Formula::Not(inner) => !holds(inner, world),
        Formula::All(parts) => parts.iter().all(|p| holds(p, world)),
        Formula::Any(parts) => parts.iter().any(|p| holds(p, world)),
    }
}
