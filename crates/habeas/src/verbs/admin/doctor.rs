//! `habeas admin doctor`: is this installation sound, and what does its separation of keys hold?

use super::{outbox, watched};
use crate::outcome::{Outcome, Trouble};
use crate::registers::{self, Data};
use crate::terminal;
use clap::Args;
use habeas_register::folder::DataFolder;
use std::path::Path;

const EXAMPLES: &str = "Example:
  habeas admin doctor --data ./station

Exit status: 0 sound; 1 something should be mended; 3 the register cannot be opened.";

/// Check an installation, and say how to mend what is wrong.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Doctor {
    #[command(flatten)]
    data: Data,
}

/// What was looked at: in words, and what to do where it is not well.
pub(super) struct Finding {
    pub(super) what: String,
    pub(super) mend: Option<String>,
}

impl Doctor {
    pub(super) fn run(&self) -> Result<Outcome, Trouble> {
        let (folder, register) = registers::open_reading(&self.data)?;
        let mut findings = vec![passphrase(&folder), separation(&register.opens()), second_place(folder.path())];
        findings.extend(["keys", "keys.db", "passphrase"].iter().filter_map(|name| readable_by_others(&folder.path().join(name))));
        let given = self.data.passphrase.read()?;
        if folder.is_changing_keys(given.as_ref().map(|text| text.as_str())).map_err(registers::trouble)? {
            let what = "a change of keys was begun and not finished: the old key is still here".to_owned();
            let mend = "run the same `habeas admin rotate`, or `habeas admin restore --new-epoch`, again".to_owned();
            findings.push(Finding { what, mend: Some(mend) });
        }
        let signed = register.checkpoint().map_err(registers::trouble)?;
        findings.push(Finding {
            what: format!("log {} with {} entries; the newest checkpoint can be signed", register.origin(), signed.size),
            mend: None,
        });
        findings.extend(outbox::findings(&folder, &register)?);
        findings.extend(watched::findings(&folder, &register, registers::now())?);
        let sick = findings.iter().filter(|finding| finding.mend.is_some()).count();
        let lines = findings.iter().map(|finding| match &finding.mend {
            None => format!("well   {}\n", finding.what),
            Some(mend) => format!("MEND   {}\n       {mend}\n", finding.what),
        });
        terminal::print(lines.collect::<String>().as_bytes())?;
        Ok(if sick == 0 { Outcome::Clean } else { Outcome::Found })
    }
}

fn passphrase(folder: &DataFolder) -> Finding {
    if folder.has_own_passphrase() {
        return Finding {
            what: "the passphrase stands beside the keys: who reads the folder reads everything".to_owned(),
            mend: Some("move the file `passphrase` to another place and give it with --passphrase-file or HABEAS_PASSPHRASE".to_owned()),
        };
    }
    Finding { what: "the passphrase of the keys is not in the folder".to_owned(), mend: None }
}

/// Said openly, not mended: what arithmetic holds on this machine.
fn separation(opens: &std::collections::BTreeSet<&'static str>) -> Finding {
    let secret: Vec<&str> = ["medical", "privileged"].into_iter().filter(|class| opens.contains(class)).collect();
    let what = if secret.is_empty() {
        "medical and privileged parts are sealed for authorities elsewhere: this machine cannot open them".to_owned()
    } else {
        format!(
            "this machine holds the keys of what is {}: its operator is kept out by access rules and disk encryption only; \
             arithmetic keeps them out only where that authority's key is on a machine of its own",
            secret.join(" and ")
        )
    };
    Finding { what, mend: None }
}

fn second_place(path: &Path) -> Finding {
    let note = path.join("last.note");
    if note.is_file() {
        return Finding { what: "last.note is there".to_owned(), mend: None };
    }
    Finding {
        what: "there is no last.note: a database that was put back to yesterday would not be noticed here".to_owned(),
        mend: Some("it is written with the next entry; keep a copy on another disk".to_owned()),
    }
}

/// Whether others on this machine may read a file that is the owner's.
fn readable_by_others(path: &Path) -> Option<Finding> {
    let about = std::fs::metadata(path).ok()?;
    let open = is_open(&about);
    let name = path.file_name()?.to_string_lossy().into_owned();
    Some(if open {
        Finding {
            what: format!("others on this machine may read `{name}`"),
            mend: Some("take their permission away: chmod 600".to_owned()),
        }
    } else {
        Finding { what: format!("`{name}` is readable by its owner only"), mend: None }
    })
}

#[cfg(unix)]
fn is_open(about: &std::fs::Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&about.permissions()) & 0o077 != 0
}

/// Elsewhere permissions are lists, which the administrator of the machine looks after.
#[cfg(not(unix))]
fn is_open(_about: &std::fs::Metadata) -> bool {
    false
}
