//! A pack, and all that it builds on, to a codebook: the passes in order.

use crate::blocks::names::Names;
use crate::blocks::{self, Draft, Sentence, words};
use crate::chapters;
use crate::checked;
use crate::diagnostic::{Diagnostic, Mark, Severity, SourceFile};
use crate::i18n::Labels;
use crate::moment::{Almanac, Calendar};
use crate::pack::{self, Manifest, PackSource};
use crate::tree::{Chapter, Class, Codebook, Source};
use jiff::tz::TimeZone;
use std::collections::HashSet;

/// What reading a pack gives.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The codebook; `None` when anything is an error.
    pub codebook: Option<Codebook>,
    /// Everything found, errors and warnings, in the order of files and places.
    pub diagnostics: Vec<Diagnostic>,
    /// The files that the diagnostics point into.
    pub files: Vec<SourceFile>,
}

/// A pack with its place among those that are read.
struct Loaded {
    manifest: Manifest,
    source: PackSource,
    /// Index of its manifest among the files.
    file: u32,
}

impl Loaded {
    /// Where its manifest says a value.
    fn place(&self, value: &str) -> Mark {
        let text = self.source.file("codebook.toml").map_or("", |file| file.text.as_str());
        pack::place(text, self.file, value)
    }
}

/// Reads a pack and those that it builds on (`built_on` finds them by id).
#[must_use]
pub fn read(source: &PackSource, built_on: &dyn Fn(&str) -> Option<PackSource>) -> Reading {
    let mut reading = parse(source, built_on);
    if let Some(codebook) = &reading.codebook {
        reading.diagnostics.extend(checked::check(codebook));
    }
    let rank = |d: &Diagnostic| (d.mark.file, d.mark.bytes.start, d.code);
    reading.diagnostics.sort_by(|a, b| rank(a).cmp(&rank(b)));
    let failed = reading.diagnostics.iter().any(|d| d.severity == Severity::Error);
    reading.codebook = reading.codebook.filter(|_| !failed);
    reading
}

/// Every pass but the checks: a codebook that can be questioned, even when a sentence in it could not be read.
pub(crate) fn parse(source: &PackSource, built_on: &dyn Fn(&str) -> Option<PackSource>) -> Reading {
    let mut reading = Reading { codebook: None, diagnostics: Vec::new(), files: Vec::new() };
    let mut packs = Vec::new();
    load(source, None, built_on, &mut packs, &mut Vec::new(), &mut reading);
    reading.codebook = build(&packs, &mut reading);
    reading
}

/// Loads the packs that one builds on, then itself; each once.
fn load(
    source: &PackSource,
    id: Option<&str>,
    built_on: &dyn Fn(&str) -> Option<PackSource>,
    packs: &mut Vec<Loaded>,
    path: &mut Vec<String>,
    reading: &mut Reading,
) {
    let file = reading.files.len() as u32;
    let shown = |path: &str| id.map_or_else(|| path.to_owned(), |id| format!("{id}/{path}"));
    let Some(text) = source.file("codebook.toml") else {
        reading.diagnostics.push(pack::wrong(Mark::default(), "the pack has no codebook.toml".to_owned()));
        return;
    };
    reading.files.push(SourceFile { path: shown("codebook.toml"), text: text.text.clone() });
    let Some(manifest) = pack::manifest(&text.text, file, &mut reading.diagnostics) else { return };
    if let Some(wanted) = id.filter(|id| *id != manifest.id) {
        let mark = pack::place(&text.text, file, &manifest.id);
        reading.diagnostics.push(pack::wrong(mark, format!("the pack `{wanted}` calls itself `{}`", manifest.id)));
        return;
    }
    path.push(manifest.id.clone());
    for base in &manifest.builds_on {
        if packs.iter().any(|p| p.manifest.id == *base) {
            continue;
        }
        let mark = pack::place(&text.text, file, base);
        if path.contains(base) {
            reading.diagnostics.push(pack::wrong(mark, format!("`{base}` builds on itself: {}", path.join(" → "))));
            continue;
        }
        match built_on(base) {
            Some(source) => load(&source, Some(base), built_on, packs, path, reading),
            None => reading.diagnostics.push(pack::wrong(mark, format!("builds on `{base}`, which is not there"))),
        }
    }
    path.pop();
    packs.push(Loaded { manifest, source: source.clone(), file });
}

fn build(packs: &[Loaded], reading: &mut Reading) -> Option<Codebook> {
    let own = packs.last()?;
    let classes = classes(packs);
    let (sentences, chapters) = sentences(packs, reading);
    let labels = labels(packs, reading);
    let left_out: Vec<HashSet<String>> = (0..packs.len())
        .map(|n| packs[n + 1..].iter().flat_map(|p| p.manifest.leaves_out.iter().map(|s| s.to_lowercase())).collect())
        .collect();
    let names: Vec<String> = classes.iter().map(|c| c.name.clone()).collect();
    let ids: Vec<String> = packs.iter().map(|p| p.manifest.id.clone()).collect();
    let mut draft = Draft::new(&names);
    draft.read(&sentences, &left_out, &ids, &mut reading.diagnostics);
    reading.diagnostics.extend(unlike_the_folder(packs, &classes, &sentences));
    let zone = match TimeZone::get(&own.manifest.zone) {
        Ok(zone) => zone,
        Err(_) => {
            let mark = own.place(&own.manifest.zone);
            reading.diagnostics.push(pack::wrong(mark, format!("`{}` is not a time zone such as Asia/Baku", own.manifest.zone)));
            return None;
        }
    };
    let calendar = packs
        .iter()
        .rev()
        .find_map(|p| p.manifest.calendar(&|value| p.place(value), &mut reading.diagnostics))
        .unwrap_or_else(Calendar::default);
    let late = packs.iter().rev().find_map(|p| p.manifest.late_entry_after.as_deref()).unwrap_or("PT1H");
    let late_entry_after = match late.parse::<jiff::SignedDuration>() {
        Ok(duration) => duration.as_micros() as i64,
        Err(_) => {
            reading.diagnostics.push(pack::wrong(own.place(late), format!("late_entry_after `{late}` is not a duration such as PT1H")));
            return None;
        }
    };
    if !is_complete(&draft) {
        return None;
    }
    Some(Codebook {
        id: own.manifest.id.clone(),
        name: own.manifest.name.clone(),
        version: own.manifest.version.clone(),
        zone_name: own.manifest.zone.clone(),
        almanac: Almanac { zone, calendar },
        languages: own.manifest.languages.clone(),
        builds_on: own.manifest.builds_on.clone(),
        is_vocabulary: own.manifest.vocabulary,
        late_entry_after,
        sources: sources(packs),
        classes,
        kinds: draft.kinds,
        field_names: draft.names.fields.spellings,
        value_names: draft.names.values.spellings,
        aliases: draft.aliases.into_iter().flatten().collect(),
        states: draft.states.into_iter().flatten().collect(),
        items: draft.items.into_iter().flatten().collect(),
        clocks: draft.clocks.into_iter().flatten().collect(),
        limits: draft.limits,
        lists: draft.lists.into_iter().flatten().collect(),
        roles: draft.roles.into_iter().flatten().collect(),
        rules: draft.rules,
        flows: draft.flows,
        rooms: draft.rooms,
        access: draft.access,
        tables: draft.tables,
        chapters,
        labels,
        files: reading.files.clone(),
    })
}

/// Names in manifests that name nothing, and chapters that no manifest lists: law that would silently stay in force, or out of it.
fn unlike_the_folder(packs: &[Loaded], classes: &[Class], sentences: &[Sentence]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (n, pack) in packs.iter().enumerate() {
        for thing in pack.manifest.things.iter().filter(|thing| !classes.iter().any(|c| c.name == **thing)) {
            found.push(pack::wrong(pack.place(thing), format!("`things` names `{thing}`, which is not among the subjects")));
        }
        let mut declared = Names::default();
        for (name, _) in sentences.iter().filter(|s| s.pack < n).filter_map(Sentence::declared) {
            declared.add(&name);
        }
        for name in pack.manifest.leaves_out.iter().filter(|name| declared.get(&name.to_lowercase()).is_none()) {
            let nearest = declared.nearest(&name.to_lowercase()).iter().map(|(_, n)| format!("`{n}`")).collect::<Vec<_>>().join(", ");
            found.push(Diagnostic {
                code: "E101",
                severity: Severity::Error,
                mark: pack.place(name),
                message: format!("`leaves_out` names `{name}`, which no pack built on declares"),
                help: (!nearest.is_empty()).then(|| format!("nearest: {nearest}")),
            });
        }
        let listed = |path: &str| path.strip_prefix("chapters/").is_none_or(|name| pack.manifest.chapters.iter().any(|c| c == name));
        for file in pack.source.files.iter().filter(|file| file.path.ends_with(".md") && !listed(&file.path)) {
            found.push(Diagnostic {
                code: "W100",
                severity: Severity::Warning,
                mark: pack.place(pack.manifest.chapters.last().map_or("", String::as_str)),
                message: format!("`{}` is in the folder, but `chapters` does not list it, so nothing in it is in force", file.path),
                help: Some("add it to `chapters` in codebook.toml, or take it out of the folder".to_owned()),
            });
        }
    }
    found
}

/// Whether every declaration that was named could be read.
fn is_complete(d: &Draft) -> bool {
    d.lists.iter().all(Option::is_some)
        && d.aliases.iter().all(Option::is_some)
        && d.states.iter().all(Option::is_some)
        && d.items.iter().all(Option::is_some)
        && d.clocks.iter().all(Option::is_some)
        && d.roles.iter().all(Option::is_some)
}

/// Classes of all packs, in the order declared.
fn classes(packs: &[Loaded]) -> Vec<Class> {
    let mut classes: Vec<Class> = Vec::new();
    for pack in packs {
        for name in &pack.manifest.subjects {
            if !classes.iter().any(|c| c.name == *name) {
                classes.push(Class { name: name.clone(), thing: false });
            }
        }
    }
    for thing in packs.iter().flat_map(|p| &p.manifest.things) {
        classes.iter_mut().filter(|c| c.name == *thing).for_each(|c| c.thing = true);
    }
    classes
}

fn sources(packs: &[Loaded]) -> Vec<Source> {
    let mut sources: Vec<Source> = Vec::new();
    for source in packs.iter().flat_map(|p| p.manifest.sources()) {
        match sources.iter_mut().find(|s| s.name == source.name) {
            Some(known) => {
                for (kind, runs) in source.labels {
                    known.labels.entry(kind).or_default().extend(runs);
                }
            }
            None => sources.push(source),
        }
    }
    sources
}

/// The words of other languages: `i18n/LANG.ftl` of every pack, packs built on first.
fn labels(packs: &[Loaded], reading: &mut Reading) -> Labels {
    let mut labels = Labels::default();
    for (n, pack) in packs.iter().enumerate() {
        for source in pack.source.files.iter().filter(|file| file.path.starts_with("i18n/")) {
            let Some(language) = source.path.strip_prefix("i18n/").and_then(|name| name.strip_suffix(".ftl")) else { continue };
            let file = reading.files.len() as u32;
            let shown = if n + 1 == packs.len() { source.path.clone() } else { format!("{}/{}", pack.manifest.id, source.path) };
            reading.files.push(SourceFile { path: shown, text: source.text.clone() });
            labels.add(language, &source.text, file, &mut reading.diagnostics);
        }
    }
    labels
}

/// Every sentence of every chapter, in reading order, packs built on first.
fn sentences(packs: &[Loaded], reading: &mut Reading) -> (Vec<Sentence>, Vec<Chapter>) {
    let mut sentences = Vec::new();
    let mut chapters = Vec::new();
    for (n, pack) in packs.iter().enumerate() {
        let own = n + 1 == packs.len();
        for name in &pack.manifest.chapters {
            let path = format!("chapters/{name}");
            let Some(source) = pack.source.file(&path) else {
                let mark = pack.place(name);
                reading.diagnostics.push(pack::wrong(mark, format!("the chapter `{name}` is listed but not in chapters/")));
                continue;
            };
            let file = reading.files.len() as u32;
            let shown = if own { path } else { format!("{}/{path}", pack.manifest.id) };
            reading.files.push(SourceFile { path: shown, text: source.text.clone() });
            let read = chapters::read(&source.text, file, &mut reading.diagnostics);
            let chapter = chapters.len() as u32;
            chapters.push(Chapter { pack: pack.manifest.id.clone(), file, title: read.title });
            for block in read.blocks {
                let inner = &source.text[block.mark.bytes.start as usize..block.mark.bytes.end as usize];
                let tokens = words::split(inner, file, block.mark.bytes.start);
                sentences.extend(blocks::sentences(block.kind, tokens, chapter, n));
            }
        }
    }
    (sentences, chapters)
}
