//! How a run ends: the exit statuses that scripts rely on, and the one error type of the command line.

use std::io::ErrorKind;
use std::process::ExitCode;

/// How a run ended (interfaces, "Exit status").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// 0: nothing wrong.
    Clean,
    /// 1: it ran and found breaches, failed proofs or failed examples.
    Found,
    /// 2: bad input; what there was to say has been said already.
    BadInput,
    /// 4: nothing wrong was found, but not everything could be proven. Never shown as green.
    Incomplete,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Clean => ExitCode::SUCCESS,
            Outcome::Found => ExitCode::from(1),
            Outcome::BadInput => ExitCode::from(2),
            Outcome::Incomplete => ExitCode::from(4),
        }
    }
}

/// Why a verb could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// What was given cannot be used: a file, a column, an option.
    #[error("{0}")]
    Input(String),
    /// Disk, network, memory.
    #[error("{0}")]
    Machine(String),
    /// Whoever read our output stopped reading. Not an error: `habeas … | head` is a fair question.
    #[error("output closed")]
    Closed,
}

impl Trouble {
    /// The exit status.
    #[must_use]
    pub fn exit(&self) -> ExitCode {
        match self {
            Trouble::Input(_) => ExitCode::from(2),
            Trouble::Machine(_) => ExitCode::from(3),
            Trouble::Closed => ExitCode::SUCCESS,
        }
    }

    /// Trouble with writing `what`.
    #[must_use]
    pub fn writing(what: &str, error: &std::io::Error) -> Self {
        if error.kind() == ErrorKind::BrokenPipe {
            return Trouble::Closed;
        }
        Trouble::Machine(format!("{what} could not be written: {error}; check the disk and the folder's permissions"))
    }

    /// Trouble with reading the file or folder `path`: not being there is the user's, the rest is the machine's.
    #[must_use]
    pub fn reading(path: &std::path::Path, error: &std::io::Error) -> Self {
        let shown = path.display();
        if error.kind() == ErrorKind::NotFound {
            return Trouble::Input(format!("`{shown}` is not there; check the spelling of the path"));
        }
        if error.kind() == ErrorKind::IsADirectory {
            return Trouble::Input(format!("`{shown}` is a folder; a file was expected"));
        }
        Trouble::Machine(format!("`{shown}` could not be read: {error}"))
    }
}
