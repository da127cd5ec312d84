//! A table as it may leave the house: counted, protected together with the tables that share its cells and with what was released before,
//! told in coarser parts where too much of it would be blank, and rounded only where that does not help either.
//!
//! Everything is decided for the linked tables as one, whichever of them is asked for: so a cell that stands in two of them has one status,
//! and asking for the other one tells nothing more.

use crate::cells::{Audience, Return};
use crate::counter::{Source, counting, side_by_side};
use crate::period::Period;
use crate::revision::revise;
use crate::shelves::Kept;
use crate::withhold::{self, Audit, Limits};
use habeas_codebook::log::Log;
use habeas_codebook::moment::Moment;
use habeas_codebook::table::{Band, DimensionOf, Table, TableClass};
use habeas_codebook::tree::Codebook;
use std::sync::OnceLock;

/// What is asked of a table, or of several at once.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'w> {
    /// When things happened.
    pub period: &'w Period,
    /// What had been recorded by then.
    pub as_of: Moment,
    /// For whom.
    pub audience: Audience,
    /// When the same table was released before, by its as-of.
    pub released: &'w [Moment],
    /// What the codebook, or the operator, sets.
    pub limits: Limits,
}

/// A table that may leave.
#[derive(Clone, Debug, PartialEq)]
pub struct Release {
    /// The table.
    pub made: Return,
    /// What the audit of its protection found; `None` where nothing was withheld by pattern: for those with access, or rounded.
    pub audit: Option<Audit>,
}

/// Adults begin here.
const ADULT: u32 = 18;

/// Ways of telling a table in coarser parts, in the order in which they are tried, each with those before it.
const STEPS: [Step; 3] = [Step::Ages, Step::Places, Step::Years];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Ages,
    Places,
    Years,
}

impl Step {
    fn told(self) -> &'static str {
        match self {
            Step::Ages => "Ages are told as under 18 and from 18, so that fewer numbers are withheld.",
            Step::Places => "Places are told as regions, so that fewer numbers are withheld.",
            Step::Years => "Days, months and quarters are told as years, so that fewer numbers are withheld.",
        }
    }
}

/// The version of a table in force when a period ends; the newest where none is.
#[must_use]
pub fn version<'c>(codebook: &'c Codebook, id: &str, period: &Period) -> Option<&'c Table> {
    let mut versions: Vec<&Table> = codebook.tables.iter().filter(|table| table.id.eq_ignore_ascii_case(id)).collect();
    versions.sort_by_key(|table| table.from);
    let is_in_force = |table: &&&Table| table.from <= period.last && table.until.is_none_or(|until| period.last < until);
    versions.iter().rev().find(is_in_force).or(versions.last()).copied()
}

/// The table, and every table that is linked to it by any way, sorted by id.
#[must_use]
pub fn system<'c>(codebook: &'c Codebook, table: &'c Table, period: &Period) -> Vec<&'c Table> {
    let names = |one: &Table, other: &str| one.linked.iter().any(|(id, _)| id.eq_ignore_ascii_case(other));
    let mut found = vec![table];
    let mut next = 0;
    while let Some(one) = found.get(next).copied() {
        next += 1;
        for other in &codebook.tables {
            let is_linked = names(one, &other.id) || names(other, &one.id);
            if is_linked && !found.iter().any(|known| known.id.eq_ignore_ascii_case(&other.id)) {
                found.extend(version(codebook, &other.id, period));
            }
        }
    }
    found.sort_by(|a, b| a.id.cmp(&b.id));
    found
}

/// Counts a table and makes of it what may leave for the audience. The log should be in order of record.
#[must_use]
pub fn release(codebook: &Codebook, log: &Log, table: &Table, wanted: &Wanted<'_>) -> Release {
    release_all(codebook, log, &[table], wanted).pop().expect("one table in is one release out")
}

/// Counts any number of tables and makes of each what may leave for the audience. The log is read once for all of them, and once more
/// for each release before.
#[must_use]
pub fn release_all(codebook: &Codebook, log: &Log, tables: &[&Table], wanted: &Wanted<'_>) -> Vec<Release> {
    released(Source { codebook, log, kept: None }, tables, wanted)
}

/// The same for one table of a log that is kept heard: as of the moment that it [is up to](Kept::is_up_to) nothing is heard, as of
/// another the log is.
#[must_use]
pub fn release_kept(codebook: &Codebook, (log, kept): (&Log, &Kept), table: &Table, wanted: &Wanted<'_>) -> Release {
    let source = Source { codebook, log, kept: Some(kept) };
    released(source, &[table], wanted).pop().expect("one table in is one release out")
}

/// Counts tables exactly, with the entries behind each cell.
fn counted(source: Source<'_>, tables: &[&Table], period: &Period, as_of: Moment) -> Vec<Return> {
    counting(source, tables, (period, as_of), |counter| counter.count_all(tables, true))
}

fn released(source: Source<'_>, tables: &[&Table], wanted: &Wanted<'_>) -> Vec<Release> {
    let Source { codebook, log, .. } = source;
    let mut released = wanted.released.to_vec();
    released.sort_unstable();
    released.dedup();
    if wanted.audience == Audience::Restricted {
        let mut made = counted(source, tables, wanted.period, wanted.as_of);
        if let Some(last) = released.last() {
            let earlier = counted(source, tables, wanted.period, *last);
            made.iter_mut().zip(&earlier).for_each(|(made, earlier)| revise(made, earlier, codebook, log));
        }
        return made.into_iter().map(|made| Release { made, audit: None }).collect();
    }
    let systems: Vec<Vec<&Table>> = tables.iter().map(|table| system(codebook, table, wanted.period)).collect();
    let mut needed: Vec<&Table> = systems.iter().flatten().copied().collect();
    needed.sort_by(|a, b| (&a.id, a.from).cmp(&(&b.id, b.from)));
    needed.dedup_by(|a, b| a.id == b.id && a.from == b.from);
    let mut before: Vec<Vec<Return>> = vec![Vec::new(); tables.len()];
    let (mut last, mut made): (Option<Moment>, Vec<Published>) = (None, Vec::new());
    for as_of in released.into_iter().chain([wanted.as_of]) {
        let revised = |tables: &[&Table], mut made: Vec<Return>| {
            if let Some(last) = last {
                let earlier = counted(source, tables, wanted.period, last);
                made.iter_mut().zip(&earlier).for_each(|(made, earlier)| revise(made, earlier, codebook, log));
            }
            made
        };
        made = counting(source, &needed, (wanted.period, as_of), |counter| {
            let count = |tables: &[&Table]| revised(tables, counter.count_all(tables, false));
            // A system begins as soon as its own tables are counted: one that is told in coarser parts takes as long as all the others.
            let exact: Vec<OnceLock<Return>> = needed.iter().map(|_| OnceLock::new()).collect();
            if last.is_some() {
                exact.iter().zip(count(&needed)).for_each(|(place, made)| _ = place.set(made));
            }
            let one = |table: &Table| {
                let place = needed.iter().position(|other| other.id == table.id && other.from == table.from)?;
                Some(exact[place].get_or_init(|| count(&[needed[place]]).pop().expect("one table in is one table out")))
            };
            let mut order: Vec<usize> = (0..systems.len()).collect();
            order.sort_by_key(|place| std::cmp::Reverse(systems[*place].iter().map(|table| counter.cost(table)).sum::<usize>()));
            side_by_side(&order, |place| {
                let own: Vec<&Return> = systems[place].iter().filter_map(|table| one(table)).collect();
                published(codebook, &own, &systems[place], (&before[place], wanted.limits), &count)
            })
        });
        before.iter_mut().zip(&made).for_each(|(before, (made, _))| before.extend(made.iter().cloned()));
        last = Some(as_of);
    }
    let own = |(place, (made, audit)): (usize, Published)| {
        let wanted = systems[place].iter().position(|table| table.id == tables[place].id).unwrap_or_default();
        Release { made: made.into_iter().nth(wanted).expect("every table of the system was counted"), audit }
    };
    made.into_iter().enumerate().map(own).collect()
}

/// The tables of a system as everybody may see them, and what the audit of their protection found.
type Published = (Vec<Return>, Option<Audit>);

/// The tables of a system, counted exactly, as everybody may see them: as fine as protection allows.
fn published(
    codebook: &Codebook,
    exact: &[&Return],
    system: &[&Table],
    (before, limits): (&[Return], Limits),
    count: &dyn Fn(&[&Table]) -> Vec<Return>,
) -> Published {
    let finest: Vec<Table> = system.iter().map(|table| (*table).clone()).collect();
    if let Some(done) = protected(exact, &finest, before, limits) {
        return done;
    }
    for (tables, told) in coarser(codebook, finest) {
        let mut made = count(&tables.iter().collect::<Vec<_>>());
        made.iter_mut().filter(|made| made.class == TableClass::Person).for_each(|made| made.collapsed.clone_from(&told));
        if let Some(done) = protected(&made.iter().collect::<Vec<_>>(), &tables, before, limits) {
            return done;
        }
    }
    // Numbers are rounded on their own, so nothing is gained by telling them in coarser parts.
    let rounded = exact.iter().map(|made| match made.class {
        TableClass::Person => withhold::rounded(made, limits),
        TableClass::Conduct => withhold::open(made),
    });
    (rounded.collect(), None)
}

/// The tables of a system in ever coarser parts, each time with what was done to them so far.
fn coarser(codebook: &Codebook, mut tables: Vec<Table>) -> Vec<(Vec<Table>, Vec<String>)> {
    let (mut made, mut told) = (Vec::new(), Vec::new());
    for step in STEPS {
        let moved = tables.iter_mut().filter_map(|table| coarsened(codebook, table, step).then_some(())).count();
        if moved > 0 {
            told.push(step.told().to_owned());
            made.push((tables.clone(), told.clone()));
        }
    }
    made
}

/// Tables with what must be withheld; nothing where that leaves too much blank, or not enough hidden.
fn protected(made: &[&Return], tables: &[Table], before: &[Return], limits: Limits) -> Option<Published> {
    let counted: Vec<withhold::system::Counted<'_>> = made.iter().copied().zip(tables).collect();
    let (public, audit) = withhold::protect_unless_blank(&counted, before, limits)?;
    (audit.recovered == 0).then_some((public, Some(audit)))
}

/// Tells one dimension of a table about persons in coarser parts; whether there was one.
fn coarsened(codebook: &Codebook, table: &mut Table, step: Step) -> bool {
    if table.class == TableClass::Conduct {
        return false;
    }
    let has_region = table.by.iter().any(|dimension| dimension.of == DimensionOf::Region);
    let regions = codebook.field_names.iter().any(|name| name == "region");
    let before = table.by.clone();
    match step {
        Step::Ages => {
            let bands = vec![Band { least: 0, most: Some(ADULT - 1) }, Band { least: ADULT, most: None }];
            table.by.iter_mut().filter(|dimension| dimension.of == DimensionOf::Age).for_each(|one| one.bands.clone_from(&bands));
        }
        Step::Places if has_region => table.by.retain(|dimension| dimension.of != DimensionOf::Place),
        Step::Places if regions => {
            table.by.iter_mut().filter(|one| one.of == DimensionOf::Place).for_each(|one| one.of = DimensionOf::Region);
        }
        Step::Places => {}
        Step::Years => {
            let is_part = |of: DimensionOf| matches!(of, DimensionOf::Day | DimensionOf::Month | DimensionOf::Quarter);
            let has_year = table.by.iter().any(|dimension| dimension.of == DimensionOf::Year);
            if has_year {
                table.by.retain(|dimension| !is_part(dimension.of));
            } else if let Some(first) = table.by.iter().position(|dimension| is_part(dimension.of)) {
                table.by[first].of = DimensionOf::Year;
                table.by.retain(|dimension| !is_part(dimension.of));
            }
        }
    }
    table.by != before
}
