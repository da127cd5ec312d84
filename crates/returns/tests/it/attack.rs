//! An attack on published tables: every table that agrees with what is printed is written out, and no small number may be the same in
//! all of them. The attacker knows the rules, sees which cells are marked as small, and may sit in one of the cells.

use habeas_returns::cells::Shown;
use habeas_returns::withhold::system::{Line, System};
use habeas_returns::withhold::{Limits, withhold};
use proptest::prelude::*;

/// A table of rows and columns with all its totals; the cells first, then the rows, the columns, the grand total.
fn table(rows: &[Vec<u64>]) -> System {
    let (height, width) = (rows.len(), rows[0].len());
    let cell = |row: usize, column: usize| row * width + column;
    let mut counts: Vec<u64> = rows.iter().flatten().copied().collect();
    counts.extend(rows.iter().map(|row| row.iter().sum::<u64>()));
    counts.extend((0..width).map(|column| rows.iter().map(|row| row[column]).sum::<u64>()));
    counts.push(rows.iter().flatten().sum());
    let (row_total, column_total, all) = (height * width, height * width + height, height * width + height + width);
    let mut lines: Vec<Line> =
        (0..height).map(|r| Line { whole: row_total + r, parts: (0..width).map(|c| cell(r, c)).collect() }).collect();
    lines.extend((0..width).map(|c| Line { whole: column_total + c, parts: (0..height).map(|r| cell(r, c)).collect() }));
    lines.push(Line { whole: all, parts: (0..height).map(|r| row_total + r).collect() });
    lines.push(Line { whole: all, parts: (0..width).map(|c| column_total + c).collect() });
    System { counts, lines, always: Vec::new(), deep: false }
}

/// One row of numbers with its total.
fn row(counts: &[u64]) -> System {
    let mut all = counts.to_vec();
    all.push(counts.iter().sum());
    let lines = vec![Line { whole: counts.len(), parts: (0..counts.len()).collect() }];
    System { counts: all, lines, always: Vec::new(), deep: false }
}

/// For each withheld count the values that it has in some table that agrees with what is printed; counts are tried up to `most`.
fn possible(system: &System, shown: &[Shown], most: u64, inside: Option<usize>, limits: Limits) -> Vec<Vec<u64>> {
    let hidden: Vec<usize> = (0..shown.len()).filter(|p| shown[*p].is_withheld() && inside != Some(*p)).collect();
    let mut values: Vec<Option<u64>> =
        system.counts.iter().enumerate().map(|(p, c)| (!shown[p].is_withheld() || inside == Some(p)).then_some(*c)).collect();
    let mut found: Vec<Vec<u64>> = vec![Vec::new(); shown.len()];
    try_all(system, shown, &hidden, most, &mut values, &mut found, limits);
    found
}

fn try_all(
    system: &System,
    shown: &[Shown],
    hidden: &[usize],
    most: u64,
    values: &mut Vec<Option<u64>>,
    found: &mut Vec<Vec<u64>>,
    limits: Limits,
) {
    for line in &system.lines {
        let known: u64 = line.parts.iter().filter_map(|p| values[*p]).sum();
        let complete = line.parts.iter().all(|p| values[*p].is_some());
        match values[line.whole] {
            Some(whole) if known > whole || (complete && known != whole) => return,
            Some(_) | None => {}
        }
    }
    let Some((next, rest)) = hidden.split_first() else {
        for (place, value) in values.iter().enumerate().filter(|(p, _)| shown[*p].is_withheld()) {
            let value = value.expect("all are tried");
            if !found[place].contains(&value) {
                found[place].push(value);
            }
        }
        return;
    };
    let small = u64::from(limits.smallest);
    let free = if shown[*next] == Shown::SmallCount { 1..small } else { 0..most + 1 };
    // A line in which all else is known leaves one value.
    let forced = system.lines.iter().find_map(|line| forced(line, *next, values));
    let range = match forced {
        Some(value) if value < 0 || !free.contains(&value.unsigned_abs()) => return,
        Some(value) => value.unsigned_abs()..value.unsigned_abs() + 1,
        None => free,
    };
    for value in range {
        values[*next] = Some(value);
        try_all(system, shown, rest, most, values, found, limits);
    }
    values[*next] = None;
}

/// The only value that a line leaves for a count, if all its others are known.
fn forced(line: &Line, place: usize, values: &[Option<u64>]) -> Option<i64> {
    let others: Vec<usize> = line.parts.iter().copied().filter(|p| *p != place).collect();
    let sum: Option<u64> = others.iter().map(|p| values[*p]).sum();
    let sum = i64::try_from(sum?).ok()?;
    if line.whole == place {
        return Some(sum);
    }
    let whole = i64::try_from(values[line.whole]?).ok()?;
    line.parts.contains(&place).then_some(whole - sum)
}

fn attack(system: &System, limits: Limits) -> Result<(), String> {
    let (shown, audit) = withhold(system, &[], limits);
    if audit.recovered > 0 {
        return Ok(()); // The table is not published as it stands: it is rounded.
    }
    if shown.iter().filter(|s| s.is_withheld()).count() > 8 {
        return Ok(()); // Too many tables to write out.
    }
    let most = system.counts.iter().copied().max().unwrap_or(0) + u64::from(limits.smallest);
    let ones: Vec<Option<usize>> =
        std::iter::once(None).chain((0..shown.len()).filter(|p| shown[*p].is_withheld() && system.counts[*p] == 1).map(Some)).collect();
    for inside in ones {
        // From inside, the attacker has the marks of the others too only if the audit of the marks held; the rules promise the numbers.
        let marks: Vec<Shown> = if inside.is_some() {
            shown.iter().map(|s| if s.is_withheld() { Shown::Secondary } else { *s }).collect()
        } else {
            shown.clone()
        };
        let possible = possible(system, &marks, most, inside, limits);
        for (place, values) in possible.iter().enumerate().filter(|(p, _)| shown[*p].is_withheld() && inside != Some(*p)) {
            let count = system.counts[place];
            if (1..u64::from(limits.smallest)).contains(&count) && values.len() == 1 {
                return Err(format!(
                    "count {count} at {place} is recovered, from inside {inside:?}, of {:?} shown {shown:?}",
                    system.counts
                ));
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]
    #[test]
    fn no_small_number_of_a_table_is_recovered(rows in prop::collection::vec(prop::collection::vec(0u64..12, 3), 2)) {
        prop_assert_eq!(attack(&table(&rows), Limits::default()), Ok(()));
    }

    #[test]
    fn no_small_number_of_a_row_is_recovered(counts in prop::collection::vec(0u64..12, 1..6)) {
        prop_assert_eq!(attack(&row(&counts), Limits::default()), Ok(()));
    }
}

const TWO: Limits = Limits { smallest: 3, base: 5 };

#[test]
fn three_singletons_in_a_line_do_not_undo_each_other() {
    for counts in [[1u64, 1, 7, 1, 0], [1, 0, 0, 2, 8]] {
        assert_eq!(attack(&row(&counts), TWO), Ok(()), "{counts:?}");
        let (shown, audit) = withhold(&row(&counts), &[], TWO);
        let together: u64 = (0..5).filter(|p| shown[*p].is_withheld()).map(|p| counts[p]).sum();
        assert!(together >= 3, "{counts:?} {shown:?}");
        assert_eq!(audit.recovered, 0);
    }
}

#[test]
fn two_groupings_of_the_same_regions_are_withheld_jointly() {
    let counts = [2u64, 2, 8, 8, 3, 3, 3, 7];
    let by_county = [vec![0, 1, 2], vec![3, 4], vec![5, 6, 7]];
    let by_size = [vec![0, 3, 5], vec![1, 4, 6], vec![2, 7]];
    let mut system = System { counts: counts.to_vec(), ..System::default() };
    for groups in [&by_county, &by_size] {
        let first = system.counts.len();
        for group in groups {
            system.counts.push(group.iter().map(|p| counts[*p]).sum());
            system.lines.push(Line { whole: system.counts.len() - 1, parts: group.clone() });
        }
        system.counts.push(counts.iter().sum());
        system.lines.push(Line { whole: system.counts.len() - 1, parts: (first..first + groups.len()).collect() });
    }
    assert_eq!(attack(&system, TWO), Ok(()));
}

#[test]
fn a_hundred_runs_of_one_table_give_one_pattern() {
    let system = table(&[vec![1, 7, 3], vec![0, 2, 9], vec![6, 4, 1]]);
    let first = withhold(&system, &[], Limits::default());
    for _ in 0..100 {
        assert_eq!(withhold(&system, &[], Limits::default()), first);
    }
}

#[test]
fn a_table_of_zeros_hides_nothing_and_a_small_total_is_withheld_with_its_only_part() {
    let (shown, _) = withhold(&table(&[vec![0, 0], vec![0, 0]]), &[], Limits::default());
    assert!(shown.iter().all(|s| *s == Shown::Free));
    let (shown, audit) = withhold(&row(&[3, 0, 0]), &[], Limits::default());
    assert!(shown[0].is_withheld() && shown[3].is_withheld());
    assert_eq!(audit.recovered, 0);
}

#[test]
fn additions_that_hang_together_in_a_ring_are_seen_by_the_linear_programme() {
    // A cube of two by two by two with every face summed: bounds alone leave it open, the ring of additions does not.
    let cube = [3u64, 9, 9, 9, 9, 9, 9, 9];
    let mut system = System { counts: cube.to_vec(), deep: true, ..System::default() };
    for direction in 0..3 {
        for start in 0..8usize {
            if start >> direction & 1 == 0 {
                let parts = vec![start, start | 1 << direction];
                system.counts.push(parts.iter().map(|p| cube[*p]).sum());
                system.lines.push(Line { whole: system.counts.len() - 1, parts });
            }
        }
    }
    let (shown, audit) = withhold(&system, &[], Limits::default());
    assert!(shown[0].is_withheld());
    assert_eq!(audit.recovered, 0);
    assert!(audit.narrowest.is_none_or(|width| width >= 5), "{audit:?}");
}
