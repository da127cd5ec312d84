//! An entry's parts and files, each sealed with the key of its record and class; the header then says what their bytes hash to.

use crate::door::Door;
use crate::draft::Draft;
use crate::error::RegisterError;
use crate::files::File;
use crate::store::{EventRow, FileRow};
use habeas_ledger::leaf::{Class, Header};
use habeas_ledger::merkle::{Hash, leaf_hash};
use habeas_ledger::sealing::{Place, Plaintext};

impl Door {
    /// Seals the texts of an entry and the files that are handed in with its draft; the header with their hashes, and the rows to store.
    pub(crate) fn seal(
        &mut self,
        mut header: Header,
        texts: &[(Class, Plaintext)],
        (files, draft): (&[File], &Draft),
    ) -> Result<(Header, EventRow, Vec<FileRow>), RegisterError> {
        let mut parts = Vec::with_capacity(texts.len());
        for (class, text) in texts {
            let key = self.access.keys.sealing_key(header.custody, *class)?;
            let place = Place { origin: &self.access.origin, event: header.event, class: *class };
            let sealed = key.seal(place, text.reveal(), &mut self.random)?;
            header.parts.push((*class, Hash::of(&sealed)));
            parts.push((*class, sealed));
        }
        let mut kept = Vec::with_capacity(files.len());
        for ((place, file), handed) in (0..).zip(files).zip(&draft.attachments) {
            let key = self.access.keys.sealing_key(header.custody, file.class)?;
            let at = Place { origin: &self.access.origin, event: header.event, class: file.class };
            let sealed = key.seal(at, handed.bytes.reveal(), &mut self.random)?;
            header.attachments.push(Hash::of(&sealed));
            kept.push(FileRow { index: header.index, place, class: file.class, sealed: Some(sealed) });
        }
        let bytes = header.encode()?;
        let row = EventRow { index: header.index, leaf: leaf_hash(&bytes), header: bytes, parts };
        Ok((header, row, kept))
    }
}
