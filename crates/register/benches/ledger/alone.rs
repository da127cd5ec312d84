//! Sealing, hashing and signing alone: what the register's own steps take of the processor for entries that it has written, with nothing
//! asked of a store. The rate of the same batch without them is what is left of the batch's time.

use crate::bare::{Copied, Written};
use crate::story::keys;
use habeas_ledger::checkpoint::Checkpoint;
use habeas_ledger::fields::{self, Field};
use habeas_ledger::leaf::{Class, Header, author_commitment};
use habeas_ledger::merkle::{Edge, Hash, leaf_hash};
use habeas_ledger::note::SigningKey;
use habeas_ledger::sealing::{DataKey, Place, Plaintext};
use habeas_register::{Draft, Random};
use rand_core::Rng as _;
use std::sync::Arc;

const ORIGIN: &str = "custody.example/bench";
/// Nonce and tag of a sealed part.
const AROUND: usize = 40;
/// Fields that the register adds to those of a draft: kind, id, time, author, subjects, why it is late.
const OWN: usize = 7;

struct Entry {
    header: Header,
    texts: Vec<(Class, Vec<u8>)>,
    fields: Vec<Field>,
}

/// Entries ready to be sealed again.
pub(crate) struct Alone {
    entries: Vec<Entry>,
    key: DataKey,
    log: Arc<SigningKey>,
    edge: Edge,
}

impl Alone {
    /// The entries of a batch as they were written, and the drafts that they came of.
    pub(crate) fn of(copied: &Copied, drafts: &[Draft]) -> Result<Self, String> {
        let told = |error: habeas_ledger::LedgerError| error.to_string();
        let one = |((header, sealed), draft): (Written<'_>, &Draft)| {
            let texts = sealed.into_iter().map(|(class, length)| (class, vec![b'x'; length.saturating_sub(AROUND)])).collect();
            Ok(Entry { header: Header::decode(header).map_err(told)?, texts, fields: said(draft) })
        };
        let entries = copied.headers().zip(drafts).map(one).collect::<Result<_, String>>()?;
        Ok(Alone { entries, key: DataKey::generate(&mut Random::new()), log: keys()?.log, edge: Edge::new() })
    }

    /// Seals, hashes and signs all of them, as one batch.
    pub(crate) fn seal(&mut self) -> Result<String, String> {
        let told = |error: habeas_ledger::LedgerError| error.to_string();
        let mut random = Random::new();
        for Entry { header, texts, fields } in &mut self.entries {
            let mut salts = vec![0; fields.len() * 16];
            random.fill_bytes(&mut salts);
            for (field, salt) in fields.iter_mut().zip(salts.as_chunks().0) {
                field.salt = *salt;
            }
            header.author = fields.first().map(|field| author_commitment(&field.salt, "officer:1042")).unwrap_or_default();
            header.fields_root = fields::root(&*fields).map_err(told)?;
            header.parts.clear();
            for (class, text) in texts {
                let place = Place { origin: ORIGIN, event: header.event, class: *class };
                let sealed = self.key.seal(place, text, &mut random).map_err(told)?;
                header.parts.push((*class, Hash::of(&sealed)));
            }
            self.edge.push(leaf_hash(&header.encode().map_err(told)?));
        }
        let checkpoint = Checkpoint::new(ORIGIN, self.edge.size(), self.edge.root());
        Ok(checkpoint.sign(&self.log).map_err(told)?.to_string())
    }
}

/// The fields of an entry: those of the draft and as many more as the register adds.
fn said(draft: &Draft) -> Vec<Field> {
    let field = |id: &str, value: Vec<u8>| Field { salt: [0; 16], id: id.to_owned(), value: Plaintext::new(value) };
    let own = (0..OWN).map(|number| field(&format!("@own{number}"), b"\"2026-03-01T00:00:00Z\"".to_vec()));
    own.chain(draft.fields.iter().map(|(id, value)| field(id, value.to_string().into_bytes()))).collect()
}
