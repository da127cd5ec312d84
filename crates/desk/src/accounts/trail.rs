//! What was done about signing in: who came by which way, who was refused and why, which keys came and went.
//!
//! Beside the register and not in it: whoever only tries a name must not be able to write into a custody log. What somebody typed that is
//! no account is never kept, since it may be a password.

use super::Accounts;
use crate::error::DeskError;
use habeas_codebook::moment::Moment;
use rusqlite::params;

/// Newest steps of one kind that are kept of an account: whoever tries for ever fills nothing, and pushes no sign-in out.
const KEPT: i64 = 1_000;
/// Longest note, in characters.
const LONGEST: usize = 300;

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Somebody came in.
    SignedIn,
    /// Somebody was refused; the note says why.
    Refused,
    /// A session was ended by whoever had it.
    SignedOut,
    /// All sessions of an account were.
    SignedOutEverywhere,
    /// A password was chosen.
    PasswordSet,
    /// A key was added; the note is its name.
    KeyAdded,
    /// A key was taken away; the note is its name.
    KeyRemoved,
    /// A link was made.
    LinkMade,
    /// A provider's name for somebody was entered; the note is that name.
    KnownAs,
    /// Every way in was taken away.
    Shut,
}

impl Step {
    /// As it is stored, and as texts are named.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Step::SignedIn => "signed-in",
            Step::Refused => "refused",
            Step::SignedOut => "signed-out",
            Step::SignedOutEverywhere => "signed-out-everywhere",
            Step::PasswordSet => "password-set",
            Step::KeyAdded => "key-added",
            Step::KeyRemoved => "key-removed",
            Step::LinkMade => "link-made",
            Step::KnownAs => "known-as",
            Step::Shut => "shut",
        }
    }
}

/// By which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// A password and six figures.
    Password,
    /// A link that works once.
    Link,
    /// A key that the person holds.
    Key,
    /// A provider of identities.
    Provider,
    /// At the desk, by whoever is signed in.
    Desk,
    /// The operator, at the machine.
    Operator,
}

impl Way {
    /// As it is stored, and as texts are named.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Way::Password => "password",
            Way::Link => "link",
            Way::Key => "key",
            Way::Provider => "provider",
            Way::Desk => "desk",
            Way::Operator => "operator",
        }
    }
}

/// A step that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// Whose account; `None` where no account could be told.
    pub account: Option<String>,
    /// When.
    pub at: Moment,
    /// [`Step::word`].
    pub step: String,
    /// [`Way::word`].
    pub way: String,
    /// Why, or which.
    pub note: String,
}

impl Accounts {
    /// Records a step. An account that is not there is not named.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn trace(&self, account: Option<&str>, step: Step, way: Way, note: &str, now: Moment) -> Result<(), DeskError> {
        let note: String = note.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
        let mut file = self.file();
        let work = file.transaction()?;
        work.execute(
            "INSERT INTO trail (account, at, step, way, note) VALUES ((SELECT id FROM account WHERE id = ?1), ?2, ?3, ?4, ?5)",
            params![account, now.0, step.word(), way.word(), note],
        )?;
        work.execute(
            "DELETE FROM trail WHERE account IS (SELECT id FROM account WHERE id = ?1) AND step = ?2 AND seq <= (
               SELECT seq FROM trail WHERE account IS (SELECT id FROM account WHERE id = ?1) AND step = ?2
               ORDER BY seq DESC LIMIT 1 OFFSET ?3)",
            params![account, step.word(), KEPT],
        )?;
        Ok(work.commit()?)
    }

    /// The newest steps, newest first: of one account, or of all and of nobody.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn trail(&self, account: Option<&str>, most: u32) -> Result<Vec<Trace>, DeskError> {
        let file = self.file();
        let mut rows = file
            .prepare_cached("SELECT account, at, step, way, note FROM trail WHERE ?1 IS NULL OR account = ?1 ORDER BY seq DESC LIMIT ?2")?;
        let found = rows.query_map(params![account, most], |row| {
            Ok(Trace { account: row.get(0)?, at: Moment(row.get(1)?), step: row.get(2)?, way: row.get(3)?, note: row.get(4)? })
        })?;
        Ok(found.collect::<Result<_, _>>()?)
    }
}
