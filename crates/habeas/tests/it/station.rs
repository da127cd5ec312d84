//! The station that the stories of these tests happen in, and the command that judges its register.

use assert_cmd::Command;
use std::path::{Path, PathBuf};

/// As of when the register is judged.
pub const NOW: &str = "2026-03-03T18:00:00+04:00";

/// The station's folder: its law, its register, its timelines.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/station")
}

/// `habeas` with these arguments, in the station's folder.
pub fn habeas(arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("habeas").expect("the binary");
    command.current_dir(folder()).args(arguments);
    command
}

/// What a run said.
pub struct Said {
    /// Exit status.
    pub status: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Said {
    /// Every line of standard output as JSON.
    pub fn lines(&self) -> Vec<serde_json::Value> {
        self.out.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
    }
}

/// Runs a command.
pub fn say(command: &mut Command) -> Said {
    let output = command.output().expect("it runs");
    Said {
        status: output.status.code().expect("it ends by itself"),
        out: String::from_utf8(output.stdout).expect("text"),
        err: String::from_utf8(output.stderr).expect("text"),
    }
}

/// `habeas check register.csv` by the station's law, with more arguments.
pub fn check(more: &[&str]) -> Said {
    say(habeas(&["check", "register.csv", "--codebook", ".", "--now", NOW]).args(more))
}

/// Judges a register written for one story, with more arguments.
pub fn check_register(register: &[u8], name: &str, more: &[&str]) -> Said {
    let room = tempfile::tempdir().expect("a folder");
    let path = room.path().join(name);
    std::fs::write(&path, register).expect("written");
    say(habeas(&["check"]).arg(&path).args(["--codebook", ".", "--now", NOW]).args(more))
}
