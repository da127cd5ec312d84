//! Rows that are whole states, one for each day or capture: what is new, what changed, who is gone (interfaces, `[snapshot]`).

use super::compiled::{Column, Row, Taken};
use super::numbers::Numbers;
use crate::problem::Problem;
use habeas_codebook::moment::{At, Precision};
use std::collections::{BTreeMap, HashMap};

/// A row kept until all snapshots are there.
struct Kept {
    file: String,
    number: u64,
    line: u64,
    values: Vec<String>,
    starts: Vec<u64>,
    numbers: Numbers,
}

impl Kept {
    fn row<'k>(&'k self, change: Option<(&'k str, &'k str)>) -> Row<'k> {
        Row {
            file: &self.file,
            number: self.number,
            line: self.line,
            values: &self.values,
            starts: &self.starts,
            numbers: self.numbers,
            change,
        }
    }
}

/// Rows of one snapshot, by key.
type Rows = Vec<(String, Kept)>;

/// Snapshots by when they were taken.
#[derive(Default)]
pub(super) struct Snapshots {
    taken: BTreeMap<(i64, i64), (At, Rows)>,
}

/// What the comparison of two snapshots shows.
#[derive(Debug)]
pub(super) enum Change {
    First {
        at: At,
    },
    Changed {
        at: At,
        column: Column,
    },
    Gone {
        at: At,
    },
    /// Seen again after having been missing.
    Back {
        at: At,
    },
}

impl Change {
    /// When it happened, as well as snapshots tell.
    pub(super) fn at(&self) -> At {
        match self {
            Change::First { at } | Change::Changed { at, .. } | Change::Gone { at } | Change::Back { at } => *at,
        }
    }
}

impl Snapshots {
    pub(super) fn keep(&mut self, row: &Row<'_>, key: &[Column], taken: &Taken) -> Result<(), Problem> {
        let at = match taken {
            Taken::Column(time) => time.of(row)?.first().copied(),
            Taken::FileName(regex, reading) => {
                let name = regex.captures(row.file).and_then(|c| c.get(1).or(c.get(0)));
                name.and_then(|m| reading.read(m.as_str()))
            }
        };
        let Some(at) = at else {
            return Err(row.problem(
                None,
                "this row does not say when its snapshot was taken",
                "",
                "a time as `taken` of [snapshot] reads it",
            ));
        };
        let mut name = String::new();
        for column in key {
            let value = row.value(*column);
            if value.is_empty() {
                return Err(row.problem(Some(*column), "the key of a snapshot's row is blank", "", "a value"));
            }
            name.push_str(value);
            name.push('\u{1f}');
        }
        let kept = Kept {
            file: row.file.to_owned(),
            number: row.number,
            line: row.line,
            values: row.values.to_vec(),
            starts: row.starts.to_vec(),
            numbers: row.numbers,
        };
        let snapshot = self.taken.entry((at.earliest.0, at.latest.0)).or_insert_with(|| (at, Vec::new()));
        snapshot.1.push((name, kept));
        Ok(())
    }

    /// Compares each snapshot with the one before it. Whoever is missing is gone, and back but not new when seen again; with
    /// `returns_within_days` whoever is seen again so soon was never gone, and whoever is seen again later is new.
    pub(super) fn compare(self, changed: &[Column], returns_within_days: Option<u32>, tell: &mut dyn FnMut(&Row<'_>, Change)) {
        // Who was seen last, in which snapshot, and whether in the latest.
        let mut last: HashMap<String, Kept> = HashMap::new();
        let mut inside: HashMap<String, u32> = HashMap::new();
        // Who may come back: when they were seen last, and between when they went.
        let mut away: HashMap<String, (At, At)> = HashMap::new();
        let soon = |seen: At, again: At| {
            returns_within_days.is_some_and(|days| again.latest.since(seen.latest) <= i64::from(days) * 86_400_000_000)
        };
        let mut before: Option<At> = None;
        for (n, (at, rows)) in self.taken.into_values().enumerate() {
            let n = n as u32;
            let between = before.map_or(at, |b: At| At { earliest: b.earliest, latest: at.latest, precision: Precision::Range });
            for (name, kept) in rows {
                if let Some((_, went)) = away.remove(&name).filter(|(seen, _)| !soon(*seen, at))
                    && let Some(old) = last.remove(&name)
                {
                    tell(&old.row(None), Change::Gone { at: went });
                }
                match last.get(&name) {
                    None => tell(&kept.row(None), Change::First { at }),
                    Some(old) => {
                        if returns_within_days.is_none() && !inside.contains_key(&name) {
                            tell(&kept.row(None), Change::Back { at: between });
                        }
                        for column in changed {
                            let (was, is) = (old.values[*column].as_str(), kept.values[*column].as_str());
                            if was != is {
                                tell(&kept.row(Some((was, is))), Change::Changed { at: between, column: *column });
                            }
                        }
                    }
                }
                inside.insert(name.clone(), n);
                last.insert(name, kept);
            }
            let gone = inside.iter().filter(|(_, seen)| **seen != n).map(|(name, _)| name.clone()).collect();
            for name in in_order(gone, &last) {
                inside.remove(&name);
                match (returns_within_days, before) {
                    (Some(_), Some(seen)) => drop(away.insert(name, (seen, between))),
                    _ => last.get(&name).into_iter().for_each(|kept| tell(&kept.row(None), Change::Gone { at: between })),
                }
            }
            before = Some(at);
        }
        for name in in_order(away.keys().cloned().collect(), &last) {
            if let (Some(kept), Some((_, went))) = (last.get(&name), away.get(&name)) {
                tell(&kept.row(None), Change::Gone { at: *went });
            }
        }
    }
}

/// In the order in which their rows stand.
fn in_order(mut names: Vec<String>, last: &HashMap<String, Kept>) -> Vec<String> {
    names.sort_unstable_by_key(|name| last.get(name).map(|k| (k.file.clone(), k.number)));
    names
}
