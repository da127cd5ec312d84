//! `habeas admin restore`: a backup put back, and what was signed since then.

use crate::outcome::{Outcome, Trouble};
use crate::registers::{self, Data};
use crate::terminal::{self, Terminal};
use crate::verbs::verify::{checkpoint_in, read_policy};
use crate::witnessing::asking;
use clap::Args;
use habeas_register::epoch::{Held, Order, Standing};
use habeas_register::rotation::Closed;
use std::path::PathBuf;
use std::time::Duration;

const EXAMPLES: &str = "Examples:
  habeas admin restore --data ./station --from /mnt/backup/2026-03-02
  habeas admin restore --data ./station --held receipt.tlog-proof --held note-of-the-bar
  habeas admin restore --data ./station --new-epoch --ground 'disk failed in the night of 2 March' \\
      --approved-by officer:17 --approved-by ombudsman:2

DIR has the keys (`keys`, `keys.db`, `policy`, `habeas.toml`). The backup's entries are put there, and what was there before is kept beside
them. Then the witnesses of the policy are asked what they have seen. If entries that were signed are missing, nothing is taken until they
are found (a newer backup, the old disk), or until it is declared that they are lost: the log then goes on under a new name with a new
key, and its first entry says what is missing, why, and who ordered it. Receipts of lost entries stay proof against the operator.

Exit status: 0 nothing is missing, or the new epoch is declared; 1 entries are missing; 2 bad usage; 3 trouble with the machine.";

/// How long a witness may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Put a backup back and find out what is missing; go on without it only as a declared new epoch.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Restore {
    #[command(flatten)]
    data: Data,
    /// Folder of a backup, whose entries are put in the place of those that are there.
    #[arg(long, value_name = "BACKUP")]
    from: Option<PathBuf>,
    /// A checkpoint of this log that somebody holds, or a receipt; may be repeated.
    #[arg(long, value_name = "FILE")]
    held: Vec<PathBuf>,
    /// Ask no witness over the network.
    #[arg(long)]
    offline: bool,
    /// Go on without what is missing, and declare it.
    #[arg(long, requires_all = ["ground", "approved_by"])]
    new_epoch: bool,
    /// What happened, as it will stand in the log.
    #[arg(long, value_name = "TEXT", requires = "new_epoch")]
    ground: Option<String>,
    /// Who approved it: two different persons.
    #[arg(long, value_name = "ID", requires = "new_epoch")]
    approved_by: Vec<String>,
}

impl Restore {
    pub(super) fn run(&self, terminal: Terminal) -> Result<Outcome, Trouble> {
        let folder = registers::find(&self.data.data)?;
        let passphrase = self.data.passphrase.read()?;
        let place = registers::place(&folder, self.data.database.as_deref())?;
        let closed = Closed { folder: &folder, place, passphrase: passphrase.as_ref().map(|text| text.as_str()) };
        if let Some(backup) = &self.from {
            let aside = closed.put_back(backup).map_err(registers::trouble)?;
            if let Some(aside) = aside {
                terminal.note(&format!("what was there is kept as {}", aside.display()));
            }
        }
        let mut held = self.held()?;
        let policy = read_policy(&folder.path().join("policy"))?;
        if !self.offline {
            let origin = folder.keys(closed.passphrase).map_err(registers::trouble)?.log.verifier().name().to_owned();
            for (name, note) in asking::published(&policy, &origin, PATIENCE) {
                match note {
                    Ok(note) => held.push((name, note)),
                    Err(why) => terminal.note(&format!("witness {name}: {why}")),
                }
            }
        }
        if self.new_epoch {
            return self.declare(&closed, &held, terminal);
        }
        let standing = closed.standing(&held).map_err(registers::trouble)?;
        if standing.missing() == 0 {
            terminal::print(format!("{} entries; nothing that was signed is missing, as far as was asked\n", standing.here).as_bytes())?;
            return Ok(Outcome::Clean);
        }
        closed.close_behind(&standing).map_err(registers::trouble)?;
        terminal::print(missing(&standing).as_bytes())?;
        Ok(Outcome::Found)
    }

    fn declare(&self, closed: &Closed<'_>, held: &[Held], terminal: Terminal) -> Result<Outcome, Trouble> {
        let order = Order { ground: self.ground.clone().unwrap_or_default(), approved_by: self.approved_by.clone() };
        let mut told = |step: &str| {
            terminal.note(step);
            Ok(())
        };
        let begun = closed.begin_epoch(held, &order, registers::now(), &mut told).map_err(registers::trouble)?;
        terminal.note("give this key to the witnesses, to whoever keeps a policy, and to the centre of a station");
        let (kept, lost) = (begun.kept, begun.lost);
        terminal::print(format!("{kept} entries kept, {lost} declared lost; the log goes on as\n{}\n", begun.key).as_bytes())?;
        Ok(Outcome::Clean)
    }

    fn held(&self) -> Result<Vec<Held>, Trouble> {
        self.held.iter().map(|path| Ok((path.display().to_string(), checkpoint_in(path)?))).collect()
    }
}

fn missing(standing: &Standing) -> String {
    let (here, last) = (standing.here, standing.signed - 1);
    let holder = standing.newest.as_ref().map_or("", |(name, _)| name.as_str());
    format!(
        "{here} entries are here, {} were signed, as {holder} shows: entries {here} to {last} are missing.\n\
         The register takes nothing until they are found, or until they are declared lost:\n\
         habeas admin restore --new-epoch --ground TEXT --approved-by ID --approved-by ID\n",
        standing.signed
    )
}
