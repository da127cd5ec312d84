//! Verdict rows as CSV (RFC 4180), for spreadsheets: one column a member, lists joined by `|`.

use super::json::RowWriter;
use super::names::Names;
use super::timestamps::Timestamps;
use super::{durations, wording};
use habeas_codebook::log::Log;
use habeas_codebook::tree::Codebook;
use habeas_monitor::{Reason, Row};

/// The first line.
pub const HEADER: &str = "rule,class,subject,trigger,verdict,due_at,since,until,late_by,over_by,flags,events,severity,tell,cites,\
                           missing,reason,\
                          operator_limits,explanation\n";

/// Writes rows.
pub struct CsvWriter<'a> {
    codebook: &'a Codebook,
    names: &'a Names,
    times: Timestamps,
}

impl<'a> CsvWriter<'a> {
    /// A writer for rows judged by this codebook.
    #[must_use]
    pub fn new(codebook: &'a Codebook, names: &'a Names) -> Self {
        CsvWriter { codebook, names, times: Timestamps::new(&codebook.almanac.zone) }
    }

    /// Appends one line.
    pub fn write(&mut self, out: &mut Vec<u8>, log: &Log, row: &Row, explanation: Option<&str>) {
        let (codebook, names) = (self.codebook, self.names);
        let rule = &codebook.rules[row.rule.index()];
        let event = |e| names.event(log, e, str::to_owned);
        let mut time = |m: Option<_>| m.map_or_else(String::new, |m| self.times.text(m));
        let elapsed = |micros: Option<i64>| micros.map_or_else(String::new, durations::text);
        let join = |parts: Vec<String>| parts.join("|");
        let missing = row.missing.iter().map(|thing| wording::missing(codebook, log, names, thing));
        let cells = [
            wording::rule_id(codebook, row),
            codebook.class(rule.subject).name.clone(),
            names.subject(log, row.subject, str::to_owned),
            row.trigger.map(event).unwrap_or_default(),
            row.verdict.as_str().to_owned(),
            time(row.due_at),
            time(row.since),
            time(row.until),
            elapsed(row.late_by),
            elapsed(row.over_by),
            join(row.flags.names().map(str::to_owned).collect()),
            join(row.events.iter().map(|e| event(*e)).collect()),
            wording::grade_word(rule.severity).to_owned(),
            wording::addressees(codebook, rule).join("|"),
            join(rule.cites.iter().map(wording::cite).collect()),
            join(missing.collect()),
            row.reason.map(Reason::word).unwrap_or_default(),
            wording::operator_limits(codebook, row).join("|"),
            explanation.unwrap_or_default().to_owned(),
        ];
        for (place, text) in cells.iter().enumerate() {
            if place > 0 {
                out.push(b',');
            }
            cell(out, text);
        }
        out.push(b'\n');
    }
}

/// Appends one cell, quoted where it must be. A cell that a spreadsheet would take for a formula is led by an apostrophe: an id
/// is somebody else's text.
fn cell(out: &mut Vec<u8>, text: &str) {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let quoted = text.contains([',', '"', '\n', '\r']) || formula;
    if quoted {
        out.push(b'"');
    }
    if formula {
        out.push(b'\'');
    }
    for byte in text.bytes() {
        if byte == b'"' {
            out.push(b'"');
        }
        out.push(byte);
    }
    if quoted {
        out.push(b'"');
    }
}

/// Either of the two writers of rows, one line a row.
pub enum LineWriter<'a> {
    /// JSON Lines.
    Json(Box<RowWriter<'a>>),
    /// CSV.
    Csv(Box<CsvWriter<'a>>),
}

impl LineWriter<'_> {
    /// Appends one line.
    pub fn write(&mut self, out: &mut Vec<u8>, log: &Log, row: &Row, explanation: Option<&str>) {
        match self {
            LineWriter::Json(writer) => writer.write(out, log, row, explanation),
            LineWriter::Csv(writer) => writer.write(out, log, row, explanation),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdicts::specimen;

    #[test]
    fn an_id_that_looks_like_a_formula_stays_a_text() {
        let mut out = Vec::new();
        cell(&mut out, "=HYPERLINK(\"x\")");
        assert_eq!(String::from_utf8(out).expect("text"), "\"'=HYPERLINK(\"\"x\"\")\"");
    }

    proptest::proptest! {
        #[test]
        fn every_line_has_a_cell_for_each_column(case in specimen::rows()) {
            let (codebook, log, rows) = case;
            let names = Names::AsRecorded;
            let mut writer = CsvWriter::new(&codebook, &names);
            let mut text = HEADER.as_bytes().to_vec();
            for row in &rows {
                writer.write(&mut text, &log, row, Some("one, \"two\"\nthree"));
            }
            let mut quoted = false;
            let (mut cells, mut lines) = (0, vec![]);
            for byte in text {
                match byte {
                    b'"' => quoted = !quoted,
                    b',' if !quoted => cells += 1,
                    b'\n' if !quoted => { lines.push(cells); cells = 0; }
                    _ => {}
                }
            }
            proptest::prop_assert_eq!(lines, vec![18; rows.len() + 1]);
        }
    }
}
