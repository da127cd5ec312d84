//! Public papers that the desk works on, such as the record of a dialogue. They are nobody's secret; what is decided about them is in the
//! register.

use super::Accounts;
use crate::error::DeskError;
use habeas_codebook::moment::Moment;
use rusqlite::{OptionalExtension, params};

impl Accounts {
    /// Keeps a paper under a name; a new one of the same name takes its place.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn keep_paper(&self, name: &str, body: &[u8], now: Moment) -> Result<(), DeskError> {
        self.file().execute(
            "INSERT INTO paper VALUES (?1, ?2, ?3) ON CONFLICT (name) DO UPDATE SET body = ?2, kept_at = ?3",
            params![name, body, now.0],
        )?;
        Ok(())
    }

    /// A paper by its name.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn paper(&self, name: &str) -> Result<Option<Vec<u8>>, DeskError> {
        Ok(self.file().query_row("SELECT body FROM paper WHERE name = ?1", [name], |row| row.get(0)).optional()?)
    }

    /// Names of the papers that begin so, the newest first, with when each was kept.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn papers(&self, beginning: &str) -> Result<Vec<(String, Moment)>, DeskError> {
        let file = self.file();
        let mut asked =
            file.prepare("SELECT name, kept_at FROM paper WHERE substr(name, 1, length(?1)) = ?1 ORDER BY kept_at DESC, name")?;
        let rows = asked.query_map([beginning], |row| Ok((row.get(0)?, Moment(row.get(1)?))))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
