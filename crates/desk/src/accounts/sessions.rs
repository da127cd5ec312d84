//! Sessions, one-time links and half-filled forms.

use super::{Account, Accounts};
use crate::error::DeskError;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use habeas_codebook::moment::Moment;
use rusqlite::{OptionalExtension, params};
use sha2::{Digest, Sha256};
use tokio::sync::watch;

/// A session without a request for so long has ended: 30 minutes, in microseconds.
const IDLE: i64 = 30 * 60 * 1_000_000;
/// A session is renewed by signing in anew after a shift: 12 hours.
const LONGEST: i64 = 12 * 3600 * 1_000_000;
/// A half-filled form of an ended session is still kept for whoever it was: 24 hours.
const REMEMBERED: i64 = 24 * 3600 * 1_000_000;
/// Largest half-filled form, in bytes.
const LARGEST_DRAFT: usize = 200_000;

/// Bytes that nobody can guess.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], DeskError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| DeskError::Machine(error.to_string()))?;
    Ok(bytes)
}

/// A 256-bit token as text.
pub(crate) fn token() -> Result<String, DeskError> {
    Ok(BASE64_URL_SAFE_NO_PAD.encode(random::<32>()?))
}

fn hashed(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

/// How somebody came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Came {
    /// By what is theirs.
    ByItself,
    /// By a link that whoever keeps the accounts made: they choose a password anew without knowing the old one.
    ByLink,
}

/// Somebody signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Whose.
    pub account: Account,
    /// What every form of this session carries.
    pub form_token: String,
    /// How it began.
    pub came: Came,
    /// It has ended, but not so long ago that a form in flight should be lost.
    pub is_over: bool,
    /// When it began.
    pub begun_at: Moment,
    /// The hash of its token.
    key: Vec<u8>,
    seen_at: i64,
}

impl Session {
    /// A 256-bit random text.
    ///
    /// # Errors
    /// When the machine has no randomness.
    pub fn new_token() -> Result<String, DeskError> {
        token()
    }
}

/// A half-filled form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// Id of the draft, which becomes that of the entry.
    pub id: String,
    /// Address of the form's page.
    pub address: String,
    /// The fields as they were posted.
    pub body: String,
    /// When.
    pub saved_at: Moment,
}

impl Accounts {
    /// Begins a session; the token is for the cookie and is stored nowhere.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn begin(&self, account: &str, came: Came, now: Moment) -> Result<String, DeskError> {
        let (secret, form_token) = (token()?, token()?);
        let mut file = self.file();
        let work = file.transaction()?;
        work.execute("DELETE FROM session WHERE seen_at < ?1", [now.0 - REMEMBERED])?;
        work.execute("INSERT INTO session VALUES (?1, ?2, ?3, ?4, ?4)", params![hashed(&secret), account, form_token, now.0])?;
        if came == Came::ByLink {
            work.execute("INSERT INTO by_link VALUES (?1)", [hashed(&secret)])?;
        }
        work.commit()?;
        Ok(secret)
    }

    /// The session of a token, if it is or lately was one. Being seen keeps it alive.
    ///
    /// # Errors
    /// When the file cannot be used.
    pub fn session(&self, secret: &str, now: Moment) -> Result<Option<Session>, DeskError> {
        let Some(session) = self.find(hashed(secret), now)? else { return Ok(None) };
        // Written once a minute at most: reading a page must not wait for a disk.
        if !session.is_over && now.0 - session.seen_at > 60_000_000 {
            self.file().execute("UPDATE session SET seen_at = ?2 WHERE token = ?1", params![session.key, now.0])?;
        }
        Ok(Some(session))
    }

    /// A session as it is now, if it still stands. To be asked for so is not to be seen.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn standing(&self, session: &Session, now: Moment) -> Result<Option<Session>, DeskError> {
        Ok(self.find(session.key.clone(), now)?.filter(|session| !session.is_over))
    }

    /// Tells when this process ended sessions.
    #[must_use]
    pub fn endings(&self) -> watch::Receiver<u64> {
        self.endings.subscribe()
    }

    pub(super) fn tell_endings(&self) {
        self.endings.send_modify(|count| *count += 1);
    }

    fn find(&self, key: Vec<u8>, now: Moment) -> Result<Option<Session>, DeskError> {
        let find = "SELECT account, form_token, begun_at, seen_at, EXISTS (SELECT 1 FROM by_link WHERE by_link.token = session.token)
                    FROM session WHERE token = ?1";
        let found: Option<(String, String, i64, i64, bool)> =
            self.file().query_row(find, [&key], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))).optional()?;
        let Some((account, form_token, begun_at, seen_at, by_link)) = found else { return Ok(None) };
        let came = if by_link { Came::ByLink } else { Came::ByItself };
        let is_over = now.0 - seen_at > IDLE || now.0 - begun_at > LONGEST;
        if now.0 - seen_at > REMEMBERED {
            return Ok(None);
        }
        let begun_at = Moment(begun_at);
        Ok(self.get(&account)?.map(|account| Session { account, form_token, came, is_over, begun_at, key, seen_at }))
    }

    /// Ends one session.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn end(&self, secret: &str) -> Result<(), DeskError> {
        self.file().execute("DELETE FROM session WHERE token = ?1", [hashed(secret)])?;
        self.tell_endings();
        Ok(())
    }

    /// Ends every session of an account.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn end_all(&self, account: &str) -> Result<(), DeskError> {
        self.file().execute("DELETE FROM session WHERE account = ?1", [account])?;
        self.tell_endings();
        Ok(())
    }

    /// Ends every session of somebody but the one that they do it from.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn end_others(&self, session: &Session) -> Result<(), DeskError> {
        self.file().execute("DELETE FROM session WHERE account = ?1 AND token <> ?2", params![session.account.id, session.key])?;
        self.tell_endings();
        Ok(())
    }

    /// A token that signs an account in once. One that was shut is open again.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn make_link(&self, account: &str, until: Moment) -> Result<String, DeskError> {
        let secret = token()?;
        let mut file = self.file();
        let work = file.transaction()?;
        work.execute("DELETE FROM shut WHERE account = ?1", [account])?;
        work.execute("INSERT INTO link VALUES (?1, ?2, ?3)", params![hashed(&secret), account, until.0])?;
        work.commit()?;
        Ok(secret)
    }

    /// Uses a link up: the account it was for.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn use_link(&self, secret: &str, now: Moment) -> Result<Option<String>, DeskError> {
        let file = self.file();
        let used = file.query_row("DELETE FROM link WHERE token = ?1 RETURNING account, until", [hashed(secret)], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?))
        });
        Ok(used.optional()?.filter(|(_, until)| *until >= now.0).map(|(account, _)| account))
    }

    /// Keeps a half-filled form.
    ///
    /// # Errors
    /// When it is larger than any form, or the file cannot be written.
    pub fn save_draft(&self, account: &str, draft: &Saved) -> Result<(), DeskError> {
        if draft.body.len() > LARGEST_DRAFT {
            return Err(DeskError::TooLarge);
        }
        self.file().execute(
            "INSERT OR REPLACE INTO draft VALUES (?1, ?2, ?3, ?4, ?5)",
            params![draft.id, account, draft.address, draft.body, draft.saved_at.0],
        )?;
        Ok(())
    }

    /// A half-filled form of this account.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn draft(&self, account: &str, id: &str) -> Result<Option<Saved>, DeskError> {
        Ok(self.drafts(account)?.into_iter().find(|saved| saved.id == id))
    }

    /// All half-filled forms of an account, the newest first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn drafts(&self, account: &str) -> Result<Vec<Saved>, DeskError> {
        let file = self.file();
        let mut rows = file.prepare_cached("SELECT id, address, body, saved_at FROM draft WHERE account = ?1 ORDER BY saved_at DESC")?;
        let saved = rows.query_map([account], |row| {
            Ok(Saved { id: row.get(0)?, address: row.get(1)?, body: row.get(2)?, saved_at: Moment(row.get(3)?) })
        })?;
        Ok(saved.collect::<Result<Vec<_>, _>>()?)
    }

    /// Forgets a half-filled form: it has become an entry.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn drop_draft(&self, account: &str, id: &str) -> Result<(), DeskError> {
        self.file().execute("DELETE FROM draft WHERE account = ?1 AND id = ?2", [account, id])?;
        Ok(())
    }
}
