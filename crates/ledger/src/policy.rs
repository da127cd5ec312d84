//! Who must have signed before a checkpoint is believed (C2SP tlog-policy): known logs, known witnesses, and a quorum of them.
//!
//! A log that has changed its key has a line for each ([`crate::succession`]). What the standard has no line for stands in comments that
//! other tools pass over, below the `log` line that they are about:
//!
//! ```text
//! log custody.example/st/0412+1f3c88a0+AZ…
//! #until 312                                   this key has signed checkpoints of at most 312 entries
//! log custody.example/st/0412/e2+77ab01c2+AX…
//! #after 300 custody.example/st/0412           this log goes on after the first 300 entries of that one
//! ```

use crate::checkpoint::Checkpoint;
use crate::encoding::{decimal, shown};
use crate::error::LedgerError;
use crate::merkle::Hash;
use crate::note::{Algorithm, Note, VerifierKey};
use crate::succession::Succession;

const WHAT: &str = "policy";

/// A log whose checkpoints are accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// Its key; the key's name is the log's origin.
    pub key: VerifierKey,
    /// Where it is, if told. Opaque bytes.
    pub url: Option<Vec<u8>>,
    /// The key has been changed: it counts for checkpoints of at most so many entries.
    pub until: Option<u64>,
    /// The log is a later epoch: it goes on after so many entries of the log of this name.
    pub after: Option<(u64, String)>,
}

impl Log {
    fn of(key: VerifierKey) -> Self {
        Log { key, url: None, until: None, after: None }
    }
}

/// An earlier epoch of a log, as a later one says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Epoch<'p> {
    /// The log's name in that epoch.
    pub origin: &'p str,
    /// Its entries that the later epoch has kept.
    pub kept: u64,
    /// How many it had, by the word of the key that left; at least as many as were kept.
    pub signed: u64,
}

/// Somebody who watches logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// Its name in this policy. Opaque bytes.
    pub name: Vec<u8>,
    /// Its key.
    pub key: VerifierKey,
    /// Where checkpoints are sent to, if told. Opaque bytes.
    pub url: Option<Vec<u8>>,
}

impl Witness {
    /// The name for people.
    #[must_use]
    pub fn shown_name(&self) -> String {
        String::from_utf8_lossy(&self.name).into_owned()
    }
}

/// A number of names of which enough must have witnessed.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Group {
    name: Vec<u8>,
    needed: usize,
    members: Vec<Member>,
}

/// A member of a group, by its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Member {
    Witness(usize),
    Group(usize),
}

/// A policy file, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<Log>,
    witnesses: Vec<Witness>,
    groups: Vec<Group>,
    /// Nothing: `quorum none`.
    quorum: Option<Member>,
}

/// What a policy says of one checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// The checkpoint, signed by a known log.
    pub checkpoint: Checkpoint,
    /// Witnesses that have cosigned it: place in [`Policy::witnesses`], and the time in seconds since 1970.
    pub cosigned: Vec<(usize, u64)>,
    /// Whether they are enough.
    pub quorum: bool,
    /// When the quorum was reached at the latest: by then the checkpoint existed, whoever else lies. Seconds since 1970; nothing without
    /// a quorum, or where the policy asks for none.
    pub witnessed_at: Option<u64>,
}

impl Policy {
    /// Reads a policy file.
    ///
    /// # Errors
    /// [`LedgerError::Malformed`] with the line, what was found and what was expected.
    pub fn parse(bytes: &[u8]) -> Result<Self, LedgerError> {
        let mut policy = Draft::default();
        for (number, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            policy.read_line(line).map_err(|(found, expected)| {
                LedgerError::malformed(WHAT, format!("line {}", number + 1), shown(&String::from_utf8_lossy(&found)), expected)
            })?;
        }
        let Some(quorum) = policy.quorum else {
            return Err(LedgerError::malformed(WHAT, "its end", "no `quorum` line", "one line `quorum NAME`, or `quorum none`"));
        };
        Ok(Policy { logs: policy.logs, witnesses: policy.witnesses, groups: policy.groups, quorum })
    }

    /// A policy that believes one log and asks for no witness: to check somebody's log by its key alone.
    #[must_use]
    pub fn of_log(key: VerifierKey) -> Self {
        Policy { logs: vec![Log::of(key)], witnesses: Vec::new(), groups: Vec::new(), quorum: None }
    }

    /// Known logs.
    #[must_use]
    pub fn logs(&self) -> &[Log] {
        &self.logs
    }

    /// Believes the other key of a succession, if one of the two is known; tells whether it is. A known key counts from then on up to the
    /// size that it named.
    ///
    /// # Errors
    /// A key that has named another successor before: two histories.
    pub fn succeed(&mut self, stated: &Succession) -> Result<bool, LedgerError> {
        let place = |key: &VerifierKey, logs: &[Log]| logs.iter().position(|log| log.key == *key);
        let (old, new) = (place(&stated.old, &self.logs), place(&stated.new, &self.logs));
        if old.is_none() && new.is_none() {
            return Ok(false);
        }
        let mut make = |found: Option<usize>, key: &VerifierKey| {
            found.unwrap_or_else(|| {
                self.logs.push(Log::of(key.clone()));
                self.logs.len() - 1
            })
        };
        let (old, new) = (make(old, &stated.old), make(new, &stated.new));
        let after = stated.is_epoch().then(|| (stated.kept, stated.old.name().to_owned()));
        let known = (self.logs[old].until, &self.logs[new].after);
        if known.0.is_some_and(|until| until != stated.signed) || (known.1.is_some() && *known.1 != after) {
            let why = format!("the key {} has named another successor, or another size, before", stated.old);
            return Err(LedgerError::not_proven("succession", why));
        }
        self.logs[old].until = Some(stated.signed);
        self.logs[new].after = after;
        Ok(true)
    }

    /// The epochs before the log of this name, the newest first; none where it is in its first.
    #[must_use]
    pub fn epochs_before(&self, origin: &str) -> Vec<Epoch<'_>> {
        let mut epochs: Vec<Epoch<'_>> = Vec::new();
        let mut name = origin;
        let before = |name: &str| self.logs.iter().filter(|log| log.key.name() == name).find_map(|log| log.after.as_ref());
        while let Some((kept, old)) = before(name).filter(|(_, old)| old != origin && epochs.iter().all(|epoch| epoch.origin != *old)) {
            let until = self.logs.iter().filter(|log| log.key.name() == *old).filter_map(|log| log.until).max();
            epochs.push(Epoch { origin: old, kept: *kept, signed: until.unwrap_or(*kept).max(*kept) });
            name = old;
        }
        epochs
    }

    /// The name that the log called `origin` had when its entry at `index` was made.
    #[must_use]
    pub fn origin_at<'p>(&'p self, origin: &'p str, index: u64) -> &'p str {
        let epochs = self.epochs_before(origin);
        epochs.iter().take_while(|epoch| index < epoch.kept).last().map_or(origin, |epoch| epoch.origin)
    }

    /// Whether an entry at `index` with this origin hash belongs to the log of this name.
    pub(crate) fn is_of(&self, origin: &str, index: u64, hash: &Hash) -> bool {
        *hash == Hash::of(self.origin_at(origin, index).as_bytes())
    }

    /// Known witnesses.
    #[must_use]
    pub fn witnesses(&self) -> &[Witness] {
        &self.witnesses
    }

    /// Whether any witness is asked for.
    #[must_use]
    pub fn asks_for_witnesses(&self) -> bool {
        self.quorum.is_some()
    }

    /// Whether these witnesses (places in [`Policy::witnesses`]) are enough.
    #[must_use]
    pub fn is_quorum(&self, cosigned: &[usize]) -> bool {
        self.quorum.is_none_or(|member| self.has_witnessed(member, cosigned))
    }

    fn has_witnessed(&self, member: Member, cosigned: &[usize]) -> bool {
        match member {
            Member::Witness(place) => cosigned.contains(&place),
            Member::Group(place) => {
                let group = &self.groups[place];
                group.members.iter().filter(|member| self.has_witnessed(**member, cosigned)).count() >= group.needed
            }
        }
    }

    /// Judges a checkpoint: signed by a known log under that log's origin, and by how many witnesses. Whether the quorum is reached is in
    /// the answer; [`Policy::accept`] refuses without it.
    ///
    /// # Errors
    /// A note that does not parse, a signature by a known key that does not fit, or no known log.
    pub fn judge(&self, note: &[u8]) -> Result<Judged, LedgerError> {
        let note = Note::parse(note)?;
        let checkpoint = Checkpoint::parse(note.unverified_text())?;
        let logs: Vec<VerifierKey> = self.logs.iter().map(|log| log.key.clone()).filter(|key| key.name() == checkpoint.origin).collect();
        let opened = note.open(&logs)?;
        self.refuse_retired(&checkpoint, &opened.verified.iter().map(|verified| verified.key_id).collect::<Vec<_>>())?;
        let mut cosigned = Vec::new();
        for (place, witness) in self.witnesses.iter().enumerate() {
            let signed = note.signatures().iter().any(|line| line.name == witness.key.name() && line.key_id == witness.key.id());
            if signed {
                let opened = note.open(std::slice::from_ref(&witness.key))?;
                cosigned.extend(opened.verified.iter().filter_map(|verified| verified.time).map(|time| (place, time)));
            }
        }
        let places: Vec<usize> = cosigned.iter().map(|(place, _)| *place).collect();
        let quorum = self.is_quorum(&places);
        let witnessed_at = if quorum { self.reached_at(&cosigned) } else { None };
        Ok(Judged { checkpoint, cosigned, quorum, witnessed_at })
    }

    /// A key that has been changed signs no more than it said when it left.
    fn refuse_retired(&self, checkpoint: &Checkpoint, signed_by: &[[u8; 4]]) -> Result<(), LedgerError> {
        let signers = || self.logs.iter().filter(|log| log.key.name() == checkpoint.origin && signed_by.contains(&log.key.id()));
        if signers().any(|log| log.until.is_none_or(|until| checkpoint.size <= until)) {
            return Ok(());
        }
        let until = signers().filter_map(|log| log.until).max().unwrap_or(0);
        let why = format!(
            "it counts {} entries, and its key was changed after {until}: what that key signs later counts for nothing",
            checkpoint.size
        );
        Err(LedgerError::not_proven("checkpoint", why))
    }

    /// The earliest time by which the cosignatures up to it are a quorum.
    fn reached_at(&self, cosigned: &[(usize, u64)]) -> Option<u64> {
        let mut times: Vec<u64> = cosigned.iter().map(|(_, time)| *time).collect();
        times.sort_unstable();
        times.into_iter().find(|limit| {
            let by_then: Vec<usize> = cosigned.iter().filter(|(_, time)| time <= limit).map(|(place, _)| *place).collect();
            self.asks_for_witnesses() && self.is_quorum(&by_then)
        })
    }

    /// [`Policy::judge`], and the quorum must be there.
    ///
    /// # Errors
    /// Also [`LedgerError::Quorum`], naming who has cosigned and who has not.
    pub fn accept(&self, note: &[u8]) -> Result<Judged, LedgerError> {
        let judged = self.judge(note)?;
        if judged.quorum {
            return Ok(judged);
        }
        let names = |there: bool| {
            let found = self.witnesses.iter().enumerate().filter(|(place, _)| judged.cosigned.iter().any(|(at, _)| at == place) == there);
            let names: Vec<String> = found.map(|(_, witness)| witness.shown_name()).collect();
            if names.is_empty() { "nobody".to_owned() } else { names.join(", ") }
        };
        Err(LedgerError::Quorum { why: format!("cosigned by {}; not by {}", names(true), names(false)) })
    }
}

/// A policy's text with a succession: the key that leaves counts up to its size, the key that comes has a line. As it was where it has
/// both, or knows neither.
#[must_use]
pub fn succeeded(text: &str, stated: &Succession) -> String {
    let (old, new) = (stated.old.to_string(), stated.new.to_string());
    let is_of = |line: &str, key: &str| line.split_whitespace().take(2).eq(["log", key]);
    if text.lines().any(|line| is_of(line, &new)) {
        return text.to_owned();
    }
    let mut lines = String::new();
    for line in text.lines() {
        lines.push_str(line);
        lines.push('\n');
        if is_of(line, &old) {
            lines.push_str(&format!("#until {}\nlog {new}\n", stated.signed));
            if stated.is_epoch() {
                lines.push_str(&format!("#after {} {}\n", stated.kept, stated.old.name()));
            }
        }
    }
    lines
}

/// What was found, and what was expected.
type Refusal = (Vec<u8>, String);

/// A policy while its lines are read.
#[derive(Default)]
struct Draft {
    logs: Vec<Log>,
    witnesses: Vec<Witness>,
    groups: Vec<Group>,
    used: Vec<Member>,
    quorum: Option<Option<Member>>,
}

impl Draft {
    fn read_line(&mut self, line: &[u8]) -> Result<(), Refusal> {
        if line.iter().any(|byte| (*byte < 0x20 && *byte != b'\t') || *byte == 0x7f) {
            return Err((line.to_vec(), "no control characters but tab and newline".to_owned()));
        }
        let words: Vec<&[u8]> = line.split(|byte| matches!(byte, b' ' | b'\t')).filter(|word| !word.is_empty()).collect();
        match words.as_slice() {
            [] => Ok(()),
            [b"#until", size] => self.about_log(line, size, None),
            [b"#after", size, origin] => self.about_log(line, size, Some(origin)),
            [first, ..] if first.starts_with(b"#") => Ok(()),
            [b"log", key, url @ ..] if url.len() <= 1 => self.read_log(key, url.first().copied()),
            [b"witness", name, key, url @ ..] if url.len() <= 1 => self.read_witness(name, key, url.first().copied()),
            [b"group", name, needed, members @ ..] if !members.is_empty() => self.read_group(name, needed, members),
            [b"quorum", name] => self.read_quorum(name),
            _ => Err((
                line.to_vec(),
                "`log VKEY [URL]`, `witness NAME VKEY [URL]`, `group NAME K|any|all NAME…` or `quorum NAME`".to_owned(),
            )),
        }
    }

    fn read_log(&mut self, key: &[u8], url: Option<&[u8]>) -> Result<(), Refusal> {
        let key = read_key(key, &[Algorithm::Ed25519, Algorithm::MlDsa44], "a log's key: type 0x01 or 0x06")?;
        if self.logs.iter().any(|log| log.key.key_bytes() == key.key_bytes()) {
            return Err((key.to_string().into_bytes(), "each log's key once".to_owned()));
        }
        self.logs.push(Log { url: url.map(<[u8]>::to_vec), ..Log::of(key) });
        Ok(())
    }

    /// What a comment of ours says of the log above it. Where no log is above, or no number stands, it is a comment like any other.
    fn about_log(&mut self, line: &[u8], size: &[u8], origin: Option<&[u8]>) -> Result<(), Refusal> {
        let size = std::str::from_utf8(size).ok().and_then(decimal);
        let (Some(log), Some(size)) = (self.logs.last_mut(), size) else { return Ok(()) };
        match origin {
            None => log.until = Some(size),
            Some(origin) => {
                let name = std::str::from_utf8(origin).map_err(|_| (line.to_vec(), "the name of a log in UTF-8".to_owned()))?;
                log.after = Some((size, name.to_owned()));
            }
        }
        Ok(())
    }

    fn read_witness(&mut self, name: &[u8], key: &[u8], url: Option<&[u8]>) -> Result<(), Refusal> {
        self.check_new(name)?;
        let key = read_key(key, &[Algorithm::CosignatureV1, Algorithm::MlDsa44], "a witness's key: type 0x04 or 0x06")?;
        if self.witnesses.iter().any(|witness| witness.key.key_bytes() == key.key_bytes()) {
            return Err((key.to_string().into_bytes(), "each witness's key once".to_owned()));
        }
        self.witnesses.push(Witness { name: name.to_vec(), key, url: url.map(<[u8]>::to_vec) });
        Ok(())
    }

    fn read_group(&mut self, name: &[u8], needed: &[u8], names: &[&[u8]]) -> Result<(), Refusal> {
        self.check_new(name)?;
        let needed = match needed {
            b"any" => 1,
            b"all" => names.len(),
            number => {
                let number = std::str::from_utf8(number).ok().and_then(decimal).and_then(|number| usize::try_from(number).ok());
                let fits = number.filter(|number| (1..=names.len()).contains(number));
                fits.ok_or_else(|| (needed.to_vec(), format!("`any`, `all` or a number from 1 to {}", names.len())))?
            }
        };
        let mut members = Vec::new();
        for name in names {
            let member = self.find(name).ok_or_else(|| (name.to_vec(), "a witness or group named on a line before".to_owned()))?;
            if self.used.contains(&member) {
                return Err((name.to_vec(), "each name in one group, once".to_owned()));
            }
            self.used.push(member);
            members.push(member);
        }
        self.groups.push(Group { name: name.to_vec(), needed, members });
        Ok(())
    }

    fn read_quorum(&mut self, name: &[u8]) -> Result<(), Refusal> {
        if self.quorum.is_some() {
            return Err((name.to_vec(), "one quorum line".to_owned()));
        }
        if name == b"none" {
            self.quorum = Some(None);
            return Ok(());
        }
        let member = self.find(name).ok_or_else(|| (name.to_vec(), "`none`, or a witness or group named on a line before".to_owned()))?;
        self.quorum = Some(Some(member));
        Ok(())
    }

    fn find(&self, name: &[u8]) -> Option<Member> {
        let witness = self.witnesses.iter().position(|witness| witness.name == name).map(Member::Witness);
        witness.or_else(|| self.groups.iter().position(|group| group.name == name).map(Member::Group))
    }

    fn check_new(&self, name: &[u8]) -> Result<(), Refusal> {
        if name == b"none" || self.find(name).is_some() {
            return Err((name.to_vec(), "a name that is not taken (`none` is)".to_owned()));
        }
        Ok(())
    }
}

fn read_key(text: &[u8], kinds: &[Algorithm], expected: &str) -> Result<VerifierKey, Refusal> {
    let refuse = |why: String| (text.to_vec(), why);
    let text = std::str::from_utf8(text).map_err(|_| refuse("a key in ASCII".to_owned()))?;
    let key = VerifierKey::parse(text).map_err(|error| refuse(format!("a verifier key ({error})")))?;
    if kinds.contains(&key.algorithm()) { Ok(key) } else { Err(refuse(expected.to_owned())) }
}
