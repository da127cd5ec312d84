//! A station that is killed at any moment, whose system calls fail, whose disk is full: what was acknowledged is there, nothing is half.

use super::{arrested, closed, copy, expect_sound, kept, random, wanted};
use crate::station::{Station, at, officer, open};
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

const FOLDER: &str = "HABEAS_FAULT_FOLDER";
const ENTRIES: &str = "HABEAS_FAULT_ENTRIES";

/// Not a test: the station that the others kill, a process of its own. It tells each entry once the register has acknowledged it.
#[test]
#[ignore = "the station that other tests start and kill"]
fn a_station_at_work() {
    #[expect(clippy::disallowed_methods, reason = "the parent tells its child where the register is")]
    let told = [FOLDER, ENTRIES].map(|name| std::env::var(name).ok());
    let [Some(folder), entries] = told else { return };
    let entries: u64 = entries.and_then(|text| text.parse().ok()).unwrap_or(u64::MAX);
    let mut out = std::io::stdout();
    let mut say = |line: String| out.write_all(line.as_bytes()).and_then(|()| out.flush()).expect("somebody listens");
    let register = match open(Path::new(&folder)) {
        Ok(register) => register,
        Err(error) => return say(format!("\nclosed {error}\n")),
    };
    let first = register.checkpoint().map_or(0, |signed| signed.size);
    say("\nopen\n".to_owned());
    for number in first..first.saturating_add(entries) {
        match register.append(arrested(number), &officer(), at(1)) {
            Ok(receipt) => say(format!("ack {} {} {}\n", receipt.index, receipt.id, receipt.leaf.to_hex())),
            Err(error) => say(format!("refused {error}\n")),
        }
    }
}

/// The command that starts the station.
fn station(folder: &Path) -> (std::path::PathBuf, [&'static str; 5], [(&'static str, std::path::PathBuf); 1]) {
    let program = std::env::current_exe().expect("this program");
    let arguments = ["--exact", "faults::killed::a_station_at_work", "--ignored", "--nocapture", "--test-threads=1"];
    (program, arguments, [(FOLDER, folder.to_owned())])
}

/// Entries that were acknowledged: id, index and leaf.
type Acknowledged = BTreeMap<String, (u64, String)>;

fn acknowledged(line: &str, known: &mut Acknowledged) {
    let words: Vec<&str> = line.split_whitespace().collect();
    // A line that was cut was not told to anybody.
    if let ["ack", index, id, leaf] = words.as_slice()
        && leaf.len() == 64
    {
        known.insert((*id).to_owned(), (index.parse().expect("an index"), (*leaf).to_owned()));
    }
}

/// Every acknowledged entry is there, as it was, and the register goes on.
fn expect_all(folder: &Path, known: &Acknowledged) {
    let register = open(folder).expect("it opens again");
    for (id, (index, leaf)) in known {
        let number: u64 = id[1..].parse().expect("a number");
        let again = register.append(arrested(number), &officer(), at(2)).expect("the receipt of the first time");
        assert_eq!((again.index, again.leaf.to_hex()), (*index, leaf.clone()), "{id}");
    }
    let size = register.checkpoint().expect("a checkpoint").size;
    register.append(arrested(size), &officer(), at(2)).expect("it goes on");
}

#[test]
fn killed_at_random_nothing_acknowledged_is_lost() {
    let folder = closed(kept(1));
    let mut known = Acknowledged::new();
    for run in 0..wanted(200) {
        let (program, arguments, told) = station(folder.path());
        let child = Command::new(program).args(arguments).envs(told).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut child = child.expect("a station");
        let lines = BufReader::new(child.stdout.take().expect("its words")).lines();
        let (tell, hear) = mpsc::channel();
        let listening = std::thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| tell.send(line)));
        // Some die while they open, most while they write.
        let patience = if run % 8 == 0 { Duration::from_micros(random() % 60_000) } else { Duration::from_secs(60) };
        let mut waiting = patience;
        while let Ok(line) = hear.recv_timeout(waiting) {
            acknowledged(&line, &mut known);
            if line.starts_with("open") {
                waiting = Duration::from_micros(random() % 40_000);
                if hear.recv_timeout(waiting).map(|line| acknowledged(&line, &mut known)).is_err() {
                    break;
                }
            } else if line.starts_with("ack") && random().is_multiple_of(16) {
                break;
            }
        }
        child.kill().expect("SIGKILL");
        child.wait().expect("it is dead");
        listening.join().expect("the listener").ok();
        hear.try_iter().for_each(|line| acknowledged(&line, &mut known));
        if run % 10 == 9 {
            expect_all(folder.path(), &known);
            expect_sound(folder.path());
        }
    }
    assert!(known.len() > 5, "somebody wrote: {}", known.len());
    expect_all(folder.path(), &known);
    expect_sound(folder.path());
}

/// What is done to a system call.
const FAILURES: [&str; 3] = ["signal=KILL", "error=EIO", "error=ENOSPC"];

/// System calls that change files.
const CALLS: [&str; 6] = ["pwrite64", "fdatasync", "fsync", "openat", "write", "rename"];

#[test]
fn at_every_system_call_nothing_acknowledged_is_lost() {
    if Command::new("strace").arg("-V").output().is_err() {
        println!("skipped: there is no strace here: apt-get install strace");
        return;
    }
    let before = closed(kept(2));
    let mut hits = 0;
    let mut most = wanted(usize::MAX);
    // Whole, for a store so small; the first of each call, then the second, so that a short run meets them all too.
    'all: for when in 1..400 {
        let mut is_hit = false;
        for call in CALLS {
            for failure in FAILURES {
                if most == 0 {
                    break 'all;
                }
                if inject(before.path(), call, failure, when) {
                    is_hit = true;
                    hits += 1;
                    most -= 1;
                }
            }
        }
        if !is_hit {
            break;
        }
    }
    println!("{hits} system calls failed");
    assert!(hits >= 10, "only {hits} system calls were met");
}

/// Runs a station on a copy, whose `when`th call fails so; whether it came to that.
fn inject(before: &Path, call: &str, failure: &str, when: u32) -> bool {
    let room = tempfile::tempdir().expect("a folder");
    let (folder, trace) = (room.path().join("station"), room.path().join("trace"));
    copy(before, &folder);
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-e", &format!("trace={call}"), "-e", &format!("inject={call}:{failure}:when={when}"), "-o"]).arg(&trace);
    for file in ["register.db", "register.db-wal", "register.db-shm", "keys.db", "keys.db-wal", "last.note", "last.note.new"] {
        command.arg("-P").arg(folder.join(file));
    }
    let (program, arguments, told) = station(&folder);
    command.arg(program).args(arguments).envs(told).env(ENTRIES, "2").stderr(Stdio::null());
    let ran = command.output().expect("strace runs");
    let traced = std::fs::read_to_string(&trace).unwrap_or_default();
    let mut known = Acknowledged::new();
    String::from_utf8_lossy(&ran.stdout).lines().for_each(|line| acknowledged(line, &mut known));
    let is_hit = traced.contains("INJECTED") || traced.contains("killed by SIGKILL");
    if is_hit {
        println!("{call} {when} {failure}: {} acknowledged", known.len());
        expect_all(&folder, &known);
        expect_sound(&folder);
    }
    is_hit
}

#[test]
fn on_a_full_disk_entries_are_refused_and_none_is_half() {
    let folder = closed(kept(2));
    let (program, arguments, told) = station(folder.path());
    // No file may grow beyond this many KiB: to a program that is a full disk.
    let size = std::fs::metadata(folder.path().join("register.db")).expect("the database").len() / 1024;
    let line = format!("trap '' XFSZ; ulimit -f {}; exec \"$0\" \"$@\"", size / 2 + 40);
    let mut command = Command::new("bash");
    command.args(["-c", &line]).arg(program).args(arguments).envs(told).env(ENTRIES, "60").stderr(Stdio::null());
    let out = String::from_utf8_lossy(&command.output().expect("a station").stdout).into_owned();
    let mut known = Acknowledged::new();
    out.lines().for_each(|line| acknowledged(line, &mut known));
    assert!(out.contains("refused") || out.contains("closed"), "the disk was full: {out}");
    expect_all(folder.path(), &known);
    expect_sound(folder.path());
}

#[test]
fn two_writers_are_kept_apart_even_without_their_lock() {
    let station = Station::new();
    station.append(arrested(0), 0).expect("an arrest");
    assert!(open(station.folder.path()).is_err(), "the lock keeps the second out");
    // A file system without locks, a folder that was copied over another: the log itself keeps them apart.
    std::fs::remove_file(station.folder.path().join("writer.lock")).expect("the lock is gone");
    let second = open(station.folder.path()).expect("nothing keeps it out");
    second.append(arrested(1), &officer(), at(1)).expect("it writes");
    let refused = station.append(arrested(2), 1).expect_err("the first sees that somebody else wrote");
    assert!(refused.to_string().contains("another process writes to it"), "{refused}");
    drop(second);
    let folder = closed(station);
    assert_eq!(expect_sound(folder.path()).entries, 2);
}
