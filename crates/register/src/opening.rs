//! What has to hold before a register opens: one writer, the right log, nothing missing of what was signed.

use crate::access::Access;
use crate::error::RegisterError;
use crate::note::LastNote;
use habeas_ledger::merkle::{Edge, Hash};
use std::sync::Arc;

/// Only one process writes.
pub(crate) fn take_lock(path: &std::path::Path) -> Result<std::fs::File, RegisterError> {
    let refuse = |why: String| RegisterError::File { path: path.to_owned(), why };
    let file = std::fs::File::options().create(true).truncate(false).write(true).open(path).map_err(|error| refuse(error.to_string()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(RegisterError::ReadOnly {
            why: format!("another process writes to it (`{}` is taken); stop that one first", path.display()),
        }),
        Err(std::fs::TryLockError::Error(error)) => Err(refuse(error.to_string())),
    }
}

/// Makes what a new register needs, and records the codebook in force.
pub(crate) fn begin(access: &mut Access, hash: &Hash) -> Result<(), RegisterError> {
    let origin = Arc::clone(&access.origin);
    match access.store.setting("origin")? {
        Some(stored) if *stored != *origin => {
            let why = format!(
                "it is the log `{stored}`; the key that was given signs for `{origin}` (where a new epoch was being declared, \
                 run `habeas admin restore --new-epoch` again)"
            );
            return Err(RegisterError::Store { why });
        }
        Some(_) => {}
        None => access.store.set("origin", &origin)?,
    }
    let name = format!("codebook {}", hash.to_hex());
    if access.store.setting(&name)?.is_none() {
        let files: Vec<(&str, &str)> = access.codebook.files.iter().map(|file| (file.path.as_str(), file.text.as_str())).collect();
        let text = serde_json::to_string(&files).map_err(|error| RegisterError::Store { why: error.to_string() })?;
        access.store.set(&name, &text)?;
    }
    Ok(())
}

/// The edge of the tree, once it is known that nothing that was signed is missing.
pub(crate) fn checked_edge(access: &mut Access, note: &LastNote, key: &habeas_ledger::note::VerifierKey) -> Result<Edge, RegisterError> {
    let edge = access.store.edge()?.unwrap_or_default();
    let size = access.store.size()?;
    if edge.size() != size {
        let why = format!("it holds {size} entries and the edge of a tree of {}; run `habeas verify`", edge.size());
        return Err(RegisterError::ReadOnly { why });
    }
    let Some(last) = note.read(key)? else { return Ok(edge) };
    if last.size > size {
        let why = format!(
            "it holds {size} entries, but {} were signed: entries {size} to {} are missing; find a newer copy \
             (`habeas admin restore --from BACKUP`), or declare them lost (`habeas admin restore --new-epoch`)",
            last.size,
            last.size - 1
        );
        return Err(RegisterError::ReadOnly { why });
    }
    let root = access.root(last.size)?;
    if root != last.root {
        let why = format!("the root of its first {} entries is not the one that was signed; run `habeas verify`", last.size);
        return Err(RegisterError::ReadOnly { why });
    }
    Ok(edge)
}
