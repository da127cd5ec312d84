//! The walk over a log, entry by entry: hashes, headers, bodies, times.
//!
//! Two trees grow side by side once they differ: of the entries as they stand, and of the leaf hashes stored beside them. Where a signed
//! root fits one of the two, it tells which was altered, and the walk goes on from that one.

use super::notes::{Mark, Notes};
use super::wording::moment;
use super::{Code, Finding, Interval, KeptFile, Part, Report, Stored, StoredLog, Trust, Weight, Witnessed, epochs};
use crate::fields;
use crate::leaf::{Beacon, Class, Header};
use crate::merkle::{Edge, Hash, leaf_hash};
use std::collections::{BTreeMap, BTreeSet};

/// The kind of an entry that orders an erasure.
const ERASURE: &str = "keys_destroyed";

pub(super) struct Walk<'a, L: ?Sized> {
    log: &'a L,
    trust: &'a Trust<'a>,
    /// Hash of the log's name, and the index up to which the names of earlier epochs count.
    origin: Hash,
    epochs_until: u64,
    notes: Notes,
    /// The tree of the entries as they stand.
    edge: Edge,
    /// The tree of the stored leaf hashes, once it differs.
    beside: Option<Edge>,
    /// Entries that differ from their stored leaf hash and whose side no root has told yet.
    differing: Vec<(u64, Hash, Hash)>,
    /// Sizes at which a signed root fitted, with whether it was witnessed enough.
    fitted: Vec<(u64, bool)>,
    /// Signed roots that fitted neither tree.
    unfitted: Vec<Mark>,
    recorded_at_ms: Option<u64>,
    /// The next witnessed checkpoint: its size, and when it was witnessed. Asked for once a checkpoint.
    upper: Option<(u64, Option<u64>)>,
    orders: BTreeSet<u64>,
    /// Orders that are named for missing parts, each with the last entry that it is named for.
    erased: BTreeMap<u64, u64>,
    interval: Option<Interval>,
    findings: Vec<Finding>,
    lost: bool,
}

impl<'a, L: StoredLog + ?Sized> Walk<'a, L> {
    pub fn new(log: &'a L, trust: &'a Trust<'a>, mut notes: Notes) -> Self {
        let findings = std::mem::take(&mut notes.findings);
        let mut walk = Walk {
            log,
            trust,
            origin: Hash::of(log.origin().as_bytes()),
            epochs_until: trust.policy.epochs_before(&log.origin()).first().map_or(0, |epoch| epoch.kept),
            notes,
            edge: Edge::new(),
            beside: None,
            differing: Vec::new(),
            fitted: Vec::new(),
            unfitted: Vec::new(),
            recorded_at_ms: None,
            upper: None,
            orders: BTreeSet::new(),
            erased: BTreeMap::new(),
            interval: None,
            findings,
            lost: false,
        };
        walk.check_marks();
        walk
    }

    /// Takes the next entry.
    pub fn step(&mut self, stored: Stored<'_>) {
        if self.lost {
            return;
        }
        let index = self.edge.size();
        let computed = stored.bytes.map(leaf_hash);
        let Some(leaf) = computed.or(stored.leaf) else {
            let found = "neither the entry nor its leaf hash";
            self.findings.push(Finding::new(Code::Container, found, "at least one of them, to go on from here").at(index));
            self.lost = true;
            return;
        };
        let beside = stored.leaf.unwrap_or(leaf);
        if beside != leaf {
            self.differing.push((index, leaf, beside));
            self.beside.get_or_insert_with(|| self.edge.clone());
        }
        if let Some(edge) = &mut self.beside {
            edge.push(beside);
        }
        self.edge.push(leaf);
        if let Some(bytes) = stored.bytes
            && self.log.is_ours()
        {
            self.check_entry(index, bytes, stored.parts);
        }
        self.check_marks();
    }

    /// Compares the trees with what was signed at this size.
    fn check_marks(&mut self) {
        let size = self.edge.size();
        let Some(marks) = self.notes.marks.get(&size) else { return };
        let (ours, beside) = (self.edge.root(), self.beside.as_ref().map(Edge::root));
        for mark in marks.clone() {
            let signed = mark.judged.checkpoint.root;
            if signed == ours {
                self.settle(Code::Tile);
            } else if Some(signed) == beside {
                self.settle(Code::Leaf);
            } else {
                self.unfitted.push(mark);
                continue;
            }
            self.fitted.push((size, mark.judged.quorum));
        }
    }

    /// A signed root has told which side was altered: the entries ([`Code::Leaf`]) or the hashes beside them ([`Code::Tile`]).
    fn settle(&mut self, altered: Code) {
        for (index, entry, beside) in std::mem::take(&mut self.differing) {
            let (found, expected) = if altered == Code::Leaf {
                (format!("the entry hashes to {entry}"), format!("{beside}, which the signed root covers"))
            } else {
                (format!("the stored leaf hash is {beside}"), format!("{entry}, the hash of the entry, which the signed root covers"))
            };
            let kept = self.log.kept_in(index);
            let file = if altered == Code::Leaf { kept.entry } else { kept.leaf };
            self.findings.push(Finding { file, ..Finding::new(altered, found, expected).at(index) });
        }
        if let (Code::Leaf, Some(edge)) = (altered, self.beside.take()) {
            self.edge = edge;
        }
    }

    fn check_entry(&mut self, index: u64, bytes: &[u8], parts: Option<&[Part<'_>]>) {
        let header = match Header::decode(bytes) {
            Ok(header) => header,
            Err(error) => {
                self.findings.push(Finding::refusal(Code::Header, &error).at(index));
                return;
            }
        };
        if header.index != index {
            let found = format!("the header says index {}", header.index);
            self.tell(&header, index, Finding::new(Code::Index, found, format!("{index}, its place")), "index");
        }
        let origin = if index < self.epochs_until {
            Hash::of(self.trust.policy.origin_at(&self.log.origin(), index).as_bytes())
        } else {
            self.origin
        };
        if header.origin != origin {
            let found = format!("the header's origin hash is {}", header.origin);
            self.tell(&header, index, Finding::new(Code::Origin, found, format!("{origin}, this log's")), "origin");
        }
        if index == self.epochs_until && index > 0 && header.kind != epochs::DECLARED {
            let found = format!("the first entry of the epoch is `{}`", header.kind);
            let expected = format!("`{}`: who lost what, and by whose order it goes on", epochs::DECLARED);
            self.tell(&header, index, Finding::new(Code::Undeclared, found, expected), "kind");
        }
        if header.kind == ERASURE {
            self.orders.insert(index);
        }
        self.check_times(&header, index);
        if let Some(parts) = parts {
            self.check_parts(&header, index, parts);
            self.check_files(&header, index, parts);
        }
    }

    fn tell(&mut self, header: &Header, index: u64, finding: Finding, field: &'static str) {
        let finding = Finding { event: Some(header.event), custody: Some(header.custody), field: Some(field), ..finding };
        self.findings.push(finding.at(index));
    }

    fn check_times(&mut self, header: &Header, index: u64) {
        let recorded = header.recorded_at_ms;
        if self.recorded_at_ms.is_some_and(|before| recorded < before) {
            let finding =
                Finding::new(Code::Clock, format!("recorded at {}", moment(recorded)), "a time not before that of the entry before");
            self.tell(header, index, finding, "recorded_at");
        }
        self.recorded_at_ms = Some(self.recorded_at_ms.map_or(recorded, |before| before.max(recorded)));
        let beacon = (header.beacon != Beacon::default()).then_some((header.beacon.size, header.beacon.root));
        let after = beacon.and_then(|beacon| self.notes.beacons.get(&beacon)).copied();
        if let Some(beacon) = beacon {
            self.check_beacon(header, index, beacon, after.is_some());
        }
        let lower = after.map(|seconds| seconds.saturating_mul(1000));
        if let Some(lower) = lower.filter(|lower| recorded.saturating_add(self.trust.skew_ms) < *lower) {
            let found = format!("recorded at {}, but the entry carries a checkpoint witnessed at {}", moment(recorded), moment(lower));
            self.tell(header, index, Finding::new(Code::Time, found, format!("it was made after {}", moment(lower))), "recorded_at");
        }
        if self.upper.is_none_or(|(until, _)| index >= until) {
            self.upper = Some(self.notes.upper_bound(index).map_or((u64::MAX, None), |(size, at)| (size, Some(at))));
        }
        let before = self.upper.and_then(|(_, at)| at);
        if self.trust.entry == Some(index) {
            self.interval = Some(Interval { index, recorded_at_ms: recorded, after, before });
        }
        let upper = before.map(|seconds| seconds.saturating_mul(1000).saturating_add(999));
        if let Some(upper) = upper.filter(|upper| recorded > upper.saturating_add(self.trust.skew_ms)) {
            let found = format!("recorded at {}, but it was witnessed at {}", moment(recorded), moment(upper));
            self.tell(header, index, Finding::new(Code::Time, found, format!("it was made before {}", moment(upper))), "recorded_at");
        }
    }

    /// The checkpoint that an entry carries is an earlier one, and is kept and witnessed: else it bounds nothing.
    fn check_beacon(&mut self, header: &Header, index: u64, (size, root): (u64, Hash), witnessed: bool) {
        let is_own = self.notes.marks.get(&size).is_some_and(|marks| marks.iter().any(|mark| mark.judged.checkpoint.root == root));
        if is_own && size > index {
            let found = format!("it carries a checkpoint of {size} entries, which counts the entry itself");
            let expected = format!("a checkpoint of at most {index} entries");
            return self.tell(header, index, Finding::new(Code::Beacon, found, expected), "beacon");
        }
        if !self.notes.kept.contains(&(size, root)) {
            self.run(
                Code::Unbound,
                index,
                format!("a checkpoint of {size} entries is carried that is not kept here: no lower bound in time"),
            );
        } else if !witnessed && self.trust.policy.asks_for_witnesses() {
            let found =
                format!("a checkpoint of {size} entries is carried that is not witnessed as the policy asks: no lower bound in time");
            self.run(Code::Unbound, index, found);
        }
    }

    fn check_parts(&mut self, header: &Header, index: u64, parts: &[Part<'_>]) {
        let mut whole = true;
        for (class, hash) in &header.parts {
            let order = self.log.erased_by(&header.custody, *class);
            let Some(part) = parts.iter().find(|part| part.class == *class) else {
                whole = false;
                self.check_missing(header, index, *class, order);
                continue;
            };
            let stored = Hash::of(part.sealed);
            if stored != *hash {
                whole = false;
                let found = format!("{} part: stored bytes hash to {stored}", class.word());
                let finding = Finding::new(Code::Body, found, format!("{hash}, as the entry says"));
                self.tell(header, index, Finding { class: Some(*class), ..finding }, "hash of the ciphertext");
            } else if let Some(order) = order.filter(|order| *order > index) {
                let finding =
                    Finding::new(Code::Resurrected, format!("{} part is there", class.word()), format!("erased by order {order}"));
                self.tell(header, index, Finding { class: Some(*class), ..finding }, "hash of the ciphertext");
            }
        }
        for part in parts.iter().filter(|part| header.parts.iter().all(|(class, _)| *class != part.class)) {
            let found = format!("{} part is stored", part.class.word());
            let finding = Finding::new(Code::Body, found, "none, as the entry says");
            self.tell(header, index, Finding { class: Some(part.class), ..finding }, "parts");
        }
        if whole && !header.parts.is_empty() {
            self.check_fields(header, index, parts);
        }
    }

    /// Files that were handed in with an entry: stored as the header says, or erased together with the part that tells of them.
    fn check_files(&mut self, header: &Header, index: u64, parts: &[Part<'_>]) {
        for (place, hash) in (0..).zip(&header.attachments) {
            let lost = || format!("file {place} is not stored");
            let (code, class, found) = match self.log.file(index, place) {
                Ok(KeptFile::Elsewhere) => continue,
                Ok(KeptFile::Sealed(class, sealed)) => {
                    let (stored, order) = (Hash::of(&sealed), self.log.erased_by(&header.custody, class));
                    match order.filter(|order| *order > index) {
                        _ if stored != *hash => (Code::Body, Some(class), format!("file {place}: stored bytes hash to {stored}")),
                        Some(order) => (Code::Resurrected, Some(class), format!("file {place} is there, erased by order {order}")),
                        None => continue,
                    }
                }
                Ok(KeptFile::Erased(class)) => {
                    let has_part = parts.iter().any(|part| part.class == class);
                    if !has_part && self.log.erased_by(&header.custody, class).is_some() {
                        continue;
                    }
                    (Code::Missing, Some(class), lost())
                }
                Ok(KeptFile::Lost) => (Code::Missing, None, lost()),
                Err(error) => (Code::Container, None, error.to_string()),
            };
            let finding = Finding::new(code, found, format!("{hash}, as the entry says"));
            self.tell(header, index, Finding { class, ..finding }, "attachments");
        }
    }

    fn check_missing(&mut self, header: &Header, index: u64, class: Class, order: Option<u64>) {
        let Some(order) = order else {
            let found = format!("{} part is not stored", class.word());
            let finding = Finding::new(Code::Missing, found, "its bytes, or an order to erase them");
            self.tell(header, index, Finding { class: Some(class), ..finding }, "parts");
            return;
        };
        let last = self.erased.entry(order).or_insert(index);
        *last = index.max(*last);
        self.run(Code::Erased, index, format!("by order {order}, keys destroyed: not checkable, lawful"));
    }

    fn check_fields(&mut self, header: &Header, index: u64, parts: &[Part<'_>]) {
        let opened = match self.log.open(header, parts) {
            Ok(Some(opened)) => opened,
            Ok(None) => {
                return self.run(Code::Sealed, index, "sealed parts whose keys are not here: hashes checked, fields not".to_owned());
            }
            Err(error) => {
                let finding = Finding::new(Code::Fields, error.to_string(), "parts that open with their keys");
                return self.tell(header, index, finding, "fields_root");
            }
        };
        let root = fields::root(&opened.fields);
        if root.as_ref() != Ok(&header.fields_root) {
            let found = root.map_or_else(|error| error.to_string(), |root| format!("the fields give {root}"));
            let finding = Finding::new(Code::Fields, found, format!("{}, as the entry says", header.fields_root));
            self.tell(header, index, finding, "fields_root");
        }
        let late = opened.happened_at_ms.map(|at| header.recorded_at_ms.saturating_sub(at)).filter(|late| *late > self.trust.late_ms);
        if let Some(late) = late {
            let (hours, minutes) = (late / 3_600_000, late / 60_000 % 60);
            let found = format!("recorded {hours} h {minutes:02} min after it happened ({})", header.kind);
            self.tell(header, index, Finding::new(Code::Late, found, "an entry at the time"), "recorded_at");
        }
    }

    /// Something that stretches over neighbouring entries is told once.
    fn run(&mut self, code: Code, index: u64, found: String) {
        let before = self.findings.iter_mut().rev().take(8).find(|finding| finding.code == code && finding.found == found);
        match before.filter(|finding| finding.until.is_some_and(|until| until + 1 >= index)) {
            Some(finding) => finding.until = Some(index),
            None => self.findings.push(Finding::new(code, found, String::new()).at(index)),
        }
    }

    /// What all of it comes to.
    pub fn report(mut self, container: Vec<Finding>) -> Report {
        self.findings.extend(container);
        let size = self.edge.size();
        for (order, index) in std::mem::take(&mut self.erased) {
            // An order erases what was there before it, nothing that came later.
            if !self.orders.contains(&order) || order <= index {
                let found = format!("parts are missing and entry {order} is named as the order");
                self.findings.push(Finding::new(Code::Missing, found, format!("a later entry of kind `{ERASURE}`")).at(index));
            }
        }
        for (index, entry, beside) in std::mem::take(&mut self.differing) {
            let found = format!("the entry hashes to {entry}, the stored leaf hash is {beside}; no signed root fits either");
            self.findings.push(Finding::new(Code::Leaf, found, "one hash").at(index));
        }
        self.tell_unfitted();
        let short: Vec<Mark> = self.notes.marks.range(size + 1..).flat_map(|(_, marks)| marks).cloned().collect();
        for mark in short {
            let counted = mark.judged.checkpoint.size;
            let finding = Finding::new(Code::Short, format!("{size} entries are stored"), format!("{counted}, as {} signs", mark.name));
            self.findings.push(finding.over(size, counted - 1).file(mark.name).note(mark.text));
        }
        let (proven, witnessed) = self.proven(size);
        self.findings.sort_by_key(|finding| (finding.index.is_some(), finding.index, finding.code));
        Report {
            origin: self.log.origin(),
            entries: size,
            newest_ms: self.recorded_at_ms,
            proven,
            witnessed,
            witnesses: self.trust.policy.witnesses().len(),
            interval: self.interval,
            findings: self.findings,
        }
    }

    /// Signed roots that the entries do not give: the entries were altered, or, where a later signed root fits, the log has forked.
    fn tell_unfitted(&mut self) {
        let newest = self.fitted.iter().map(|(size, _)| *size).max().unwrap_or(0);
        for mark in std::mem::take(&mut self.unfitted) {
            let signed = &mark.judged.checkpoint;
            let (first, last) =
                (self.fitted.iter().map(|(size, _)| *size).filter(|size| *size < signed.size).max().unwrap_or(0), signed.size);
            let expected = format!("the root {} that {} signs for {} entries", signed.root, mark.name, signed.size);
            if signed.size < newest || self.fitted.iter().any(|(size, _)| *size == signed.size) {
                let found = format!("the entries give another root, which a checkpoint of {newest} entries signs too");
                self.findings.push(Finding::new(Code::Fork, found, expected).at(last.saturating_sub(1)).file(mark.name).note(mark.text));
                continue;
            }
            // After one altered entry every later root differs: told once, over all.
            if let Some(before) = self.findings.iter_mut().find(|finding| finding.code == Code::Root) {
                before.until = before.until.max(Some(last.saturating_sub(1)));
                continue;
            }
            let named = self.findings.iter().filter(|finding| finding.code.breaks_the_chain()).filter_map(|finding| finding.index).min();
            let first = named.unwrap_or(first).max(first).min(last.saturating_sub(1));
            let finding = Finding::new(Code::Root, "the entries give another root", expected);
            self.findings.push(finding.over(first, last.saturating_sub(1)).file(mark.name).note(mark.text));
        }
    }

    /// How many entries are proven, by which checkpoint; and what is not yet signed or witnessed.
    fn proven(&mut self, size: u64) -> (u64, Option<Witnessed>) {
        let newest = |enough: bool| self.fitted.iter().filter(|(_, quorum)| *quorum || !enough).map(|(size, _)| *size).max();
        let (signed, witnessed) = (newest(false), newest(true));
        let broken = self.findings.iter().filter(|finding| finding.code.breaks_the_chain()).filter_map(|finding| finding.index).min();
        let first = signed.unwrap_or(0);
        if first < size {
            self.findings.push(Finding::new(Code::Unsigned, "no sound checkpoint counts them", "a checkpoint").over(first, size - 1));
        }
        if witnessed < signed
            && let (first, Some(last)) = (witnessed.unwrap_or(0), signed.and_then(|signed| signed.checked_sub(1)))
        {
            let expected = "cosignatures as the policy asks";
            self.findings.push(Finding::new(Code::Unwitnessed, "not yet witnessed", expected).over(first, last));
        }
        let mark = witnessed.and_then(|size| self.notes.marks.get(&size)).and_then(|marks| marks.iter().find(|mark| mark.judged.quorum));
        let shown = mark.map(|mark| Witnessed {
            size: mark.judged.checkpoint.size,
            root: mark.judged.checkpoint.root,
            by: mark.judged.cosigned.iter().map(|(place, _)| self.trust.policy.witnesses()[*place].shown_name()).collect(),
            at: mark.judged.witnessed_at,
        });
        if signed.is_none() && size == 0 && !self.findings.iter().any(|finding| finding.code.weight() == Weight::Broken) {
            self.findings.push(Finding::new(Code::Unsigned, "no checkpoint and no entries", "a checkpoint"));
        }
        (witnessed.unwrap_or(0).min(broken.unwrap_or(u64::MAX)), shown)
    }
}
