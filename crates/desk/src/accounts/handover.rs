//! A shift that one officer hands over until the next has confirmed it. What was confirmed is in the register; here is only that it waits.

use super::Accounts;
use crate::error::DeskError;
use habeas_codebook::moment::Moment;
use rusqlite::{OptionalExtension, Row, params};

/// A shift handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handover {
    /// Its id, which the ids of its entries begin with.
    pub id: String,
    /// Where.
    pub place: String,
    /// Who ends.
    pub origin: String,
    /// Who is to take over; empty: whoever comes next.
    pub receiver: String,
    /// What the next should know, by custody, as JSON.
    pub told: String,
    /// Since when it waits.
    pub begun_at: Moment,
    /// When it was confirmed.
    pub ended_at: Option<Moment>,
    /// Who confirmed it.
    pub taken_by: String,
    /// How many people.
    pub people: usize,
}

const COLUMNS: &str = "id, place, origin, receiver, told, begun_at, ended_at, taken_by, people";

fn read(row: &Row<'_>) -> rusqlite::Result<Handover> {
    Ok(Handover {
        id: row.get(0)?,
        place: row.get(1)?,
        origin: row.get(2)?,
        receiver: row.get(3)?,
        told: row.get(4)?,
        begun_at: Moment(row.get(5)?),
        ended_at: row.get::<_, Option<i64>>(6)?.map(Moment),
        taken_by: row.get(7)?,
        people: usize::try_from(row.get::<_, i64>(8)?).unwrap_or_default(),
    })
}

impl Accounts {
    /// A shift begins to wait for the next officer; one that the same officer left waiting there is taken back.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn hand_over(&self, handover: &Handover) -> Result<(), DeskError> {
        let mut file = self.file();
        let work = file.transaction()?;
        work.execute("DELETE FROM handover WHERE place = ?1 AND origin = ?2 AND ended_at IS NULL", [&handover.place, &handover.origin])?;
        work.execute(
            "INSERT INTO handover (id, place, origin, receiver, told, begun_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![handover.id, handover.place, handover.origin, handover.receiver, handover.told, handover.begun_at.0],
        )?;
        Ok(work.commit()?)
    }

    /// Shifts that wait at a place, the oldest first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn handovers_at(&self, place: &str) -> Result<Vec<Handover>, DeskError> {
        let file = self.file();
        let mut rows =
            file.prepare_cached(&format!("SELECT {COLUMNS} FROM handover WHERE place = ?1 AND ended_at IS NULL ORDER BY begun_at"))?;
        Ok(rows.query_map([place], read)?.collect::<Result<Vec<_>, _>>()?)
    }

    /// A shift by its id.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn handover(&self, id: &str) -> Result<Option<Handover>, DeskError> {
        let file = self.file();
        Ok(file.query_row(&format!("SELECT {COLUMNS} FROM handover WHERE id = ?1"), [id], read).optional()?)
    }

    /// A shift has been confirmed.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn take_over(&self, id: &str, by: &str, people: usize, now: Moment) -> Result<(), DeskError> {
        let people = i64::try_from(people).unwrap_or(i64::MAX);
        self.file().execute(
            "UPDATE handover SET ended_at = ?2, taken_by = ?3, people = ?4 WHERE id = ?1 AND ended_at IS NULL",
            params![id, now.0, by, people],
        )?;
        Ok(())
    }

    /// An officer takes their own shift back before anybody has confirmed it.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn take_back(&self, id: &str, origin: &str) -> Result<(), DeskError> {
        self.file().execute("DELETE FROM handover WHERE id = ?1 AND origin = ?2 AND ended_at IS NULL", [id, origin])?;
        Ok(())
    }
}
