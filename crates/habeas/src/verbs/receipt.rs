//! `habeas receipt FILE`: a receipt for a hand: groups to type, and a code to photograph.

use crate::outcome::{Outcome, Trouble};
use crate::terminal;
use clap::{Args, ValueEnum};
use habeas_ledger::proof::{Proof, Shown};
use habeas_ledger::slip;
use qrcode::render::{svg, unicode};
use qrcode::{EcLevel, QrCode};
use std::path::PathBuf;

/// Print a receipt (C2SP tlog-proof) as a slip, or as a QR code that holds all of it.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Receipt {
    /// The receipt.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What to print.
    #[arg(long = "as", value_name = "FORM", default_value = "slip")]
    form: Form,
}

const EXAMPLES: &str = "Examples:
  habeas receipt entry.tlog-proof
  habeas receipt entry.tlog-proof --as svg > slip.svg
  habeas verify receipt photographed.tlog-proof --policy witnesses.policy

The code holds the whole text of the receipt: whoever photographs it can check it without a network.";

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// Log, place, and the entry's hash as 14 groups of 4 characters, the last of which checks the others.
    Slip,
    /// A QR code for a page or a printer.
    Svg,
    /// A QR code of blocks, for a terminal.
    Terminal,
}

impl Receipt {
    /// Prints it. Nothing is checked but the form and that what is shown belongs to the entry: for that, `habeas verify receipt`.
    ///
    /// # Errors
    /// A file that is no receipt of ours, or one too long for a code.
    pub fn run(&self) -> Result<Outcome, Trouble> {
        let shown = self.file.display();
        let text = std::fs::read_to_string(&self.file).map_err(|error| Trouble::reading(&self.file, &error))?;
        let named = |error: habeas_ledger::LedgerError| Trouble::Input(format!("{shown}: {error}"));
        let proof = Proof::parse(&text).map_err(named)?;
        let out = match self.form {
            Form::Slip => {
                let Some(extra) = proof.extra.as_deref() else {
                    return Err(Trouble::Input(format!("{shown}: it does not carry its entry, so there is no hash to print")));
                };
                let leaf = Shown::from_bytes(extra).and_then(|shown| shown.leaf()).map_err(named)?;
                let origin = proof.checkpoint.lines().next().unwrap_or_default();
                format!("log    {origin}\nplace  {}\nentry  {}\n", proof.index, lines_of_groups(&slip::groups(&leaf)))
            }
            Form::Svg => format!("{}\n", self.code(&text)?.render::<svg::Color<'_>>().min_dimensions(320, 320).build()),
            Form::Terminal => format!("{}\n", self.code(&text)?.render::<unicode::Dense1x2>().build()),
        };
        terminal::print(out.as_bytes())?;
        Ok(Outcome::Clean)
    }

    fn code(&self, text: &str) -> Result<QrCode, Trouble> {
        QrCode::with_error_correction_level(text.as_bytes(), EcLevel::L).map_err(|_| {
            let why = format!("{} bytes do not fit into a QR code (2,953 at most); hand out the file", text.len());
            Trouble::Input(format!("{}: {why}", self.file.display()))
        })
    }
}

/// Seven groups a line: what an eye holds while typing.
fn lines_of_groups(groups: &str) -> String {
    let groups: Vec<&str> = groups.split(' ').collect();
    groups.chunks(7).map(|line| line.join(" ")).collect::<Vec<_>>().join("\n       ")
}
