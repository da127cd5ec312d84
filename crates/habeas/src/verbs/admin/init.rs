//! `habeas admin init`: a fresh register.

use crate::outcome::{Outcome, Trouble};
use crate::packs;
use crate::registers::{self, Data};
use crate::terminal::{self, Terminal};
use clap::Args;
use habeas_ledger::leaf::Class;

const EXAMPLES: &str = "Examples:
  habeas admin init --data ./station --codebook standards --origin custody.example/st/0412
  HABEAS_PASSPHRASE=… habeas admin init --data ./station --codebook standards --origin custody.example/st/0412
  habeas admin init --data ./station --elsewhere medical=HEX --codebook standards --origin custody.example/st/0412
  habeas admin init --data ./keys --database postgresql://habeas@db.example/custody --codebook standards --origin custody.example/st/0412";

/// Make a register: keys, codebook, empty log. Prints the key by which others verify it.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Init {
    #[command(flatten)]
    data: Data,
    /// Folder of a codebook, or the name of a pack inside this program.
    #[arg(long, value_name = "PACK")]
    codebook: String,
    /// Name of its log: jurisdiction and log.
    #[arg(long, value_name = "NAME")]
    origin: String,
    /// A class whose parts only another machine may open, with that authority's public key (`habeas admin keys` there); may be repeated.
    #[arg(long, value_name = "CLASS=HEX", value_parser = elsewhere)]
    elsewhere: Vec<(String, String)>,
}

fn elsewhere(text: &str) -> Result<(String, String), String> {
    let is_key = |hex: &str| hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    let parts = text.split_once('=').filter(|(class, hex)| Class::from_word(class).is_some() && is_key(hex));
    let parts = parts.map(|(class, hex)| (class.to_owned(), hex.to_lowercase()));
    parts.ok_or_else(|| "expected CLASS=HEX: a class such as medical, and the 64 digits of a public key".to_owned())
}

impl Init {
    pub(super) fn run(&self, terminal: Terminal) -> Result<Outcome, Trouble> {
        let codebook = packs::codebook(&self.codebook, terminal)?;
        let passphrase = self.data.passphrase.read()?;
        let passphrase = passphrase.as_ref().map(|text| text.as_str());
        let folder = registers::create(&self.data, &self.codebook, &codebook, &self.origin, passphrase, &self.elsewhere)?;
        let (_, register) = registers::open(&self.data)?;
        drop(register);
        if folder.has_own_passphrase() {
            terminal.note("no passphrase was given: one was drawn and stands beside the keys");
        }
        let keys = folder.keys(passphrase).map_err(registers::trouble)?;
        terminal::print(format!("{}\n", keys.log.verifier()).as_bytes())?;
        Ok(Outcome::Clean)
    }
}
