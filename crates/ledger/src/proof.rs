//! Receipts (C2SP tlog-proof): an entry's place, the path to the root, and the checkpoint with its cosignatures, as one text that can be
//! checked without a network. The extra line of ours carries the entry's header and the fields that the holder may show ([`Shown`]).

use crate::encoding::{Reader, decimal, from_base64, hash_from_base64, shown, to_base64};
use crate::error::LedgerError;
use crate::fields::Opening;
use crate::leaf::Header;
use crate::merkle::{self, Hash, leaf_hash};
use crate::policy::{Judged, Policy};
use std::fmt;

const WHAT: &str = "receipt";
const FIRST: &str = "c2sp.org/tlog-proof@v1";

/// More hashes than a tree of 2^64 entries needs.
const PATH_LIMIT: usize = 64;

/// A receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Bytes for the application. Not covered by any signature: believed only as far as they can be checked.
    pub extra: Option<Vec<u8>>,
    /// Place of the entry in its log.
    pub index: u64,
    /// Hashes from the leaf's sibling up.
    pub path: Vec<Hash>,
    /// The checkpoint, a signed note, as the log gave it.
    pub checkpoint: String,
}

impl fmt::Display for Proof {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{FIRST}")?;
        if let Some(extra) = &self.extra {
            writeln!(out, "extra {}", to_base64(extra))?;
        }
        writeln!(out, "index {}", self.index)?;
        self.path.iter().try_for_each(|hash| writeln!(out, "{hash}"))?;
        write!(out, "\n{}", self.checkpoint)
    }
}

impl Proof {
    /// Reads a receipt. The checkpoint is taken as it stands and judged by [`Proof::check`].
    ///
    /// # Errors
    /// Any other text; the line is named.
    pub fn parse(text: &str) -> Result<Self, LedgerError> {
        let refuse =
            |line: usize, found: &str, expected: &str| LedgerError::malformed(WHAT, format!("line {line}"), shown(found), expected);
        let Some((head, checkpoint)) = text.split_once("\n\n") else {
            return Err(refuse(1, text, "an empty line between the proof and the checkpoint"));
        };
        let mut lines = head.split('\n').enumerate().map(|(place, line)| (place + 1, line)).peekable();
        let (_, first) = lines.next().unwrap_or((1, ""));
        if first != FIRST {
            return Err(refuse(1, first, "`c2sp.org/tlog-proof@v1`"));
        }
        let mut extra = None;
        if let Some((number, encoded)) = lines.peek().and_then(|(number, line)| Some((*number, line.strip_prefix("extra ")?))) {
            extra = Some(from_base64(encoded).ok_or_else(|| refuse(number, encoded, "base64 after `extra`"))?);
            lines.next();
        }
        let (number, line) = lines.next().unwrap_or((2, ""));
        let index = line.strip_prefix("index ").and_then(decimal);
        let index = index.ok_or_else(|| refuse(number, line, "`index` and a number without leading zero"))?;
        let mut path = Vec::new();
        for (number, line) in lines {
            path.push(hash_from_base64(line).ok_or_else(|| refuse(number, line, "32 bytes in base64"))?);
            if path.len() > PATH_LIMIT {
                return Err(refuse(number, line, "at most 64 hashes"));
            }
        }
        if checkpoint.is_empty() {
            return Err(refuse(head.split('\n').count() + 2, "", "the checkpoint"));
        }
        Ok(Proof { extra, index, path, checkpoint: checkpoint.to_owned() })
    }

    /// Checks that the entry with this leaf hash is in a log that the policy knows, as witnessed as the policy asks.
    ///
    /// # Errors
    /// As [`Policy::accept`], and [`LedgerError::NotProven`] when the path does not lead to the checkpoint's root.
    pub fn check(&self, leaf: &Hash, policy: &Policy) -> Result<Judged, LedgerError> {
        let judged = policy.accept(self.checkpoint.as_bytes())?;
        self.check_path(leaf, &judged)?;
        Ok(judged)
    }

    /// As [`Proof::check`] without the quorum: who has cosigned is in the answer. For a receipt that was printed before the witnesses
    /// answered; never to be shown as fully proven.
    ///
    /// # Errors
    /// As [`Policy::judge`], and [`LedgerError::NotProven`].
    pub fn check_unwitnessed(&self, leaf: &Hash, policy: &Policy) -> Result<Judged, LedgerError> {
        let judged = policy.judge(self.checkpoint.as_bytes())?;
        self.check_path(leaf, &judged)?;
        Ok(judged)
    }

    fn check_path(&self, leaf: &Hash, judged: &Judged) -> Result<(), LedgerError> {
        merkle::check_inclusion(self.index, judged.checkpoint.size, leaf, &self.path, &judged.checkpoint.root)
    }
}

const SHOWN: &str = "receipt's entry";
const SHOWN_DOMAIN: &[u8; 17] = b"habeas-receipt/1\n";

/// What our receipts carry in `extra`: the header, from which the leaf hash follows, and the fields that are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The entry's header as published.
    pub header: Header,
    /// Fields that the holder of the receipt may show.
    pub openings: Vec<Opening>,
}

impl Shown {
    /// The bytes for `extra`: `habeas-receipt/1`, length (2) and header, number (1) of openings and openings.
    ///
    /// # Errors
    /// A header or opening that cannot be written, or more than 255 openings.
    pub fn to_bytes(&self) -> Result<Vec<u8>, LedgerError> {
        let header = self.header.encode()?;
        let too_long = |_| LedgerError::unwritable(SHOWN, "a header or number of openings too large");
        let mut bytes = SHOWN_DOMAIN.to_vec();
        bytes.extend_from_slice(&u16::try_from(header.len()).map_err(too_long)?.to_be_bytes());
        bytes.extend_from_slice(&header);
        bytes.push(u8::try_from(self.openings.len()).map_err(too_long)?);
        for opening in &self.openings {
            bytes.extend_from_slice(&opening.to_bytes()?);
        }
        Ok(bytes)
    }

    /// Reads what [`Shown::to_bytes`] wrote.
    ///
    /// # Errors
    /// Anything else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, LedgerError> {
        let mut reader = Reader::new(bytes, SHOWN);
        if reader.take(SHOWN_DOMAIN.len(), "the words `habeas-receipt/1`")? != SHOWN_DOMAIN {
            return Err(LedgerError::malformed(SHOWN, "byte 0", "other words", "`habeas-receipt/1` and a newline"));
        }
        let length = reader.u16("length of the header")?;
        let header = Header::decode(reader.take(usize::from(length), "header")?)?;
        let count = reader.byte("number of openings")?;
        let openings = (0..count).map(|_| Opening::read(&mut reader)).collect::<Result<_, _>>()?;
        reader.end()?;
        Ok(Shown { header, openings })
    }

    /// The leaf that the receipt is about, after checking that each shown field belongs to it.
    ///
    /// # Errors
    /// [`LedgerError::NotProven`] naming the field.
    pub fn leaf(&self) -> Result<Hash, LedgerError> {
        for opening in &self.openings {
            opening.check(&self.header.fields_root)?;
        }
        Ok(leaf_hash(&self.header.encode()?))
    }
}
