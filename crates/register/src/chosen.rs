//! Entries of a few kinds, without opening the others: whoever asks who called a lawyer does not read each look into a cell. A header tells
//! the kind of its entry, unless that would tell too much; such an entry is opened to know it.

use crate::access::Access;
use crate::entry::{Known, shows_kind, spelt};
use crate::error::RegisterError;
use crate::reading::{self, Entry};
use crate::register::Register;
use habeas_codebook::tree::{Codebook, KindId};
use habeas_ledger::leaf::Header;
use std::sync::Arc;

/// The kinds that are asked for, and what headers call them.
struct Chosen<'k> {
    kinds: &'k [KindId],
    names: Vec<String>,
}

impl<'k> Chosen<'k> {
    fn of(codebook: &Codebook, kinds: &'k [KindId]) -> Self {
        Chosen { kinds, names: kinds.iter().map(|kind| spelt(codebook.kind(*kind))).collect() }
    }

    /// Whether a header leaves it open that its entry is of one of them.
    fn may_be(&self, header: &Header) -> bool {
        !shows_kind(header) || self.names.contains(&header.kind)
    }

    fn entry(&self, access: &mut Access, index: u64) -> Result<Option<Arc<Known>>, RegisterError> {
        Ok(access.entry(index)?.filter(|entry| self.kinds.contains(&entry.kind)))
    }
}

impl Register {
    /// Entries of some kinds that name a subject, as they were made, in the order of the log; none of a subject that no entry names.
    ///
    /// # Errors
    /// What the machine says.
    pub fn of_kinds(&self, (class, id): (&str, &str), kinds: &[KindId]) -> Result<Vec<Entry>, RegisterError> {
        let chosen = Chosen::of(self.codebook(), kinds);
        self.read(|access| {
            let Some(row) = access.store.subject(class, id)? else { return Ok(Vec::new()) };
            let mut entries = Vec::new();
            for (index, header) in access.store.headers_naming(row.number)? {
                if chosen.may_be(&Header::decode(&header)?) {
                    entries.extend(chosen.entry(access, index)?);
                }
            }
            entries.iter().map(|entry| reading::plain(&access.codebook, entry)).collect()
        })
    }

    /// Entries of some kinds from an index on, as they were made, among the next `count` of the log.
    ///
    /// # Errors
    /// What the machine says.
    pub fn scan_kinds(&self, first: u64, count: u32, kinds: &[KindId]) -> Result<Vec<Entry>, RegisterError> {
        let chosen = Chosen::of(self.codebook(), kinds);
        self.read(|access| {
            let mut entries = Vec::new();
            for row in access.store.events(first, count)? {
                if chosen.may_be(&Header::decode(&row.header)?) {
                    entries.extend(chosen.entry(access, row.index)?);
                }
            }
            entries.iter().map(|entry| reading::plain(&access.codebook, entry)).collect()
        })
    }
}
