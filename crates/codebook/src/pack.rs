//! A pack: a folder with `codebook.toml` and its chapters, read whole before anything is parsed.

use crate::diagnostic::{Diagnostic, Mark, Severity, SourceFile};
use crate::moment::Calendar;
use crate::tree::{LabelKind, LabelRun, Source};
use jiff::civil;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The files of a pack, as text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PackSource {
    /// `codebook.toml`, `chapters/*.md`, `i18n/*.ftl`; paths with `/`, relative to the pack's folder.
    pub files: Vec<SourceFile>,
}

/// A pack's folder that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// The folder or one of its files.
    #[error("cannot read `{path}`: {source}")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// There is no `codebook.toml`.
    #[error("`{0}` is not a codebook: it holds no codebook.toml")]
    NoManifest(PathBuf),
}

impl PackSource {
    /// Reads `codebook.toml`, `chapters/` and `i18n/` of a folder.
    ///
    /// # Errors
    /// [`PackError`] when there is no such folder, no manifest in it, or a file is not readable as UTF-8.
    pub fn from_folder(folder: &Path) -> Result<Self, PackError> {
        let manifest = folder.join("codebook.toml");
        if !manifest.is_file() {
            return Err(PackError::NoManifest(folder.to_owned()));
        }
        let mut files = vec![SourceFile { path: "codebook.toml".to_owned(), text: text_of(&manifest)? }];
        for (inner, ending) in [("chapters", "md"), ("i18n", "ftl")] {
            let inside = folder.join(inner);
            if !inside.is_dir() {
                continue;
            }
            let entries = std::fs::read_dir(&inside).map_err(|source| PackError::Unreadable { path: inside.clone(), source })?;
            let mut paths: Vec<PathBuf> = entries.filter_map(|e| Some(e.ok()?.path())).collect();
            paths.sort();
            for path in paths.iter().filter(|p| p.extension().is_some_and(|e| e == ending)) {
                let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
                files.push(SourceFile { path: format!("{inner}/{name}"), text: text_of(path)? });
            }
        }
        Ok(PackSource { files })
    }

    /// A file of the pack.
    #[must_use]
    pub fn file(&self, path: &str) -> Option<&SourceFile> {
        self.files.iter().find(|f| f.path == path)
    }
}

fn text_of(path: &Path) -> Result<String, PackError> {
    let text = std::fs::read_to_string(path).map_err(|source| PackError::Unreadable { path: path.to_owned(), source })?;
    // A mark of byte order before the first fence would hide the fence.
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// `codebook.toml`, as written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    pub(crate) id: String,
    pub(crate) name: String,
    #[serde(default = "first_version")]
    pub(crate) version: String,
    pub(crate) zone: String,
    #[serde(default)]
    pub(crate) languages: Vec<String>,
    #[serde(default)]
    pub(crate) builds_on: Vec<String>,
    #[serde(default)]
    pub(crate) leaves_out: Vec<String>,
    pub(crate) chapters: Vec<String>,
    #[serde(default)]
    pub(crate) subjects: Vec<String>,
    #[serde(default)]
    pub(crate) things: Vec<String>,
    /// Others build on it, so that a declaration which its own rules do not use is not dead.
    #[serde(default)]
    pub(crate) vocabulary: bool,
    pub(crate) late_entry_after: Option<String>,
    #[serde(default)]
    calendar: Option<CalendarTable>,
    #[serde(default)]
    sources: Vec<SourceTable>,
}

fn first_version() -> String {
    "1".to_owned()
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct CalendarTable {
    #[serde(default)]
    weekend: Vec<String>,
    #[serde(default)]
    holidays: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceTable {
    name: String,
    title: Option<String>,
    url: Option<String>,
    #[serde(default)]
    paragraph: Vec<String>,
    #[serde(default)]
    article: Vec<String>,
    #[serde(default)]
    rule: Vec<String>,
    #[serde(default)]
    principle: Vec<String>,
    #[serde(default)]
    section: Vec<String>,
    #[serde(default)]
    note: Vec<String>,
}

/// Reads a manifest; what is wrong with it is told with its place.
pub(crate) fn manifest(text: &str, file: u32, found: &mut Vec<Diagnostic>) -> Option<Manifest> {
    match toml::from_str::<Manifest>(text) {
        Ok(manifest) => Some(manifest),
        Err(error) => {
            let span = error.span().unwrap_or(0..0);
            let bytes = span.start as u32..span.end as u32;
            found.push(wrong(Mark { file, bytes }, error.message().to_owned()));
            None
        }
    }
}

pub(crate) fn wrong(mark: Mark, message: String) -> Diagnostic {
    let help = Some("see `codebook.toml` in docs/author.md".to_owned());
    Diagnostic { code: "E100", severity: Severity::Error, mark, message, help }
}

/// Where a manifest says a value, or its first line when it is not found.
pub(crate) fn place(text: &str, file: u32, value: &str) -> Mark {
    let quoted = |quote: char| text.find(&format!("{quote}{value}{quote}")).map(|at| at + 1);
    let (start, end) = match quoted('"').or_else(|| quoted('\'')) {
        Some(start) => (start, start + value.len()),
        None => (0, text.lines().next().map_or(0, str::len)),
    };
    Mark { file, bytes: start as u32..end as u32 }
}

impl Manifest {
    /// `place` finds where the manifest says a value.
    pub(crate) fn calendar(&self, place: &dyn Fn(&str) -> Mark, found: &mut Vec<Diagnostic>) -> Option<Calendar> {
        let table = self.calendar.as_ref()?;
        let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
        let mut calendar = Calendar::default();
        for day in &table.weekend {
            let number = days.iter().position(|d| day.to_lowercase().starts_with(d)).and_then(|i| i8::try_from(i + 1).ok());
            match number.and_then(|n| civil::Weekday::from_monday_one_offset(n).ok()) {
                Some(day) => calendar.weekend.push(day),
                None => found.push(wrong(place(day), format!("`{day}` is not a day of the week (mon … sun)"))),
            }
        }
        for holiday in &table.holidays {
            match holiday.parse() {
                Ok(date) => {
                    calendar.holidays.insert(date);
                }
                Err(_) => found.push(wrong(place(holiday), format!("holiday `{holiday}` is not a date such as 2026-03-20"))),
            }
        }
        Some(calendar)
    }

    pub(crate) fn sources(&self) -> Vec<Source> {
        let runs = |labels: &[String]| labels.iter().map(|l| run(l)).collect::<Vec<_>>();
        self.sources
            .iter()
            .map(|table| {
                let labels: BTreeMap<LabelKind, Vec<LabelRun>> = [
                    (LabelKind::Paragraph, &table.paragraph),
                    (LabelKind::Article, &table.article),
                    (LabelKind::Rule, &table.rule),
                    (LabelKind::Principle, &table.principle),
                    (LabelKind::Section, &table.section),
                    (LabelKind::Note, &table.note),
                ]
                .into_iter()
                .filter(|(_, labels)| !labels.is_empty())
                .map(|(kind, labels)| (kind, runs(labels)))
                .collect();
                Source { name: table.name.clone(), title: table.title.clone(), url: table.url.clone(), labels }
            })
            .collect()
    }
}

/// `1-80` is a run of whole numbers, anything else one label.
fn run(label: &str) -> LabelRun {
    let ends = label.split_once('-').and_then(|(a, b)| Some((a.trim().parse().ok()?, b.trim().parse().ok()?)));
    ends.map_or_else(|| LabelRun::One(label.to_owned()), |(a, b)| LabelRun::Numbers(a, b))
}
