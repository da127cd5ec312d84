//! Glasses that were broken, so that whoever reviews finds them. The entries of the register are the truth; this is their list.

use super::Accounts;
use crate::error::DeskError;
use habeas_codebook::moment::Moment;
use rusqlite::{OptionalExtension, params};

/// A glass that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Id of the entry that says so.
    pub entry: String,
    /// By whom.
    pub account: String,
    /// Id of the custody.
    pub subject: String,
    /// Why.
    pub why: String,
    /// When.
    pub at: Moment,
}

impl Accounts {
    /// Notes a glass that was broken.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn glass_opened(&self, one: &Opened) -> Result<(), DeskError> {
        self.file().execute(
            "INSERT OR IGNORE INTO glass (entry, account, subject, why, at) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![one.entry, one.account, one.subject, one.why, one.at.0],
        )?;
        Ok(())
    }

    /// Notes that one was reviewed.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn glass_reviewed(&self, entry: &str) -> Result<(), DeskError> {
        self.file().execute("UPDATE glass SET is_reviewed = 1 WHERE entry = ?1", [entry])?;
        Ok(())
    }

    /// Those that wait for a review, the oldest first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn glasses(&self) -> Result<Vec<Opened>, DeskError> {
        let file = self.file();
        let mut rows = file.prepare("SELECT entry, account, subject, why, at FROM glass WHERE is_reviewed = 0 ORDER BY at LIMIT 500")?;
        let found = rows.query_map([], |row| {
            Ok(Opened { entry: row.get(0)?, account: row.get(1)?, subject: row.get(2)?, why: row.get(3)?, at: Moment(row.get(4)?) })
        })?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    /// Who broke the glass of an entry.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn glass_by(&self, entry: &str) -> Result<Option<String>, DeskError> {
        Ok(self.file().query_row("SELECT account FROM glass WHERE entry = ?1", [entry], |row| row.get(0)).optional()?)
    }
}
