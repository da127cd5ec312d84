//! `habeas log …`: proofs made from a log's files; and proofs, notes, policies and receipts checked one by one, so that anybody's test
//! vectors can be run: one JSON object a line on standard input, one answer a line on standard output, in the same order.

use crate::outcome::{Outcome, Trouble};
use crate::places::Place;
use crate::terminal;
use clap::{Args, Subcommand};
use habeas_ledger::LedgerError;
use habeas_ledger::checkpoint::Checkpoint;
use habeas_ledger::leaf::Header;
use habeas_ledger::merkle::{self, Hash, leaf_hash};
use habeas_ledger::note::{Note, VerifierKey};
use habeas_ledger::policy::Policy;
use habeas_ledger::proof::{Proof, Shown};
use habeas_ledger::tile::{self, Files as _, Kind, Tile, TileHashes, WIDTH};
use serde_json::{Map, Value, json};
use std::io::{BufRead, Write};
use std::path::PathBuf;

const EXAMPLES: &str = "Examples:
  echo '{\"leaves\":[\"YQ==\",\"Yg==\"]}' | habeas log root
  habeas log check-inclusion < vectors.jsonl
  habeas log prove ./mirror --index 17 > entry-17.tlog-proof
  habeas log consistency ./mirror --old 4 | habeas log check-consistency
  habeas log check-receipt --policy witnesses.policy < receipts.jsonl

Each line may carry a `case`, which is repeated in its answer.
Exit status: 0 every line holds; 1 one does not; 2 a line is not a JSON object.";

/// Make proofs from a log's files; check proofs, notes, policies and receipts from JSON lines.
#[derive(Debug, Subcommand)]
#[command(after_help = EXAMPLES)]
pub enum Verb {
    /// Print the newest checkpoint of a log's folder or address.
    Checkpoint(Whole),
    /// Print a receipt (C2SP tlog-proof) for one entry.
    Prove(Prove),
    /// Print the proof that the log has only grown, as a line for `check-consistency`.
    Consistency(Consistency),
    /// The root over leaves: {"leaves":[base64…]} gives {"root":base64}
    Root,
    /// {"leafIdx":n,"treeSize":n,"root":base64,"leafHash":base64,"proof":[base64…]}
    CheckInclusion,
    /// {"size1":n,"size2":n,"root1":base64,"root2":base64,"proof":[base64…]}
    CheckConsistency,
    /// {"note":text,"vkeys":[text…]} gives who has signed; `note_b64` where the bytes are not UTF-8
    CheckNote,
    /// The same, and the text must be a checkpoint; {"body":text} checks the form of the text alone
    CheckCheckpoint,
    /// {"proof":text,"leafHash":base64}; a receipt of ours needs no leafHash
    CheckReceipt(CheckReceipt),
    /// {"policy":text}
    CheckPolicy,
    /// {"vkey":text}
    CheckVkey,
}

/// Check receipts (C2SP tlog-proof) against a policy.
#[derive(Debug, Args)]
pub struct CheckReceipt {
    /// Policy file (C2SP tlog-policy). Without it only the form is checked, and the answer says so.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
}

/// A log in files.
#[derive(Debug, Args)]
pub struct Whole {
    /// Folder with `checkpoint` and `tile/`, or the address of a log.
    #[arg(value_name = "DIR|URL")]
    log: String,
}

/// One entry.
#[derive(Debug, Args)]
pub struct Prove {
    #[command(flatten)]
    of: Whole,
    /// Place of the entry, from 0.
    #[arg(long, value_name = "INDEX")]
    index: u64,
}

/// From one size to the newest.
#[derive(Debug, Args)]
pub struct Consistency {
    #[command(flatten)]
    of: Whole,
    /// The size to begin from.
    #[arg(long, value_name = "SIZE")]
    old: u64,
    /// The size to end at [default: the newest checkpoint's]
    #[arg(long, value_name = "SIZE")]
    new: Option<u64>,
}

/// What holds (with what is worth telling), or why not.
type Checked = Result<Map<String, Value>, String>;

impl Verb {
    /// Answers each line.
    ///
    /// # Errors
    /// A line that is not a JSON object, a policy that cannot be read, or trouble with reading and writing.
    pub fn run(&self) -> Result<Outcome, Trouble> {
        match self {
            Verb::Checkpoint(whole) => print(&whole.newest()?.0),
            Verb::Prove(prove) => print(&prove.receipt()?),
            Verb::Consistency(consistency) => print(&consistency.line()?),
            Verb::Root => each_line(root),
            Verb::CheckInclusion => each_line(inclusion),
            Verb::CheckConsistency => each_line(consistency),
            Verb::CheckNote => each_line(note),
            Verb::CheckCheckpoint => each_line(checkpoint),
            Verb::CheckReceipt(check) => {
                let policy = check.policy.as_deref().map(super::verify::read_policy).transpose()?;
                each_line(|line| receipt(line, policy.as_ref()))
            }
            Verb::CheckPolicy => each_line(policy),
            Verb::CheckVkey => each_line(vkey),
        }
    }
}

fn print(text: &str) -> Result<Outcome, Trouble> {
    terminal::print(text.as_bytes())?;
    Ok(Outcome::Clean)
}

impl Whole {
    fn named(&self, error: &LedgerError) -> Trouble {
        Trouble::Input(format!("{}: {error}", self.log))
    }

    /// The newest checkpoint, as it stands, and where the log is. Signatures are for `habeas verify`.
    fn newest(&self) -> Result<(String, Checkpoint, Place), Trouble> {
        let place = Place::find(&self.log)?;
        let bytes = place.file("checkpoint").map_err(|error| self.named(&error))?;
        let bytes = bytes.ok_or_else(|| Trouble::Input(format!("{}: there is no `checkpoint`", self.log)))?;
        let note = Note::parse(&bytes).map_err(|error| self.named(&error))?;
        let checkpoint = Checkpoint::parse(note.unverified_text()).map_err(|error| self.named(&error))?;
        Ok((note.to_string(), checkpoint, place))
    }
}

impl Prove {
    fn receipt(&self) -> Result<String, Trouble> {
        let (note, checkpoint, place) = self.of.newest()?;
        let named = |error: LedgerError| self.of.named(&error);
        let path = merkle::prove_inclusion(&TileHashes::new(&place, checkpoint.size), self.index, checkpoint.size).map_err(named)?;
        let entry = entry(&place, self.index, checkpoint.size).map_err(named)?;
        // A log of ours hands its entry out with the receipt; of somebody else's the holder knows it.
        let header = entry.and_then(|bytes| Header::decode(&bytes).ok());
        let extra = header.map(|header| Shown { header, openings: Vec::new() }.to_bytes()).transpose().map_err(named)?;
        Ok(Proof { extra, index: self.index, path, checkpoint: note }.to_string())
    }
}

/// The bytes of one entry, out of its bundle.
fn entry(place: &Place, index: u64, size: u64) -> Result<Option<Vec<u8>>, LedgerError> {
    let row = index / u64::from(WIDTH);
    let width = u32::try_from((size - row * u64::from(WIDTH)).min(u64::from(WIDTH))).unwrap_or(WIDTH);
    for width in [width, WIDTH] {
        let bundle = Tile { kind: Kind::Entries, index: row, width };
        if let Some(bytes) = place.file(&bundle.to_string())? {
            let held = tile::entries(&bytes, width)?;
            return Ok(usize::try_from(index % u64::from(WIDTH)).ok().and_then(|at| held.get(at)).map(|entry| entry.to_vec()));
        }
    }
    Ok(None)
}

impl Consistency {
    fn line(&self) -> Result<String, Trouble> {
        let (_, checkpoint, place) = self.of.newest()?;
        let named = |error: LedgerError| self.of.named(&error);
        let new = self.new.unwrap_or(checkpoint.size);
        let hashes = TileHashes::new(&place, checkpoint.size);
        let roots = (merkle::root(&hashes, self.old).map_err(named)?, merkle::root(&hashes, new).map_err(named)?);
        let path = merkle::prove_consistency(&hashes, self.old, new).map_err(named)?;
        let path: Vec<String> = path.iter().map(Hash::to_string).collect();
        let line = json!({
            "size1": self.old, "size2": new, "root1": roots.0.to_string(), "root2": roots.1.to_string(), "proof": path,
        });
        Ok(format!("{line}\n"))
    }
}

fn each_line(check: impl Fn(&Value) -> Checked) -> Result<Outcome, Trouble> {
    let reading = |error: &std::io::Error| Trouble::Machine(format!("standard input could not be read: {error}"));
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut outcome = Outcome::Clean;
    for (number, line) in std::io::stdin().lock().lines().enumerate() {
        let line = line.map_err(|error| reading(&error))?;
        if line.trim().is_empty() {
            continue;
        }
        let asked: Value = serde_json::from_str(&line).ok().filter(Value::is_object).ok_or_else(|| {
            Trouble::Input(format!("standard input:{}: not a JSON object; expected one object a line, see `--help`", number + 1))
        })?;
        let mut answer = Map::new();
        if let Some(case) = asked.get("case") {
            answer.insert("case".to_owned(), case.clone());
        }
        match check(&asked) {
            Ok(told) => {
                answer.insert("ok".to_owned(), true.into());
                answer.insert("why".to_owned(), Value::Null);
                answer.extend(told);
            }
            Err(why) => {
                outcome = Outcome::Found;
                answer.insert("ok".to_owned(), false.into());
                answer.insert("why".to_owned(), why.into());
            }
        }
        writeln!(out, "{}", Value::Object(answer)).map_err(|error| Trouble::writing("standard output", &error))?;
    }
    out.flush().map_err(|error| Trouble::writing("standard output", &error))?;
    Ok(outcome)
}

/// Facts of an answer.
fn told(facts: Value) -> Map<String, Value> {
    match facts {
        Value::Object(facts) => facts,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
    }
}

fn number(line: &Value, key: &str) -> Result<u64, String> {
    line[key].as_u64().ok_or_else(|| format!("`{key}`: found {}, expected a whole number from 0", line[key]))
}

fn text<'a>(line: &'a Value, key: &str) -> Result<&'a str, String> {
    line[key].as_str().ok_or_else(|| format!("`{key}`: found {}, expected a text", line[key]))
}

fn hash(line: &Value, key: &str) -> Result<Hash, String> {
    Hash::from_base64(text(line, key)?).map_err(|error| format!("`{key}`: {error}"))
}

fn list<'a>(line: &'a Value, key: &str) -> Result<&'a [Value], String> {
    let value = &line[key];
    if value.is_null() {
        return Ok(&[]);
    }
    value.as_array().map(Vec::as_slice).ok_or_else(|| format!("`{key}`: found {value}, expected a list"))
}

fn hashes(line: &Value, key: &str) -> Result<Vec<Hash>, String> {
    let read = |value: &Value| Hash::from_base64(value.as_str().unwrap_or_default()).map_err(|error| format!("`{key}`: {error}"));
    list(line, key)?.iter().map(read).collect()
}

fn base64(text: &str) -> Option<Vec<u8>> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}

fn root(line: &Value) -> Checked {
    let mut edge = merkle::Edge::new();
    for (place, leaf) in list(line, "leaves")?.iter().enumerate() {
        let bytes = leaf.as_str().and_then(base64);
        edge.push(leaf_hash(&bytes.ok_or_else(|| format!("`leaves`, place {place}: found {leaf}, expected base64"))?));
    }
    Ok(told(json!({ "root": edge.root().to_string(), "size": edge.size() })))
}

fn inclusion(line: &Value) -> Checked {
    let (index, size) = (number(line, "leafIdx")?, number(line, "treeSize")?);
    let path = hashes(line, "proof")?;
    merkle::check_inclusion(index, size, &hash(line, "leafHash")?, &path, &hash(line, "root")?).map_err(|error| error.to_string())?;
    Ok(Map::new())
}

fn consistency(line: &Value) -> Checked {
    let (old, new) = (number(line, "size1")?, number(line, "size2")?);
    let path = hashes(line, "proof")?;
    let checked = merkle::check_consistency(old, new, &hash(line, "root1")?, &hash(line, "root2")?, &path);
    checked.map_err(|error| error.to_string())?;
    Ok(Map::new())
}

fn note_bytes(line: &Value) -> Result<Vec<u8>, String> {
    match line.get("note_b64").and_then(Value::as_str) {
        Some(encoded) => base64(encoded).ok_or_else(|| "`note_b64`: not base64".to_owned()),
        None => Ok(text(line, "note")?.as_bytes().to_vec()),
    }
}

fn keys(line: &Value) -> Result<Vec<VerifierKey>, String> {
    let mut keys = Vec::new();
    for key in list(line, "vkeys")?.iter().chain(line.get("cosigner_vkey")) {
        keys.push(VerifierKey::parse(key.as_str().unwrap_or_default()).map_err(|error| format!("`vkeys`: {error}"))?);
    }
    Ok(keys)
}

fn note(line: &Value) -> Checked {
    let note = Note::parse(&note_bytes(line)?).map_err(|error| error.to_string())?;
    let opened = note.open(&keys(line)?).map_err(|error| error.to_string())?;
    let verified: Vec<&str> = opened.verified.iter().map(|signature| signature.name.as_str()).collect();
    let unverified: Vec<&str> = opened.unverified.iter().map(|signature| signature.name.as_str()).collect();
    let timestamp = opened.verified.iter().find_map(|signature| signature.time);
    Ok(told(json!({ "verified": verified, "unverified": unverified, "timestamp": timestamp })))
}

fn checkpoint(line: &Value) -> Checked {
    let (checkpoint, mut facts) = match line.get("body").and_then(Value::as_str) {
        Some(body) => (Checkpoint::parse(body), told(json!({ "checked": "form only" }))),
        None => {
            let facts = note(line)?;
            let read = Note::parse(&note_bytes(line)?).and_then(|note| Checkpoint::parse(note.unverified_text()));
            (read, facts)
        }
    };
    let checkpoint = checkpoint.map_err(|error| error.to_string())?;
    facts.extend(told(json!({ "origin": checkpoint.origin, "size": checkpoint.size, "root": checkpoint.root.to_string() })));
    Ok(facts)
}

fn receipt(line: &Value, policy: Option<&Policy>) -> Checked {
    let key = if line.get("text").is_some() { "text" } else { "proof" };
    let proof = Proof::parse(text(line, key)?).map_err(|error| error.to_string())?;
    let form = json!({ "index": proof.index, "hashes": proof.path.len() });
    let Some(policy) = policy else {
        let mut facts = told(form);
        facts.insert("checked".to_owned(), "form only".into());
        return Ok(facts);
    };
    let leaf = match line.get("leafHash") {
        Some(_) => hash(line, "leafHash")?,
        None => {
            let extra = proof.extra.as_deref().ok_or("`leafHash`: not given, and the receipt carries no entry")?;
            Shown::from_bytes(extra).and_then(|shown| shown.leaf()).map_err(|error| error.to_string())?
        }
    };
    let judged = proof.check(&leaf, policy).map_err(|error| error.to_string())?;
    let names =
        judged.cosigned.iter().map(|(place, time)| json!({ "witness": policy.witnesses()[*place].shown_name(), "timestamp": time }));
    let mut facts = told(form);
    facts.extend(told(json!({
        "origin": judged.checkpoint.origin, "size": judged.checkpoint.size, "cosigned": names.collect::<Vec<_>>(),
        "witnessed_at": judged.witnessed_at,
    })));
    Ok(facts)
}

fn policy(line: &Value) -> Checked {
    let bytes = match line.get("policy_b64").and_then(Value::as_str) {
        Some(encoded) => base64(encoded).ok_or("`policy_b64`: not base64")?,
        None => text(line, "policy")?.as_bytes().to_vec(),
    };
    let policy = Policy::parse(&bytes).map_err(|error| error.to_string())?;
    let logs: Vec<&str> = policy.logs().iter().map(|log| log.key.name()).collect();
    let witnesses: Vec<String> = policy.witnesses().iter().map(habeas_ledger::policy::Witness::shown_name).collect();
    Ok(told(json!({ "logs": logs, "witnesses": witnesses, "asks_for_witnesses": policy.asks_for_witnesses() })))
}

fn vkey(line: &Value) -> Checked {
    let key = VerifierKey::parse(text(line, "vkey")?).map_err(|error| error.to_string())?;
    let id = key.id().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    Ok(told(json!({ "name": key.name(), "id": id, "type": key.algorithm().type_byte() })))
}
