//! Entries of things by their kinds: thousands of entries name a place, and judging asks for those of a few kinds only.
//!
//! Each entry is looked at once, when it is new or after a start; then its index stands under its kind. A thing lives from its first entry
//! on, so that the first is always among what is asked for; so is whatever corrects or withdraws, with what that changes.

use crate::access::Access;
use crate::entry::Known;
use crate::error::RegisterError;
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::KindId;
use habeas_monitor::{Kinds, Monitor};
use std::collections::{HashMap, HashSet};

/// Entries of all things that are remembered at most; as many again, of things asked for less lately, are on their way out.
pub(crate) const MOST_ENTRIES: usize = 2_000_000;

/// What a thing's entries are.
#[derive(Default)]
pub(crate) struct OfThing {
    /// Entries before this one were seen.
    next: u64,
    /// Indexes by kind, each in order.
    kinds: HashMap<KindId, Vec<u64>>,
    count: usize,
    /// The first that stands, and the first of those whose time is exact: earliest time and index.
    firsts: [Option<(Moment, u64)>; 2],
    /// Entries that correct or withdraw another.
    changing: Vec<u64>,
    /// Those that they change.
    changed: HashSet<u64>,
    /// Ids of entries that are to be changed and have not been met: what is brought from elsewhere comes in any order.
    unmet: Vec<String>,
}

impl OfThing {
    fn take_in(&mut self, index: u64, entry: &Known, monitor: &Monitor<'_>) {
        self.kinds.entry(entry.kind).or_default().push(index);
        self.count += 1;
        if monitor.changes(entry.kind) {
            self.changing.push(index);
            self.unmet.extend(entry.changes().map(str::to_owned));
        }
        self.may_be_first(index, entry);
    }

    fn may_be_first(&mut self, index: u64, entry: &Known) {
        if self.changed.contains(&index) {
            return;
        }
        let time = (entry.at.earliest, index);
        let [any, exact] = &mut self.firsts;
        for first in std::iter::once(any).chain(entry.at.is_exact().then_some(exact)) {
            if first.is_none_or(|first| time < first) {
                *first = Some(time);
            }
        }
    }

    /// Finds what is changed by now; the first is sought anew where it is among that.
    fn find_changed(&mut self, access: &mut Access) -> Result<(), RegisterError> {
        let mut found = false;
        for id in std::mem::take(&mut self.unmet) {
            match access.store.index_of(&id)? {
                Some(index) => {
                    self.changed.insert(index);
                    found |= self.firsts.iter().flatten().any(|(_, first)| *first == index);
                }
                None => self.unmet.push(id),
            }
        }
        if found {
            self.firsts = [None, None];
            let all: Vec<u64> = self.kinds.values().flatten().copied().collect();
            for index in all {
                if let Some(entry) = access.entry(index)? {
                    self.may_be_first(index, &entry);
                }
            }
        }
        Ok(())
    }
}

/// Looks at the next entries of a thing, so many at most: whoever waits meanwhile need not wait for all of a long history. Whether these
/// were the last.
pub(crate) fn look_at(access: &mut Access, monitor: &Monitor<'_>, thing: i64, most: u32) -> Result<bool, RegisterError> {
    let mut of = access.memory.things.take(&thing).unwrap_or_default();
    let next = access.store.naming_from(thing, of.next, most)?;
    for index in &next {
        of.next = index + 1;
        if let Some(entry) = access.entry(*index)? {
            of.take_in(*index, &entry, monitor);
        }
    }
    let weight = of.count + 1;
    access.memory.things.insert(thing, of, weight);
    Ok(next.len() < most as usize)
}

/// Indexes of the entries of a thing that are of some kinds, with its first, also the first whose time is exact, and those that change
/// others, each with the other.
pub(crate) fn entries_of_kinds(access: &mut Access, monitor: &Monitor<'_>, thing: i64, kinds: &Kinds) -> Result<Vec<u64>, RegisterError> {
    look_at(access, monitor, thing, u32::MAX)?;
    let mut of = access.memory.things.take(&thing).unwrap_or_default();
    of.find_changed(access)?;
    let wanted = of.kinds.iter().filter(|(kind, _)| kinds.contains(**kind)).flat_map(|(_, indexes)| indexes);
    let firsts = of.firsts.iter().flatten().map(|(_, index)| index);
    let wanted = wanted.chain(firsts).chain(&of.changing).chain(&of.changed).copied().collect();
    let weight = of.count + 1;
    access.memory.things.insert(thing, of, weight);
    Ok(wanted)
}
