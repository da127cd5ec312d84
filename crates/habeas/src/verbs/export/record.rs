//! A record as the document that is handed over: what the person is told of their own custody, in their language.
//!
//! Entries stand in the order in which they happened, each with both its times, who entered it, and its place in the log; then every
//! safeguard with what became of it; then the checkpoint, as text and as a code, by which anybody can prove the entries later.

use crate::messages::{Language, Speech};
use crate::verdicts::timestamps::Timestamps;
use habeas_codebook::i18n::NameOf;
use habeas_codebook::moment::{At, Moment};
use habeas_codebook::tree::Codebook;
use habeas_paper::{Block, Document};
use habeas_register::VerdictEntry;
use habeas_register::files::File;
use habeas_register::reading::{Entry, Told};
use qrcode::{Color, EcLevel, QrCode};
use serde_json::{Value as Json, json};

/// One record, as known at a moment, to be told in one language.
pub(super) struct Record<'r> {
    pub(super) codebook: &'r Codebook,
    pub(super) speech: Speech,
    pub(super) language: Language,
    pub(super) class: &'r str,
    pub(super) id: &'r str,
    pub(super) known_at: Moment,
    pub(super) entries: Vec<Entry>,
    pub(super) verdicts: Vec<VerdictEntry>,
    pub(super) checkpoint: String,
    /// Of each entry the receipt, which opens all of its fields; only for JSON.
    pub(super) receipts: Vec<String>,
}

impl Record<'_> {
    /// For programs: everything, spelt as in logs.
    pub(super) fn json(&self) -> Json {
        let with_receipt = |(entry, receipt): (&Entry, &String)| {
            let mut entry = json!(entry);
            entry["receipt"] = json!(receipt);
            entry
        };
        let entries: Vec<Json> = self.entries.iter().zip(&self.receipts).map(with_receipt).collect();
        json!({
            "format": crate::verbs::verify::BUNDLE,
            "subject": { self.class: self.id },
            "entries": entries,
            "verdicts": self.verdicts,
            "checkpoint": self.checkpoint,
        })
    }

    /// For people.
    pub(super) fn document(&self) -> Document {
        let subject = format!("{} {}", self.speech.name(NameOf::Subject, self.class), self.id);
        let known = self.say("record-known", &[("time", &self.time(self.known_at))]);
        let count = self.entries.len().to_string();
        let mut blocks = vec![Block::Text(known.clone()), Block::Section(self.say("record-entries", &[("n", &count)]))];
        let mut entries: Vec<&Entry> = self.entries.iter().collect();
        entries.sort_by_key(|entry| (entry.when.earliest, entry.index));
        entries.into_iter().for_each(|entry| self.entry(entry, &mut blocks));
        self.safeguards(&mut blocks);
        self.proof(&mut blocks);
        Document {
            language: self.language.code().to_owned(),
            title: self.say("record-title", &[("subject", &subject)]),
            foot: format!("{subject} · {known}"),
            blocks,
        }
    }

    fn say(&self, id: &str, parts: &[(&str, &str)]) -> String {
        self.speech.say(id, parts)
    }

    fn time(&self, moment: Moment) -> String {
        let text = Timestamps::new(&self.codebook.almanac.zone).text(moment).replacen('T', " ", 1);
        // Seconds and the offset matter to programs; a page names the minute, in the zone of the place.
        text.get(..16).map_or(text.clone(), str::to_owned)
    }

    fn happened(&self, at: At) -> String {
        self.speech.happened(at, &self.codebook.almanac, |moment| self.time(moment))
    }

    fn entry(&self, entry: &Entry, blocks: &mut Vec<Block>) {
        let kind = self.speech.name(NameOf::Event, &entry.kind);
        blocks.push(Block::Part(format!("{}  {kind}", self.happened(entry.when))));
        if let Some(by) = &entry.withdrawn_by {
            blocks.push(Block::Alert(self.say("record-withdrawn", &[("entry", by)])));
        }
        if entry.late {
            blocks.push(Block::Alert(self.say("record-late", &[])));
        }
        let mut facts: Vec<(String, String)> = entry.fields.iter().map(|told| self.field(&entry.kind, told)).collect();
        let before = |(value, by): &(Json, String)| (self.say("record-time-before", &[("entry", by)]), self.value("", value));
        facts.extend(entry.at_before.iter().map(before));
        facts.extend(entry.changes.iter().map(|id| (self.say("record-changes", &[]), id.clone())));
        facts.extend(entry.further.iter().map(|(name, value)| (name.replace('_', " "), self.value(name, value))));
        let file = |file: &File| format!("{}, {}, SHA-256 {}", file.told.name, file.told.media, file.told.sha256);
        facts.extend(entry.files.iter().map(|one| (self.say("record-file", &[]), file(one))));
        if !entry.sealed.is_empty() {
            facts.push((self.say("record-sealed", &[]), entry.sealed.join(", ")));
        }
        let by = entry.by.as_deref().map_or_else(String::new, |by| format!(", {by}"));
        facts.push((self.say("record-recorded", &[]), format!("{}{by}", self.time(entry.recorded_at))));
        facts.push((self.say("record-place", &[]), format!("#{}  {}", entry.index, entry.id)));
        blocks.push(Block::Facts(facts));
    }

    fn field(&self, kind: &str, told: &Told) -> (String, String) {
        let name = self.codebook.labels.field(self.language.code(), kind, &told.name).unwrap_or(&told.name).to_owned();
        let before = told
            .before
            .iter()
            .map(|(value, by)| format!("\n{}: {}", self.say("record-before", &[("entry", by)]), self.value(&told.name, value)));
        (name, self.value(&told.name, &told.value) + &before.collect::<String>())
    }

    /// A value as people read it: choices in their language, times by the clock of the place.
    fn value(&self, field: &str, value: &Json) -> String {
        match value {
            Json::Null => self.say("record-not-recorded", &[]),
            Json::String(text) => match text.parse::<jiff::Timestamp>() {
                Ok(time) => self.time(Moment::from_timestamp(time)),
                Err(_) => self.codebook.labels.value(self.language.code(), field, text).unwrap_or(text).to_owned(),
            },
            Json::Array(items) => items.iter().map(|item| self.value(field, item)).collect::<Vec<_>>().join(", "),
            Json::Object(parts) => parts.values().map(|part| self.value(field, part)).collect::<Vec<_>>().join(" "),
            Json::Bool(_) | Json::Number(_) => value.to_string(),
        }
    }

    fn safeguards(&self, blocks: &mut Vec<Block>) {
        blocks.push(Block::Section(self.say("record-safeguards", &[])));
        let heads = ["record-safeguard", "record-verdict", "record-due", "record-length"].map(|id| self.say(id, &[]));
        let mut shown: Vec<&VerdictEntry> = self.verdicts.iter().filter(|row| row.verdict != "n.a.").collect();
        // What went wrong stands first: nobody should have to look for it.
        shown.sort_by_key(|row| (place(&row.verdict), row.due_at));
        let rows: Vec<Vec<String>> = shown.into_iter().map(|row| self.safeguard(row)).collect();
        blocks.push(if rows.is_empty() { Block::Text(self.say("record-none", &[])) } else { Block::Table { heads: heads.to_vec(), rows } });
    }

    fn safeguard(&self, row: &VerdictEntry) -> Vec<String> {
        let sealed = || self.say("record-sealed", &[]);
        let rule = row.rule.as_deref().map_or_else(sealed, |id| match self.speech.name(NameOf::Rule, id) {
            same if same == id => id.replace('-', " "),
            title => title.to_owned(),
        });
        let rule = if row.record { self.say("record-of-entry", &[("rule", &rule)]) } else { rule };
        let due = row.due_at.map_or_else(String::new, |due| self.time(due));
        let over = row.late_by.or(row.over_by).map_or_else(String::new, |length| self.speech.spoken(length));
        vec![rule, self.say(&format!("verdict-{}", row.verdict.replace('_', "-").replace('.', "")), &[]), due, over]
    }

    fn proof(&self, blocks: &mut Vec<Block>) {
        blocks.push(Block::Section(self.say("record-checkpoint", &[])));
        blocks.push(Block::Text(self.say("record-checkpoint-why", &[])));
        blocks.push(Block::Lines(self.checkpoint.clone()));
        // A checkpoint with very many cosignatures does not fit a code; its text stands above.
        if let Ok(code) = QrCode::with_error_correction_level(self.checkpoint.as_bytes(), EcLevel::M) {
            let dark = code.to_colors().into_iter().map(|color| color == Color::Dark).collect();
            blocks.push(Block::Squares { alt: self.say("record-checkpoint", &[]), side: code.width(), dark });
        }
    }
}

/// The order of verdicts on paper.
fn place(verdict: &str) -> usize {
    ["breached", "met_late", "undetermined", "pending", "met"].iter().position(|known| *known == verdict).unwrap_or(5)
}
