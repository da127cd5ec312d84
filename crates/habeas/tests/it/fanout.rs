//! A register that is served, and its witnesses in processes of their own: shown the log in the background, missed when they are down,
//! found by the verifier afterwards.

use assert_cmd::Command;
use habeas::registers::now;
use habeas::witnessing::fanout::{Fanout, Turn};
use habeas_codebook::moment::Moment;
use habeas_ledger::policy::Policy;
use habeas_register::draft::{Draft, exactly};
use habeas_register::folder::DataFolder;
use habeas_register::{Actor, Everybody, Options, Register};
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A process of the program, ended with the test.
pub(crate) struct Running {
    process: Child,
    pub(crate) address: String,
}

impl Running {
    /// Starts the program, and waits until it says where it answers.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("habeas"));
        command.args(arguments).env("HABEAS_PASSPHRASE", "correct horse").stdout(Stdio::null()).stderr(Stdio::piped());
        let mut process = command.spawn().expect("it starts");
        let mut said = BufReader::new(process.stderr.take().expect("piped")).lines();
        let mut heard = Vec::new();
        let address = said.by_ref().map_while(Result::ok).find_map(|line| {
            heard.push(line.clone());
            line.split_once("http://").map(|(_, address)| format!("http://{}", address.split('/').next().unwrap_or_default()))
        });
        // What it says later is read, so that it never waits for us.
        std::thread::spawn(move || said.map_while(Result::ok).for_each(drop));
        Running { address: address.unwrap_or_else(|| unreachable!("it ended: {heard:?}")), process }
    }

    /// Asks it to stop, as a service is, and waits until it has.
    pub(crate) fn stop(mut self) {
        let asked = std::process::Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status().expect("kill");
        assert!(asked.success() && self.process.wait().expect("it ends").success(), "a clean stop");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ended = self.process.kill();
        let _status = self.process.wait();
    }
}

pub(crate) fn habeas(arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::cargo_bin("habeas").expect("the program");
    let output = command.args(arguments).env("HABEAS_PASSPHRASE", "correct horse").output().expect("it runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

pub(crate) struct Town {
    folder: tempfile::TempDir,
}

impl Town {
    /// A register on the vocabulary alone, with one entry.
    pub(crate) fn new() -> Self {
        let town = Town { folder: tempfile::tempdir().expect("a folder") };
        let (status, _, err) =
            habeas(&["admin", "init", "--data", &town.shown("data"), "--codebook", "core", "--origin", "custody.example/st/1"]);
        assert_eq!(status, 0, "{err}");
        search(&town.open(), "s1");
        town
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn shown(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    pub(crate) fn open(&self) -> Register {
        let folder = DataFolder::open(&self.path("data")).expect("a register's folder");
        let codebook = Arc::new(folder.codebook().expect("a codebook"));
        let keys = folder.keys(Some("correct horse")).expect("its keys");
        Register::open(Options::in_folder(folder.path(), codebook, keys, Arc::new(Everybody))).expect("it opens")
    }

    pub(crate) fn log_line(&self) -> String {
        let policy = std::fs::read_to_string(self.path("data/policy")).expect("a policy");
        policy.lines().next().expect("the log's line").to_owned()
    }

    /// Makes a witness's key; gives its public half.
    pub(crate) fn witness_key(&self, name: &str) -> String {
        let (status, out, err) = habeas(&["witness", "key", "--name", name, "--key", &self.shown(&format!("{name}.key"))]);
        assert_eq!(status, 0, "{err}");
        out.trim().to_owned()
    }

    pub(crate) fn start_witness(&self, name: &str, listen: &str) -> Running {
        let log = self.log_line();
        let log = log.strip_prefix("log ").expect("the log's line").to_owned();
        let (key, memory) = (self.shown(&format!("{name}.key")), self.shown(&format!("{name}.db")));
        Running::start(&["witness", "serve", "--key", &key, "--memory", &memory, "--log", &log, "--listen", listen])
    }

    pub(crate) fn write_policy(&self, witnesses: &[(&str, &str, &str)]) -> Policy {
        let mut text = format!("{}\n", self.log_line());
        let names: Vec<&str> = witnesses.iter().map(|(name, ..)| *name).collect();
        for (name, key, address) in witnesses {
            text.push_str(&format!("witness {name} {key} {address}\n"));
        }
        text.push_str(&format!("group outside all {}\nquorum outside\n", names.join(" ")));
        std::fs::write(self.path("data/policy"), &text).expect("a policy");
        Policy::parse(text.as_bytes()).expect("a policy")
    }
}

pub(crate) fn search(register: &Register, id: &str) {
    let draft = Draft::new(id, "record searched", exactly(now()), &[("programme", "register")]);
    let draft = draft.with("done by", "officer:17").with("what", vec!["custody"]).with("purpose", "duty");
    register.append(draft, &Actor::named("officer:17"), now()).expect("an entry");
}

#[test]
fn a_witness_that_is_down_delays_no_entry_and_is_caught_up_with_when_it_is_back() {
    let town = Town::new();
    let keys = ["ombudsman.example", "bar.example"].map(|name| town.witness_key(name));
    let ombudsman = town.start_witness("ombudsman.example", "127.0.0.1:0");
    let bar = town.start_witness("bar.example", "127.0.0.1:0");
    let bars = bar.address.clone();
    let policy = town.write_policy(&[("ombudsman", &keys[0], &ombudsman.address), ("bar", &keys[1], &bars)]);
    let register = town.open();
    let mut fanout = Fanout::new(&register, policy.clone()).expect("it asks for witnesses");
    let start = now();
    let after = |seconds: i64| Moment(start.0 + seconds * 1_000_000);
    assert_eq!(fanout.turn(after(0)).expect("a turn"), Turn::Witnessed(1));
    assert_eq!(fanout.turn(after(5)).expect("a turn"), Turn::NotDue, "a minute has not passed");
    drop(bar);
    search(&register, "s2");
    let begun = Instant::now();
    let Turn::Unwitnessed(silent) = fanout.turn(after(61)).expect("a turn") else { unreachable!("the bar is down") };
    assert!(silent.len() == 1 && silent[0].0 == "bar" && silent[0].1.starts_with("no answer"), "{silent:?}");
    assert!(fanout.standing().is_err_and(|why| why.contains("bar")), "and stays told until it is back");
    search(&register, "s3");
    assert!(begun.elapsed() < Duration::from_secs(8), "no entry waited for a witness");
    let seen = register.newest_witnessed(&policy).expect("stored").expect("the first turn");
    assert_eq!(seen.signed.size, 1);
    let bar = town.start_witness("bar.example", bars.trim_start_matches("http://"));
    register.want_witnesses();
    let caught_up = fanout.turn(after(70)).expect("a turn");
    assert!(matches!(caught_up, Turn::Witnessed(size) if size >= 4), "at once, since somebody asked: {caught_up:?}");
    drop((ombudsman, bar, register, fanout));
    let (status, out, err) = habeas(&["verify", "log", &town.shown("data")]);
    assert!(out.contains("witnessed 2 of 2 (ombudsman, bar)"), "{status} {out}{err}");
}

#[test]
fn the_desk_shows_its_log_to_witnesses_while_it_serves() {
    let town = Town::new();
    let key = town.witness_key("ombudsman.example");
    let witness = town.start_witness("ombudsman.example", "127.0.0.1:0");
    let policy = town.write_policy(&[("ombudsman", &key, &witness.address)]);
    let desk = Running::start(&["serve", "--data", &town.shown("data"), "--listen", "127.0.0.1:0"]);
    let seen = || {
        let folder = DataFolder::open(&town.path("data")).expect("a register's folder");
        let codebook = Arc::new(folder.codebook().expect("a codebook"));
        let keys = folder.keys(Some("correct horse")).expect("its keys");
        let reader = Register::open_reading(Options::in_folder(folder.path(), codebook, keys, Arc::new(Everybody))).expect("beside it");
        let kinds: Vec<String> = reader.scan(0, 10).expect("entries").into_iter().map(|entry| entry.kind).collect();
        (reader.newest_witnessed(&policy).expect("stored").map(|seen| seen.signed.size), kinds)
    };
    let begun = Instant::now();
    while seen().1.len() < 3 && begun.elapsed() < Duration::from_secs(30) {
        std::thread::yield_now();
    }
    let (size, kinds) = seen();
    assert_eq!(size, Some(2), "what there was when it began: {kinds:?}");
    assert_eq!(kinds, ["record searched", "witnesses named", "checkpoint witnessed"]);
    desk.stop();
    let (_, out, err) = habeas(&["verify", "log", &town.shown("data"), "--entry", "2"]);
    assert!(out.contains("not yet witnessed") && out.contains("made") && out.contains("after"), "{out}{err}");
    let (_, out, _) = habeas(&["admin", "doctor", "--data", &town.shown("data")]);
    assert!(out.contains("well   witnessed at") && out.contains("by ombudsman"), "{out}");
}

#[test]
fn yesterday_put_back_with_its_note_is_noticed_at_the_next_start_by_what_the_witness_has_seen() {
    let town = Town::new();
    let key = town.witness_key("ombudsman.example");
    let witness = town.start_witness("ombudsman.example", "127.0.0.1:0");
    let policy = town.write_policy(&[("ombudsman", &key, &witness.address)]);
    let files = ["register.db", "last.note"].map(|name| town.path("data").join(name));
    let yesterday = files.clone().map(|file| std::fs::read(file).expect("a copy"));
    let register = town.open();
    search(&register, "s2");
    let turn = Fanout::new(&register, policy.clone()).expect("it asks for witnesses").turn(now()).expect("a turn");
    assert_eq!(turn, Turn::Witnessed(2));
    drop(register);
    for (file, bytes) in files.iter().zip(yesterday) {
        std::fs::write(file, bytes).expect("yesterday is put back");
    }
    let register = town.open();
    let refused = Fanout::new(&register, policy).expect("it asks for witnesses").turn(now()).expect_err("it is behind").to_string();
    assert!(refused.contains("witness ombudsman shows a checkpoint of 2") && refused.contains("habeas admin restore"), "{refused}");
    let draft = Draft::new("s3", "record searched", exactly(now()), &[("programme", "register")]);
    let draft = draft.with("done by", "officer:17").with("what", vec!["custody"]).with("purpose", "duty");
    let refused = register.append(draft, &Actor::named("officer:17"), now()).expect_err("nothing is taken").to_string();
    assert!(refused.contains("entries 1 to 1 are missing"), "{refused}");
    assert!(register.checkpoint().is_err() && register.receipt(0).is_err(), "and nothing is signed beside what was signed");
}
