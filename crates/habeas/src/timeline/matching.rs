//! Whether rows are what a timeline expects: the worst row of the rule and subject (and trigger, if named) must have the verdict,
//! and one row of that rank every other member given. No row at all counts as `n.a.`.

use super::expected::Wish;
use crate::verdicts::wording;
use habeas_codebook::log::{Log, SubjectId};
use habeas_codebook::tree::Codebook;
use habeas_monitor::{Row, Verdict};

/// What was got instead of what was expected.
#[derive(Clone, Debug)]
pub struct Differs<'r> {
    /// The rows that were looked at, worst first; none counts as `n.a.`.
    pub got: Vec<&'r Row>,
}

/// Compares; `Ok` when it is as expected.
///
/// # Errors
/// The rows that were looked at.
pub fn compare<'r>(codebook: &Codebook, log: &Log, rows: &'r [Row], wish: &Wish) -> Result<(), Differs<'r>> {
    let mut looked_at: Vec<&Row> = rows.iter().filter(|row| is_about(codebook, log, row, wish)).collect();
    looked_at.sort_by_key(|row| std::cmp::Reverse(row.verdict));
    let worst = looked_at.first().map_or(Verdict::NotApplicable, |row| row.verdict);
    let of_that_rank = || looked_at.iter().take_while(|row| row.verdict == worst);
    let nothing_more = wish.written.flags.as_ref().is_none_or(Vec::is_empty)
        && [wish.since, wish.due_at, wish.until].iter().all(Option::is_none)
        && wish.late_by.is_none()
        && wish.over_by.is_none();
    let members_agree = if looked_at.is_empty() { nothing_more } else { of_that_rank().any(|row| has_members(row, wish)) };
    if worst == wish.verdict && members_agree { Ok(()) } else { Err(Differs { got: looked_at }) }
}

fn is_about(codebook: &Codebook, log: &Log, row: &Row, wish: &Wish) -> bool {
    wording::rule_id(codebook, row) == wish.written.rule
        && wish.written.trigger.as_deref().is_none_or(|trigger| row.trigger.is_some_and(|event| log.id(event) == trigger))
        && wish.written.subject.iter().all(|(class, id)| concerns(codebook, log, row, class, id))
}

/// Whether a row is about this subject: it is the row's own, or, of another class, one that the row's events name.
fn concerns(codebook: &Codebook, log: &Log, row: &Row, class: &str, id: &str) -> bool {
    let is = |subject: SubjectId| {
        let name = &codebook.class(log.class_of(subject)).name;
        (name == class || name.replace(' ', "_") == class) && log.name_of(subject) == id
    };
    let own = &codebook.class(log.class_of(row.subject)).name;
    if own == class || own.replace(' ', "_") == class {
        return is(row.subject);
    }
    row.events.iter().any(|event| log.subjects(*event).iter().any(|subject| is(*subject)))
}

fn has_members(row: &Row, wish: &Wish) -> bool {
    fn same<T: PartialEq>(wanted: Option<T>, got: Option<T>) -> bool {
        wanted.is_none() || wanted == got
    }
    let flags = wish.written.flags.iter().flatten();
    same(wish.since, row.since)
        && same(wish.due_at, row.due_at)
        && same(wish.until, row.until)
        && same(wish.late_by, row.late_by)
        && same(wish.over_by, row.over_by)
        && flags.into_iter().all(|flag| row.flags.names().any(|name| name == flag))
}
