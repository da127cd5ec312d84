//! Entries of things by their kinds: thousands of entries name a place, and judging asks for those of a few kinds only.
//!
//! Each entry is looked at once, when it is new; then its index stands under its kind. A thing lives from its first entry on, so that the
//! first is always among what is asked for; so is whatever corrects or withdraws, with what that changes.
//!
//! What was seen is stored now and then, so that after a start only what came since is looked at: to open every entry of a large register
//! takes a minute. Stored is no more than headers say, but for the times of the first: an entry whose kind its header does not tell, and
//! one that changes others, is looked at anew. Nothing stored is needed, and whoever makes everything derived again leaves it aside.

use crate::access::Access;
use crate::entry::{self, Known};
use crate::error::RegisterError;
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::KindId;
use habeas_monitor::{Kinds, Monitor};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Entries of all things that are remembered at most; as many again, of things asked for less lately, are on their way out.
pub(crate) const MOST_ENTRIES: usize = 2_000_000;

/// New entries of a thing after which it is stored what they are: so many, and a part of all, so that what is written stays linear.
const STORED_AFTER: usize = 64;
const STORED_PART: usize = 32;

/// Whether what was seen of things is stored, and under what: by another program, under another law or with other keys, entries are read
/// otherwise.
pub(crate) struct Noting {
    pub(crate) under: String,
    /// The writer stores it; readers read.
    pub(crate) writes: bool,
}

/// What is stored of a thing.
#[derive(Serialize, Deserialize)]
struct Stored {
    under: String,
    next: u64,
    /// By kind: the first index, then how far each is from the one before.
    kinds: BTreeMap<u16, Vec<u64>>,
    firsts: [Option<(i64, u64)>; 2],
    /// To be looked at anew.
    anew: Vec<u64>,
}

/// What a thing's entries are.
#[derive(Default)]
pub(crate) struct OfThing {
    /// Entries before this one were seen.
    next: u64,
    /// How many had been seen when it was last stored what they are.
    stored: usize,
    /// Those of which that is not stored.
    anew: Vec<u64>,
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
    /// What is remembered of a thing, or else stored.
    fn take(access: &mut Access, monitor: &Monitor<'_>, thing: i64) -> Result<Self, RegisterError> {
        if let Some(of) = access.memory.things.take(&thing) {
            return Ok(of);
        }
        let Some(noting) = &access.noting else { return Ok(OfThing::default()) };
        let seen = access.store.seen(thing)?;
        let stored: Option<Stored> = seen.and_then(|seen| serde_json::from_slice(&seen).ok());
        let Some(stored) = stored.filter(|stored| stored.under == noting.under) else { return Ok(OfThing::default()) };
        let mut of = OfThing { next: stored.next, ..OfThing::default() };
        of.firsts = stored.firsts.map(|first| first.map(|(at, index)| (Moment(at), index)));
        for (kind, steps) in stored.kinds {
            let indexes = steps.iter().scan(0_u64, |index, step| {
                *index = index.checked_add(*step)?;
                Some(*index)
            });
            let indexes: Vec<u64> = indexes.collect();
            of.count += indexes.len();
            of.kinds.insert(KindId(kind), indexes);
        }
        for index in stored.anew {
            of.look_at(access, monitor, index)?;
        }
        of.stored = of.count;
        Ok(of)
    }

    /// Puts it back into memory; where enough is new, also into the store.
    fn put_back(mut self, access: &mut Access, thing: i64) -> Result<(), RegisterError> {
        let is_due = self.count >= self.stored + STORED_AFTER + self.count / STORED_PART;
        if let Some(noting) = access.noting.as_ref().filter(|noting| noting.writes && is_due) {
            let anew: HashSet<u64> = self.anew.iter().copied().collect();
            let steps = |indexes: &Vec<u64>| {
                let mut last = 0;
                let kept = indexes.iter().filter(|index| !anew.contains(index));
                kept.map(|index| index - std::mem::replace(&mut last, *index)).collect()
            };
            let stored = Stored {
                under: noting.under.clone(),
                next: self.next,
                kinds: self.kinds.iter().map(|(kind, indexes)| (kind.0, steps(indexes))).collect(),
                // One that is looked at anew is found again as the first: its time is not shown.
                firsts: self.firsts.map(|first| first.filter(|(_, index)| !anew.contains(index)).map(|(at, index)| (at.0, index))),
                anew: self.anew.clone(),
            };
            let seen = serde_json::to_vec(&stored).map_err(|error| RegisterError::Store { why: error.to_string() })?;
            access.store.put_seen(thing, &seen)?;
            self.stored = self.count;
        }
        let weight = self.count + 1;
        access.memory.things.insert(thing, self, weight);
        Ok(())
    }

    fn look_at(&mut self, access: &mut Access, monitor: &Monitor<'_>, index: u64) -> Result<(), RegisterError> {
        let entry = access.entry(index)?;
        let is_told = entry.as_ref().is_some_and(|entry| entry::shows_kind(&entry.header) && !monitor.changes(entry.kind));
        if !is_told {
            self.anew.push(index);
        }
        if let Some(entry) = entry {
            self.take_in(index, &entry, monitor);
        }
        Ok(())
    }

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
    let mut of = OfThing::take(access, monitor, thing)?;
    let next = access.store.naming_from(thing, of.next, most)?;
    for index in &next {
        of.next = index + 1;
        of.look_at(access, monitor, *index)?;
    }
    of.put_back(access, thing)?;
    Ok(next.len() < most as usize)
}

/// Indexes of the entries of a thing that are of some kinds, with its first, also the first whose time is exact, and those that change
/// others, each with the other.
pub(crate) fn entries_of_kinds(access: &mut Access, monitor: &Monitor<'_>, thing: i64, kinds: &Kinds) -> Result<Vec<u64>, RegisterError> {
    look_at(access, monitor, thing, u32::MAX)?;
    let mut of = OfThing::take(access, monitor, thing)?;
    of.find_changed(access)?;
    let wanted = of.kinds.iter().filter(|(kind, _)| kinds.contains(**kind)).flat_map(|(_, indexes)| indexes);
    let firsts = of.firsts.iter().flatten().map(|(_, index)| index);
    let wanted = wanted.chain(firsts).chain(&of.changing).chain(&of.changed).copied().collect();
    of.put_back(access, thing)?;
    Ok(wanted)
}
