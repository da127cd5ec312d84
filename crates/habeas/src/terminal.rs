//! Where words go: results to standard output, everything else to standard error; colour and progress only for people.

use crate::outcome::Trouble;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{IsTerminal, Write};

/// When to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Colour {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Also into a pipe.
    Always,
    /// Never.
    Never,
}

/// How the person wants to be spoken to.
#[derive(Clone, Copy, Debug)]
pub struct Terminal {
    /// Say nothing but results and errors.
    pub quiet: bool,
    /// Colour or not.
    pub colour: Colour,
}

impl Terminal {
    /// Paint for standard output.
    #[must_use]
    pub fn paint(self) -> Paint {
        Paint(self.coloured(std::io::stdout().is_terminal()))
    }

    /// Paint for standard error.
    #[must_use]
    pub fn paint_error(self) -> Paint {
        Paint(self.coloured(std::io::stderr().is_terminal()))
    }

    fn coloured(self, terminal: bool) -> bool {
        match self.colour {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        }
    }

    /// Says something that is not a result, unless asked to be quiet.
    pub fn note(self, text: &str) {
        if !self.quiet {
            // Nobody is left to be told if standard error is closed.
            let _ = writeln!(std::io::stderr(), "{text}");
        }
    }

    /// Says what went wrong, also when asked to be quiet.
    pub fn complain(self, text: &str) {
        let _ = writeln!(std::io::stderr(), "{}: {text}", self.paint_error().bad("error"));
    }

    /// A bar on standard error while `total` bytes are read; hidden where nobody watches.
    #[must_use]
    pub fn bar(self, total: u64, what: &str) -> ProgressBar {
        self.styled(total, what, "{msg} {bar:30} {bytes} of {total_bytes}, {eta} left")
    }

    /// The same while `total` things are done.
    #[must_use]
    pub fn counting(self, total: u64, what: &str) -> ProgressBar {
        self.styled(total, what, "{msg} {bar:30} {pos} of {len}")
    }

    fn styled(self, total: u64, what: &str, template: &str) -> ProgressBar {
        if self.quiet || !std::io::stderr().is_terminal() {
            return ProgressBar::hidden();
        }
        let style = ProgressStyle::with_template(template);
        ProgressBar::new(total).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())).with_message(what.to_owned())
    }
}

/// Prints a result.
///
/// # Errors
/// [`Trouble::Closed`] when nobody reads any more, [`Trouble::Machine`] when the disk is full.
pub fn print(text: &[u8]) -> Result<(), Trouble> {
    let mut out = std::io::stdout().lock();
    out.write_all(text).and_then(|()| out.flush()).map_err(|error| Trouble::writing("standard output", &error))
}

/// Puts emphasis into text, or leaves it plain.
#[derive(Clone, Copy, Debug)]
pub struct Paint(pub bool);

impl Paint {
    /// Headings.
    #[must_use]
    pub fn bold(self, text: &str) -> String {
        self.wrap("1", text)
    }
    /// Breaches and errors.
    #[must_use]
    pub fn bad(self, text: &str) -> String {
        self.wrap("1;31", text)
    }
    /// What cannot be told, and warnings.
    #[must_use]
    pub fn unsure(self, text: &str) -> String {
        self.wrap("33", text)
    }
    fn wrap(self, code: &str, text: &str) -> String {
        if self.0 { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}
