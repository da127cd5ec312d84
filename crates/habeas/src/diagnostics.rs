//! Findings about chapters, shown: drawn under the author's own line in a terminal, or as one JSON object a line.

use crate::outcome::Trouble;
use crate::verbs::Format;
use ariadne::{Cache, Config, IndexType, Label, Report, ReportKind, Source};
use habeas_codebook::diagnostic::{Diagnostic, Severity, SourceFile};
use serde_json::json;

/// All diagnostics as text, in the order of file and place.
///
/// # Errors
/// When a drawing cannot be made, which is a matter of memory.
pub fn write(diagnostics: &[Diagnostic], files: &[SourceFile], format: Format, coloured: bool) -> Result<Vec<u8>, Trouble> {
    let mut sorted: Vec<&Diagnostic> = diagnostics.iter().collect();
    sorted.sort_by_key(|d| (d.mark.file, d.mark.bytes.start, d.code));
    let mut out = Vec::new();
    let mut sources = Sources(files.iter().map(|file| Source::from(file.text.as_str())).collect(), files);
    for diagnostic in sorted {
        match format {
            Format::Json => {
                let line = line(diagnostic, files);
                out.extend_from_slice(line.to_string().as_bytes());
                out.push(b'\n');
            }
            Format::Text => draw(diagnostic, &mut sources, coloured, &mut out)?,
        }
    }
    Ok(out)
}

fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

/// One diagnostic as JSON (interfaces, "codebook check").
fn line(diagnostic: &Diagnostic, files: &[SourceFile]) -> serde_json::Value {
    let file = files.get(diagnostic.mark.file as usize);
    let place = |byte| file.map_or((1, 1), |file| file.line_column(byte));
    let (line, column) = place(diagnostic.mark.bytes.start);
    let (end_line, end_column) = place(diagnostic.mark.bytes.end);
    json!({
        "code": diagnostic.code,
        "severity": severity_word(diagnostic.severity),
        "file": file.map(|file| &file.path),
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
        "message": diagnostic.message,
        "help": diagnostic.help,
    })
}

/// The author's files, as ariadne asks for them.
struct Sources<'f>(Vec<Source<&'f str>>, &'f [SourceFile]);

impl<'f> Cache<u32> for &mut Sources<'f> {
    type Storage = &'f str;

    fn fetch(&mut self, file: &u32) -> Result<&Source<&'f str>, impl std::fmt::Debug> {
        self.0.get(*file as usize).ok_or("a file that was not read")
    }

    fn display<'a>(&self, file: &'a u32) -> Option<impl std::fmt::Display + 'a> {
        self.1.get(*file as usize).map(|file| file.path.clone())
    }
}

fn draw(diagnostic: &Diagnostic, sources: &mut Sources<'_>, coloured: bool, out: &mut Vec<u8>) -> Result<(), Trouble> {
    let kind = match diagnostic.severity {
        Severity::Error => ReportKind::Error,
        Severity::Warning => ReportKind::Warning,
    };
    let length = sources.1.get(diagnostic.mark.file as usize).map_or(0, |file| file.text.len());
    // A mark at the very end of a file still needs a place that can be drawn.
    let start = (diagnostic.mark.bytes.start as usize).min(length);
    let span = (diagnostic.mark.file, start..(diagnostic.mark.bytes.end as usize).clamp(start, length));
    let mut report = Report::build(kind, span.clone())
        .with_config(Config::default().with_color(coloured).with_index_type(IndexType::Byte))
        .with_code(diagnostic.code)
        .with_message(&diagnostic.message)
        .with_label(Label::new(span));
    if let Some(help) = &diagnostic.help {
        report = report.with_help(help);
    }
    report.finish().write(sources, out).map_err(|error| Trouble::Machine(format!("a diagnostic could not be drawn: {error}")))
}
