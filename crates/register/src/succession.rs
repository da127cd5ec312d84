//! What the store keeps of keys that were changed and of epochs before this one: the statements that old and new keys have signed together.
//! They are no secret and no truth by themselves: whoever reads them checks both signatures.

use crate::error::RegisterError;
use crate::spelling;
use crate::store::Store;
use crate::store::rows::{self, Cell};
use habeas_ledger::leaf::Header;
use habeas_ledger::note::VerifierKey;
use habeas_ledger::succession::Succession;

/// Settings that hold statements begin so; the size follows, so that they stand in order.
const SETTING: &str = "succession ";

/// The kind, as headers have it, of the entry that a key was changed.
const KEY_ROTATED: &str = "key_rotated";

/// The setting of a statement.
pub(crate) fn setting(stated: &Succession) -> String {
    format!("{SETTING}{:020}", stated.signed)
}

/// Every statement that is kept: setting and note, in order.
pub(crate) fn notes(store: &mut dyn Store) -> Result<Vec<(String, String)>, RegisterError> {
    let settings = store.page(&rows::SETTING, None, u32::MAX)?;
    let notes = settings.into_iter().filter_map(|row| match row.as_slice() {
        [Cell::Text(name), Cell::Text(note)] if name.starts_with(SETTING) => Some((name.clone(), note.clone())),
        _ => None,
    });
    Ok(notes.collect())
}

/// The statements that both keys have signed; the others are for verification to tell.
pub(crate) fn kept(store: &mut dyn Store) -> Result<Vec<Succession>, RegisterError> {
    Ok(notes(store)?.iter().filter_map(|(_, note)| Succession::open(note.as_bytes()).ok()).collect())
}

/// The id of the entry that this key of the log was changed: one for each key, so that it is entered once.
pub(crate) fn rotation_id(old: &VerifierKey) -> String {
    format!("key-rotated-{}", spelling::hex(&old.id()))
}

/// Refuses a key that the log says was changed: it signs nothing more.
pub(crate) fn refuse_retired(store: &mut dyn Store, key: &VerifierKey) -> Result<(), RegisterError> {
    let Some(index) = store.index_of(&rotation_id(key))? else { return Ok(()) };
    let is_one = store.event(index)?.and_then(|row| Header::decode(&row.header).ok()).is_some_and(|header| header.kind == KEY_ROTATED);
    if !is_one {
        return Ok(());
    }
    let why = format!(
        "entry {index} says that the log's key {} was changed, and it is still the key here: \
         run `habeas admin rotate log` again to finish the change",
        spelling::hex(&key.id())
    );
    Err(RegisterError::ReadOnly { why })
}
