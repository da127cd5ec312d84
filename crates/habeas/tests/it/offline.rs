//! Stations without a line: each its own log, handed over when the line is back, in any order, after any interruption, once; a second
//! history becomes evidence.

use crate::fanout::{Running, habeas};
use habeas::registers::now;
use habeas_register::draft::{Draft, exactly};
use habeas_register::folder::DataFolder;
use habeas_register::{Actor, Everybody, Options, Query, Register};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

const PASSPHRASE: &str = "correct horse";

struct Land {
    folder: tempfile::TempDir,
}

impl Land {
    /// A centre and two stations that it knows.
    fn new() -> Self {
        let land = Land { folder: tempfile::tempdir().expect("a folder") };
        let init = |name: &str| {
            let origin = format!("custody.example/{name}");
            let (status, out, err) = habeas(&["admin", "init", "--data", &land.shown(name), "--codebook", "core", "--origin", &origin]);
            assert_eq!(status, 0, "{err}");
            out.trim().to_owned()
        };
        init("centre");
        let keys: Vec<String> = ["st1", "st2"].iter().map(|name| format!("\"{}\"", init(name))).collect();
        land.add("centre", &format!("stations = [{}]\n", keys.join(", ")));
        land
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn shown(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    fn add(&self, name: &str, settings: &str) {
        let file = self.path(name).join("habeas.toml");
        let before = std::fs::read_to_string(&file).expect("settings");
        let before = before.split("[centre]").next().unwrap_or_default().to_owned();
        std::fs::write(&file, before + settings).expect("settings");
    }

    /// The station knows its centre, and where it answers if there is a line.
    fn connect(&self, station: &str, url: Option<&str>) {
        let (status, key, err) = habeas(&["station", "key", "--data", &self.shown("centre")]);
        assert_eq!(status, 0, "{err}");
        let url = url.map_or_else(String::new, |url| format!("url = \"{url}\"\n"));
        self.add(station, &format!("[centre]\nkey = \"{}\"\n{url}", key.trim()));
    }

    fn open(&self, name: &str) -> Register {
        let folder = DataFolder::open(&self.path(name)).expect("a register's folder");
        let codebook = Arc::new(folder.codebook().expect("a codebook"));
        let keys = folder.keys(Some(PASSPHRASE)).expect("its keys");
        Register::open(Options::in_folder(folder.path(), codebook, keys, Arc::new(Everybody))).expect("it opens")
    }

    /// The station works: entries of its own, with no line.
    fn works(&self, station: &str, count: usize, prefix: &str) {
        let register = self.open(station);
        let drafts = (0..count).map(|number| {
            let draft = Draft::new(&format!("{prefix}{number}"), "record searched", exactly(now()), &[("programme", "desk")]);
            draft.with("done by", "officer:17").with("what", vec!["custody"]).with("purpose", "duty")
        });
        let made = register.append_all(drafts.collect(), &Actor::named("officer:17"), now()).expect("open");
        assert!(made.iter().all(Result::is_ok), "{:?}", made.iter().find(|one| one.is_err()));
    }

    fn serve_centre(&self, listen: &str) -> Running {
        Running::start(&["serve", "--data", &self.shown("centre"), "--listen", listen])
    }

    fn send(&self, station: &str) -> (i32, String, String) {
        habeas(&["station", "send", "--data", &self.shown(station)])
    }

    /// Checkpoints of stations that stand in the centre's log: log, size and finding.
    fn entered(&self) -> Vec<(String, u64, String)> {
        let register = self.open("centre");
        let entries = register.scan(0, 1_000).expect("entries");
        let told = |entry: &habeas_register::Entry, name: &str| {
            entry.fields.iter().find(|told| told.name == name).map(|told| told.value.clone()).unwrap_or_default()
        };
        let stations = entries.iter().filter(|entry| entry.kind == "station checkpoint");
        let text = |value: serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        stations
            .map(|entry| {
                let size = text(told(entry, "size")).parse().expect("a size");
                (text(told(entry, "station log")), size, text(told(entry, "finding")))
            })
            .collect()
    }

    /// The folder in which the centre keeps a station's log.
    fn kept(&self, station: &str) -> PathBuf {
        let origin = format!("custody.example/{station}");
        self.path("centre/stations").join(&habeas_ledger::Hash::of(origin.as_bytes()).to_hex()[..16])
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("there").map(|entry| entry.expect("an entry").path()) {
        let target = to.join(entry.file_name().expect("a name"));
        if entry.is_dir() {
            copy(&entry, &target);
        } else {
            std::fs::copy(&entry, target).expect("copied");
        }
    }
}

#[test]
fn what_a_station_entered_without_a_line_reaches_the_centre_once_when_the_line_is_back() {
    let land = Land::new();
    land.works("st1", 3, "a");
    land.connect("st1", Some(&format!("http://127.0.0.1:{}", crate::receivers::refuse_a_port())));
    let (status, _, err) = land.send("st1");
    assert!(status == 3 && err.contains("nothing is lost"), "{status} {err}");
    land.works("st1", 2, "b");
    let centre = land.serve_centre("127.0.0.1:0");
    for station in ["st1", "st2"] {
        land.connect(station, Some(&centre.address));
    }
    land.works("st2", 4, "c");
    let (status, out, err) = land.send("st1");
    assert_eq!((status, out.as_str()), (0, "the centre has 5 entries of custody.example/st1\n"), "{err}");
    let (status, out, err) = land.send("st2");
    assert_eq!((status, out.as_str()), (0, "the centre has 4 entries of custody.example/st2\n"), "{err}");
    // What the centre signed, the station has entered: that goes over the line too, and then there is nothing new.
    for _ in 0..3 {
        let (status, out, err) = land.send("st1");
        assert_eq!((status, out.as_str()), (0, "the centre has 6 entries of custody.example/st1\n"), "{err}");
    }
    centre.stop();
    let entered = land.entered();
    let sizes = |station: &str| entered.iter().filter(|(log, ..)| log.ends_with(station)).map(|(_, size, _)| *size).collect::<Vec<_>>();
    assert_eq!((sizes("st1"), sizes("st2")), (vec![5, 6], vec![4]), "each countersigned checkpoint once: {entered:?}");
    let (_, out, err) = habeas(&["verify", "log", &land.kept("st1").display().to_string()]);
    assert!(out.contains("witnessed 1 of 1 (centre)") && !out.contains("BROKEN"), "{out}{err}");
    let (status, out, err) = habeas(&["station", "list", "--data", &land.shown("centre")]);
    assert!(status == 0 && out.contains("custody.example/st1") && out.contains("6 entries"), "{out}{err}");
    // Verifying the centre verifies what it keeps of its stations, also against what its own entries say of them.
    let verify = || habeas(&["verify", "log", &land.shown("centre"), "--evidence", &land.shown("found.evidence")]);
    let (status, out, err) = verify();
    assert!(
        status == 4 && ["centre", "st1", "st2"].iter().all(|name| out.contains(&format!("log      custody.example/{name}"))),
        "{out}{err}"
    );
    let database = rusqlite::Connection::open(land.kept("st1").join("register.db")).expect("what is kept");
    let cut = "DROP TRIGGER event_is_never_deleted; DELETE FROM event WHERE seq = 5; DELETE FROM checkpoint WHERE size = 6;";
    database.execute_batch(cut).expect("whoever owns the file can do all");
    drop(database);
    let (status, out, err) = verify();
    assert!(status == 1 && out.contains("of the centre") && out.contains("E-SHORT"), "{out}{err}");
    std::fs::remove_dir_all(land.kept("st2")).expect("and can take a whole log away");
    let (status, out, err) = verify();
    assert!(status == 1 && err.contains("station `custody.example/st2`, and it is not kept"), "{out}{err}");
    let station = land.open("st1");
    let told = station.scan(5, 1).expect("entries").pop().expect("what the centre signed");
    assert_eq!(told.kind, "checkpoint witnessed");
}

#[test]
fn a_centre_killed_while_it_takes_a_long_log_has_it_whole_in_the_end() {
    let land = Land::new();
    land.works("st1", 600, "a");
    let mut listen = "127.0.0.1:0".to_owned();
    let mut last = (3, String::new(), String::new());
    for wait in [20, 90, 300, 60_000] {
        let centre = land.serve_centre(&listen);
        centre.address.trim_start_matches("http://").clone_into(&mut listen);
        land.connect("st1", Some(&centre.address));
        std::thread::scope(|scope| {
            let sending = scope.spawn(|| land.send("st1"));
            let begun = std::time::Instant::now();
            while begun.elapsed() < Duration::from_millis(wait) && !sending.is_finished() {
                std::thread::yield_now();
            }
            drop(centre);
            last = sending.join().expect("it ends");
        });
        assert!(last.0 == 0 || last.0 == 3, "sent, or nothing lost: {last:?}");
    }
    assert_eq!(last.0, 0, "{last:?}");
    let entered = land.entered();
    let sizes: BTreeSet<u64> = entered.iter().map(|(_, size, _)| *size).collect();
    assert_eq!(sizes.len(), entered.len(), "each once: {entered:?}");
    assert!(sizes.iter().next_back().is_some_and(|size| *size >= 600), "{entered:?}");
    let (_, out, err) = habeas(&["verify", "log", &land.kept("st1").display().to_string()]);
    assert!(!out.contains("BROKEN") && out.contains("(centre)"), "{out}{err}");
}

#[test]
fn parcels_on_a_stick_are_taken_in_any_order_and_twice() {
    let land = Land::new();
    land.connect("st1", None);
    let pack = |from: &str, name: &str| {
        let out = land.shown(name);
        let (status, _, err) = habeas(&["station", "pack", "--data", &land.shown("st1"), "--from", from, "--out", &out]);
        assert_eq!(status, 0, "{err}");
        out
    };
    land.works("st1", 3, "a");
    let first = pack("0", "first.parcel");
    land.works("st1", 2, "b");
    let (second, overlapping) = (pack("3", "second.parcel"), pack("2", "overlapping.parcel"));
    let take = |files: &[&str]| {
        let data = land.shown("centre");
        let arguments: Vec<&str> = ["station", "take"].into_iter().chain(files.iter().copied()).chain(["--data", &data]).collect();
        habeas(&arguments)
    };
    let (status, said, err) = take(&[&second]);
    assert!(status == 4 && said.contains("waits: the centre has 0 entries"), "{said}{err}");
    let (status, said, err) = take(&[&first]);
    assert!(status == 0 && said.contains("the centre has 5 entries"), "the one that waited came in behind it: {said}{err}");
    let (status, said, err) = take(&[&second, &first, &overlapping, &second]);
    assert!(status == 0 && said.matches("the centre has 5 entries").count() == 4, "{said}{err}");
    let answer = format!("{first}.answer");
    let (status, said, err) = habeas(&["station", "answered", &answer, "--data", &land.shown("st1")]);
    assert_eq!((status, said.as_str()), (0, "the centre has 5 entries of custody.example/st1\n"), "{err}");
    let mut bytes = std::fs::read(land.path("first.parcel")).expect("a parcel");
    bytes.truncate(bytes.len() - 7);
    std::fs::write(land.path("broken.parcel"), &bytes).expect("a copy that broke off");
    let (status, _, err) = take(&[&land.shown("broken.parcel")]);
    assert!(status == 2 && err.contains("it broke off or was altered on its way"), "{status} {err}");
}

#[test]
fn a_station_with_two_histories_is_found_and_both_signatures_are_kept() {
    let land = Land::new();
    land.works("st1", 3, "a");
    let centre = land.serve_centre("127.0.0.1:0");
    land.connect("st1", Some(&centre.address));
    assert_eq!(land.send("st1").0, 0);
    copy(&land.path("st1"), &land.path("copy"));
    land.works("st1", 2, "told");
    land.works("copy", 2, "retold");
    assert_eq!(land.send("st1").0, 0);
    let (status, _, err) = land.send("copy");
    assert!(status == 1 && err.contains("another history of this log"), "{status} {err}");
    assert!(land.path("copy/second-history.evidence").is_file());
    assert_eq!(land.send("copy").0, 1, "however often");
    assert_eq!(land.send("st1").0, 0, "the history that was seen first goes on");
    centre.stop();
    let forked: Vec<_> = land.entered().into_iter().filter(|(.., finding)| finding == "forked").collect();
    assert_eq!(forked.len(), 1, "entered once: {forked:?}");
    let register = land.open("centre");
    let breached = Query { state: Some("breached".to_owned()), rule: Some("one-history-for-a-station".to_owned()), ..Query::default() };
    assert_eq!(register.verdicts(&breached, now()).expect("verdicts").len(), 1, "a breach, told like any other");
    drop(register);
    let (status, out, _) = habeas(&["station", "list", "--data", &land.shown("centre")]);
    assert!(status == 1 && out.contains("SECOND HISTORY"), "{out}");
    let notes = |ending: &str| {
        let files = std::fs::read_dir(land.kept("st1")).expect("kept").map(|entry| entry.expect("an entry").path());
        let mut found: Vec<String> = files.map(|path| path.display().to_string()).filter(|path| path.ends_with(ending)).collect();
        found.pop().expect("a note")
    };
    let policy = land.kept("st1").join("policy").display().to_string();
    let (status, out, err) = habeas(&["verify", "fork", &notes("ours.note"), &notes("theirs.note"), "--policy", &policy]);
    assert_eq!(status, 1, "anybody can see it who has the two notes: {out}{err}");
}
