//! What an inspector reads instead of rows: counts by rule, the worst places, what could not be told and which column would
//! tell, and each breach openable. [`findings`] gathers; [`text`] and [`html`] show; neither ever judges.

pub mod charts;
pub mod findings;
pub mod html;
pub mod missing;
pub mod text;

use crate::verdicts::names::Names;
use findings::Findings;
use habeas_codebook::log::Log;
use habeas_codebook::tree::Codebook;
use habeas_monitor::{Asked, Row};

/// Everything that a report shows.
pub struct Report<'a> {
    /// The law.
    pub codebook: &'a Codebook,
    /// The register.
    pub log: &'a Log,
    /// How ids are printed.
    pub names: &'a Names,
    /// As of when.
    pub asked: Asked,
    /// What was found.
    pub findings: &'a Findings,
    /// Rules of the codebook that had nothing to judge, and are left out.
    pub idle: usize,
    /// Where the log came from, as given on the command line.
    pub sources: &'a [String],
    /// Which column of the source tells a field of a kind (the time: no field), where a mapping says so.
    pub column: &'a dyn Fn(&missing::Wanted) -> Option<String>,
    /// Says why a row is what it is; `None` where nobody asked for it.
    pub explain: Option<&'a dyn Fn(&Row) -> String>,
}

impl Report<'_> {
    /// What is said of rules that are left out; nothing where there are none.
    #[must_use]
    pub fn idle_words(&self) -> String {
        match self.idle {
            0 => String::new(),
            1 => "One more safeguard had nothing to judge in this register.".to_owned(),
            more => format!("{more} more safeguards had nothing to judge in this register."),
        }
    }
}

/// A whole number with a comma between thousands.
#[must_use]
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A name as a sentence begins.
#[must_use]
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// What readers call a verdict.
#[must_use]
pub fn verdict_words(verdict: habeas_monitor::Verdict) -> &'static str {
    use habeas_monitor::Verdict;
    match verdict {
        Verdict::NotApplicable => "not applicable",
        Verdict::Met => "met",
        Verdict::Excused => "excused",
        Verdict::Pending => "pending",
        Verdict::Undetermined => "cannot be told",
        Verdict::MetLate => "met late",
        Verdict::Breached => "breached",
    }
}

/// Verdicts in the order in which a reader looks for them.
pub const COLUMNS: [habeas_monitor::Verdict; 7] = {
    use habeas_monitor::Verdict::{Breached, Excused, Met, MetLate, NotApplicable, Pending, Undetermined};
    [Breached, MetLate, Undetermined, Pending, Met, Excused, NotApplicable]
};

#[cfg(test)]
mod tests {
    #[test]
    fn thousands_are_parted() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(super::thousands(number), text);
        }
    }
}
