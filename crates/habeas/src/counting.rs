//! Entries to count: from files, or from a register. Either way all of them, in the order of record, or nothing is counted.

use crate::logs::{self, Request};
use crate::outcome::Trouble;
use crate::registers::{self, Data, Passphrase};
use crate::terminal::Terminal;
use clap::Args;
use habeas_codebook::log::Log;
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::Codebook;
use std::path::{Path, PathBuf};

/// A register, where one is named instead of files.
#[derive(Clone, Debug, Default, Args)]
pub struct Kept {
    /// Folder of a register.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Database of PostgreSQL that holds a register's entries; its keys are in the folder [default with --database: ./habeas]
    #[arg(long, value_name = "URL", value_parser = registers::database_url)]
    database: Option<String>,
    /// Where the passphrase comes from.
    #[command(flatten)]
    passphrase: Passphrase,
}

impl Kept {
    /// The register that is named.
    #[must_use]
    pub fn data(&self) -> Option<Data> {
        if self.data.is_none() && self.database.is_none() {
            return None;
        }
        let data = self.data.clone().unwrap_or_else(|| PathBuf::from(registers::FOLDER));
        Some(Data { data, database: self.database.clone(), passphrase: self.passphrase.clone() })
    }
}

/// Entries, and by which law they are read.
pub struct Entries {
    /// The law: a register's own, or the one that files are read by.
    pub codebook: Codebook,
    /// The entries, in the order of record.
    pub log: Log,
    /// The signed checkpoint that covers them; none for files.
    pub checkpoint: Option<String>,
    /// Rows of files that could not be read.
    pub bad_rows: u64,
}

impl Entries {
    /// Everything that a register knew at a moment.
    ///
    /// # Errors
    /// A folder that holds no register, keys that do not open, trouble with the machine.
    pub fn of_register(data: &Data, as_of: Moment) -> Result<Self, Trouble> {
        let (_, register) = registers::open_reading(data)?;
        let (log, signed) = register.log_known_at(as_of).map_err(registers::trouble)?;
        let codebook = (**register.codebook()).clone();
        Ok(Entries { codebook, log, checkpoint: Some(signed.note), bad_rows: 0 })
    }

    /// Everything in some files, read by a codebook and perhaps a mapping.
    ///
    /// # Errors
    /// Bad rows, unless `keep_going`; a mapping that does not fit; files that cannot be read.
    pub fn of_files(
        mut codebook: Codebook,
        files: &[String],
        map: Option<&Path>,
        keep_going: bool,
        terminal: Terminal,
    ) -> Result<Self, Trouble> {
        let mapping = map.map(|path| logs::mapping(path, &codebook, terminal)).transpose()?;
        mapping.iter().for_each(|mapping| logs::move_to_zone(&mut codebook, mapping));
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
        let heard =
            logs::read(&codebook, Request { logs: files, mapping: mapping.as_ref(), keep_going, threads, authors: false }, terminal)?;
        let log = heard.log.in_order_of_record().unwrap_or(heard.log);
        Ok(Entries { codebook, log, checkpoint: None, bad_rows: heard.bad_rows })
    }
}
