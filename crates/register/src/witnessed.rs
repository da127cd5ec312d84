//! What witnesses have seen of the log, as the register itself knows it: cosigned checkpoints are kept, the newest becomes the lower bound
//! in time that every later entry carries, and the log says of itself who watches it and when it was last seen.
//!
//! Nothing here knows a network: whoever asks witnesses brings what they answered.

use crate::door::Task;
use crate::draft::{Actor, Draft, Receipt, exactly};
use crate::error::RegisterError;
use crate::reading::Signed;
use crate::register::Register;
use crate::store::Store;
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::KindId;
use habeas_ledger::checkpoint::Checkpoint;
use habeas_ledger::leaf::Beacon;
use habeas_ledger::merkle::{Edge, Hash};
use habeas_ledger::note::Note;
use habeas_ledger::policy::{Judged, Policy};
use serde_json::json;

/// The setting that holds the newest witnessed checkpoint.
pub(crate) const WITNESSED: &str = "witnessed checkpoint";
/// The setting that holds the hash of the policy whose witnesses were entered last.
const NAMED: &str = "witnesses named";
/// The setting that holds when it was last entered that witnesses had seen the log.
const ENTERED: &str = "checkpoint witnessed at";

/// How often it is entered that witnesses have seen the log: an entry of its own each time would give them something new each time.
const HEARTBEAT: i64 = 3_600 * 1_000_000;

/// Kinds of the vocabulary; a codebook without them has a log that says nothing of its witnesses.
const WITNESSES_NAMED: &str = "witnesses named";
const CHECKPOINT_WITNESSED: &str = "checkpoint witnessed";

/// Why the register's own entry is late, where it is.
const HEARD_LATE: &str = "heard of late: the line was down, or the register did not run";

/// What the register's own entries are about.
pub(crate) const REGISTER: [(&str, &str); 1] = [("programme", "register")];

/// Who makes them.
pub(crate) fn system() -> Actor {
    Actor { id: "system".to_owned(), roles: vec!["system".to_owned()], places: Vec::new() }
}

/// The newest checkpoint that witnesses have cosigned as the policy asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witnessed {
    /// The checkpoint with its cosignatures.
    pub signed: Signed,
    /// When the quorum was reached, by the witnesses' clocks.
    pub at: Moment,
}

/// The checkpoint that entries carry from now on: that of the note, if it is a checkpoint of this log that the tree gives.
pub(crate) fn beacon(store: &mut dyn Store, origin: &str, edge: &Edge) -> Result<Beacon, RegisterError> {
    let Some(note) = store.setting(WITNESSED)? else { return Ok(Beacon::default()) };
    let checkpoint = Note::parse(note.as_bytes()).and_then(|note| Checkpoint::parse(note.unverified_text()));
    let Ok(checkpoint) = checkpoint else { return Ok(Beacon::default()) };
    // After a restore it may be ahead of the entries: then it is none of theirs.
    let fits = checkpoint.origin == origin && checkpoint.size <= edge.size();
    Ok(if fits { Beacon { size: checkpoint.size, root: checkpoint.root } } else { Beacon::default() })
}

fn moment(seconds: u64) -> Moment {
    Moment(i64::try_from(seconds).unwrap_or(i64::MAX / 1_000_000).saturating_mul(1_000_000))
}

impl Register {
    /// Keeps a checkpoint of this log with the cosignatures that witnesses have put under it. Once they are as many as the policy asks,
    /// every later entry carries it as its lower bound in time, and, at most once an hour, it is entered that the log was seen.
    ///
    /// # Errors
    /// A note that this log has not signed, or with a root that its entries do not give; what the machine says.
    pub fn keep_witnessed(&self, note: &str, policy: &Policy, now: Moment) -> Result<Judged, RegisterError> {
        let judged = policy.judge(note.as_bytes())?;
        let (size, root) = (judged.checkpoint.size, judged.checkpoint.root);
        let ours = judged.checkpoint.origin == self.origin() && self.read(|access| Ok(access.store.size()? >= size))?;
        if !ours || self.read(|access| access.root(size))? != root {
            let why = format!("a checkpoint of {size} entries of `{}` came back that this log does not give", judged.checkpoint.origin);
            return Err(RegisterError::Store { why });
        }
        let witnessed = judged.witnessed_at.map(|_| (WITNESSED, Beacon { size, root }));
        let (answer, answered) = std::sync::mpsc::channel();
        self.send(Task::Witnessed { size, note: note.to_owned(), witnessed, answer })?;
        answered.recv().map_err(|_| RegisterError::Closed)??;
        if let Some(at) = judged.witnessed_at {
            self.enter_witnessed(&judged, policy, moment(at).min(now), now)?;
        }
        Ok(judged)
    }

    /// Holds the register to a checkpoint that its own key has signed and that somebody else shows: if entries that it counts are missing
    /// here, or are others, the register takes and signs nothing more.
    ///
    /// # Errors
    /// [`RegisterError::ReadOnly`] with what is missing, and what to do; what the machine says.
    pub fn hold_to(&self, judged: &Judged, holder: &str) -> Result<(), RegisterError> {
        let signed = &judged.checkpoint;
        if signed.origin != self.origin() {
            return Ok(());
        }
        let size = self.read(|access| access.store.size())?;
        let why = if signed.size > size {
            format!(
                "it holds {size} entries, and {holder} shows a checkpoint of {} that this log's key has signed: entries {size} to {} are \
                 missing; find a newer copy, or declare them lost (`habeas admin restore`)",
                signed.size,
                signed.size - 1
            )
        } else if self.read(|access| access.root(signed.size))? != signed.root {
            let size = signed.size;
            format!(
                "{holder} shows a checkpoint of {size} entries that this log's key has signed, \
                 and the entries here give another root; run `habeas verify`"
            )
        } else {
            return Ok(());
        };
        let stopped = RegisterError::ReadOnly { why };
        self.stop_for(stopped.clone())?;
        Err(stopped)
    }

    fn enter_witnessed(&self, judged: &Judged, policy: &Policy, at: Moment, now: Moment) -> Result<(), RegisterError> {
        let last = self.read(|access| access.store.setting(ENTERED))?.and_then(|text| text.parse::<i64>().ok());
        if last.is_some_and(|last| now.0.saturating_sub(last) < HEARTBEAT) {
            return Ok(());
        }
        let checkpoint = &judged.checkpoint;
        let names: Vec<String> = judged.cosigned.iter().map(|(place, _)| policy.witnesses()[*place].shown_name()).collect();
        let id = format!("witnessed-{}-{}", checkpoint.size, at.0 / 1_000_000);
        let draft = Draft::new(&id, CHECKPOINT_WITNESSED, exactly(at), &REGISTER)
            .with("log name", checkpoint.origin.as_str())
            .with("size", checkpoint.size)
            .with("root", checkpoint.root.to_string())
            .with("watchers", json!(names));
        if self.enter_own(draft, now)?.is_some() {
            self.run(move |access| access.store.set(ENTERED, &now.0.to_string()))?;
        }
        Ok(())
    }

    /// Enters who watches this log, when that has changed: the policy in force is then in the log itself, and time without witnesses
    /// counts from here. Nothing where the policy asks for none.
    ///
    /// # Errors
    /// What the machine says.
    pub fn name_witnesses(&self, policy: &Policy, text: &[u8], now: Moment) -> Result<Option<Receipt>, RegisterError> {
        let hash = Hash::of(text).to_hex();
        let before = self.read(|access| access.store.setting(NAMED))?;
        if !policy.asks_for_witnesses() || before.as_ref() == Some(&hash) {
            return Ok(None);
        }
        let names: Vec<String> = policy.witnesses().iter().map(habeas_ledger::policy::Witness::shown_name).collect();
        let id = format!("witnesses-{}-{}", &hash[..16], self.checkpoint()?.size);
        let draft = Draft::new(&id, WITNESSES_NAMED, exactly(now), &REGISTER).with("policy", hash.as_str()).with("watchers", json!(names));
        let receipt = self.enter_own(draft, now)?;
        self.run(move |access| access.store.set(NAMED, &hash))?;
        Ok(receipt)
    }

    /// The index of the entry with this id.
    pub(crate) fn index_of(&self, id: &str) -> Result<Option<u64>, RegisterError> {
        self.read(|access| access.store.index_of(id))
    }

    /// Whether an entry has this id.
    pub(crate) fn is_entered(&self, id: &str) -> Result<bool, RegisterError> {
        Ok(self.index_of(id)?.is_some())
    }

    /// An entry of the register about itself; nothing where the codebook has no such kind.
    pub(crate) fn enter_own(&self, mut draft: Draft, now: Moment) -> Result<Option<Receipt>, RegisterError> {
        let Some(place) = self.codebook().kinds.iter().position(|kind| kind.name == draft.kind) else { return Ok(None) };
        let kind = KindId(u16::try_from(place).unwrap_or(u16::MAX));
        if now > self.codebook().entered_by(kind, draft.at.latest) {
            draft.late_reason = Some(HEARD_LATE.to_owned());
        }
        self.append(draft, &system(), now).map(Some)
    }

    /// The newest checkpoint that witnesses have cosigned as the policy asks; nothing before there is one.
    ///
    /// # Errors
    /// What the machine says.
    pub fn newest_witnessed(&self, policy: &Policy) -> Result<Option<Witnessed>, RegisterError> {
        let Some(note) = self.read(|access| access.store.setting(WITNESSED))? else { return Ok(None) };
        let Ok(judged) = policy.judge(note.as_bytes()) else { return Ok(None) };
        let signed = Signed { size: judged.checkpoint.size, root: judged.checkpoint.root, note };
        Ok(judged.witnessed_at.map(|at| Witnessed { signed, at: moment(at) }))
    }

    /// The newest witnessed checkpoint that counts the entry at `index`, as a receipt carries it.
    pub(crate) fn witnessed_over(&self, index: u64) -> Result<Option<Signed>, RegisterError> {
        let Some(note) = self.read(|access| access.store.setting(WITNESSED))? else { return Ok(None) };
        let checkpoint = Note::parse(note.as_bytes()).and_then(|note| Checkpoint::parse(note.unverified_text()));
        let signed = checkpoint.ok().map(|checkpoint| Signed { size: checkpoint.size, root: checkpoint.root, note });
        Ok(signed.filter(|signed| signed.size > index))
    }
}
