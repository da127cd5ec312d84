//! From fenced blocks to the tree: first every declared name is placed in the dictionary, then declarations, then rules, flows and
//! access lines are read. Several things may be wrong at once; each is told, and reading goes on at the next sentence.

pub(crate) mod conditions;
mod declarations;
mod flows;
pub(crate) mod names;
pub(crate) mod parser;
mod rooms;
mod rules;
mod screens;
mod tables;
pub(crate) mod words;

use crate::chapters::BlockKind;
use crate::diagnostic::{Diagnostic, Mark, Severity};
use crate::table::Table;
use crate::tree::{
    Access, Alias, Clock, Field, FieldId, FieldType, Flow, Item, Kind, Limit, List, Required, Role, Rule, Sensitivity, State,
};
use conditions::Left;
use declarations::{bare_kind, field_name_length, name_until, scan};
use parser::{Dictionary, Parser};
use std::collections::{HashMap, HashSet};
use words::{Token, Word};

/// One declaration or rule: its words without the full stop (a rule: all its clauses).
pub(crate) struct Sentence {
    kind: BlockKind,
    tokens: Vec<Token>,
    /// Whether it ends with a full stop.
    ended: bool,
    /// Index into the chapters.
    pub(crate) chapter: u32,
    /// Depth of the pack: how many packs stand before it.
    pub(crate) pack: usize,
}

/// What is read of a codebook, before it becomes one.
#[derive(Default)]
pub(crate) struct Draft {
    pub(crate) names: Dictionary,
    pub(crate) kinds: Vec<Kind>,
    pub(crate) lists: Vec<Option<List>>,
    pub(crate) aliases: Vec<Option<Alias>>,
    pub(crate) states: Vec<Option<State>>,
    pub(crate) items: Vec<Option<Item>>,
    pub(crate) clocks: Vec<Option<Clock>>,
    pub(crate) limits: Vec<Limit>,
    /// Pack whose versions a limit has.
    limit_packs: HashMap<u16, usize>,
    pub(crate) roles: Vec<Option<Role>>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) flows: Vec<Flow>,
    pub(crate) rooms: Vec<crate::room::Room>,
    pub(crate) access: Vec<Access>,
    pub(crate) tables: Vec<Table>,
}

/// A parser with what was declared so far.
pub(crate) struct Reader<'a, 'd> {
    pub(crate) p: Parser<'a>,
    pub(crate) kinds: &'d [Kind],
    pub(crate) lists: &'d [Option<List>],
    pub(crate) aliases: &'d [Option<Alias>],
    pub(crate) states: &'d [Option<State>],
    pub(crate) items: &'d [Option<Item>],
}

impl Reader<'_, '_> {
    pub(crate) fn left_of(&self, field: Field) -> Left {
        Left::of(field)
    }
}

/// Cuts a block into sentences.
pub(crate) fn sentences(kind: BlockKind, tokens: Vec<Token>, chapter: u32, pack: usize) -> Vec<Sentence> {
    let mut sentences = Vec::new();
    let mut current: Vec<Token> = Vec::new();
    let mut at_start = true;
    for token in tokens {
        let stop = token.word == Word::Sign('.');
        if let Some(first) = begins_with(kind) {
            let begins = at_start && token.word == Word::Plain(first.to_owned());
            if begins && !current.is_empty() {
                sentences.push(Sentence { kind, tokens: std::mem::take(&mut current), ended: true, chapter, pack });
            }
            at_start = stop;
            current.push(token);
        } else if stop {
            sentences.push(Sentence { kind, tokens: std::mem::take(&mut current), ended: true, chapter, pack });
        } else {
            current.push(token);
        }
    }
    if !current.is_empty() {
        // A rule keeps its full stops, and each clause is asked for its own.
        sentences.push(Sentence { kind, tokens: current, ended: begins_with(kind).is_some(), chapter, pack });
    }
    sentences.retain(|s| !s.tokens.is_empty());
    sentences
}

/// The word that begins a declaration of several clauses, each with its full stop; the other kinds of block have one clause each.
pub(crate) fn begins_with(kind: BlockKind) -> Option<&'static str> {
    match kind {
        BlockKind::Rule => Some("rule"),
        BlockKind::Table => Some("table"),
        BlockKind::Event | BlockKind::State | BlockKind::Limit | BlockKind::Role | BlockKind::Flow | BlockKind::Access => None,
    }
}

impl Sentence {
    pub(crate) fn first(&self) -> &str {
        match self.tokens.first().map(|t| &t.word) {
            Some(Word::Plain(word)) => word,
            _ => "",
        }
    }

    pub(crate) fn mark(&self) -> Mark {
        let first = self.tokens.first().map(|t| t.mark.clone()).unwrap_or_default();
        let last = self.tokens.last().map_or(first.bytes.end, |t| t.mark.bytes.end);
        Mark { file: first.file, bytes: first.bytes.start..last }
    }

    /// Whether it keeps the full stops of its clauses.
    pub(crate) fn has_clauses(&self) -> bool {
        begins_with(self.kind).is_some()
    }

    /// How many fields an event or `extend` lists.
    pub(crate) fn fields_written(&self) -> usize {
        let sign = |sign| move |token: &&Token| token.word == Word::Sign(sign);
        let colons = self.tokens.iter().filter(sign(':')).count();
        if colons == 0 { 0 } else { 1 + self.tokens.iter().filter(sign(';')).count() }
    }

    /// The name that it declares, and where that stands.
    pub(crate) fn declared(&self) -> Option<(String, Mark)> {
        let ends: &[&str] = match self.first() {
            "event" | "state" | "item" | "clock" | "flow" | "room" => &["of"],
            "alias" | "limit" => &["is"],
            "extend" | "list" | "role" => &[],
            "rule" | "table" => {
                let id = self.tokens.get(1)?;
                return Some((id.raw.to_lowercase(), id.mark.clone()));
            }
            _ => return None,
        };
        let (name, words) = name_until(self.tokens.get(1..)?, ends)?;
        let mark = Mark { file: self.tokens[1].mark.file, bytes: self.tokens[1].mark.bytes.start..self.tokens[words].mark.bytes.end };
        Some((name, mark))
    }

    /// E105 for a name that was to hold `of`, where the name of such a declaration ends.
    fn name_with_of(&self, name: &str, mark: &Mark) -> Option<Diagnostic> {
        if !matches!(self.first(), "event" | "state" | "item" | "clock" | "flow" | "room") {
            return None;
        }
        let is = |token: &Token, word: &str| token.word == Word::Plain(word.to_owned());
        let head = self.tokens.iter().position(|t| t.word == Word::Sign(':')).unwrap_or(self.tokens.len());
        let mut ofs = self.tokens[..head].iter().enumerate().filter(|(_, token)| is(token, "of")).map(|(n, _)| n);
        let (first, last) = (ofs.next()?, ofs.next_back()?);
        // Another declaration, because a full stop is missing, or more subjects: then the name was not meant to go on.
        let begins = ["event", "extend", "list", "alias", "state", "item", "clock", "flow", "room"];
        let goes_on = |token: &Token| matches!(token.word, Word::Plain(_)) && !begins.iter().any(|word| is(token, word));
        if !self.tokens[first..last].iter().all(goes_on) {
            return None;
        }
        let meant = self.tokens[1..last].iter().map(|t| t.raw.as_str()).collect::<Vec<_>>().join(" ");
        let end = self.tokens[last - 1].mark.bytes.end;
        let message = format!("a name ends at the first `of`, so this {} would be called `{name}`, not `{meant}`", self.first());
        let mut other: Vec<&str> = self.tokens[1..last].iter().map(|t| t.raw.as_str()).collect();
        other.remove(first - 1);
        let help = format!("leave `of` out of the name: `{}`", other.join(" "));
        Some(error("E105", Mark { file: mark.file, bytes: mark.bytes.start..end }, message, Some(&help)))
    }

    fn belongs(&self) -> bool {
        match self.kind {
            BlockKind::Event => ["event", "extend", "list", "alias"].contains(&self.first()),
            BlockKind::State => ["state", "item", "clock"].contains(&self.first()),
            BlockKind::Limit => self.first() == "limit",
            BlockKind::Role => self.first() == "role",
            BlockKind::Rule => self.first() == "rule",
            BlockKind::Flow => ["flow", "room"].contains(&self.first()),
            BlockKind::Table => self.first() == "table",
            BlockKind::Access => ["allow", "deny", "duty", "cedar"].contains(&self.first()),
        }
    }
}

fn error(code: &'static str, mark: Mark, message: String, help: Option<&str>) -> Diagnostic {
    Diagnostic { code, severity: Severity::Error, mark, message, help: help.map(str::to_owned) }
}

impl Draft {
    /// A draft with the built-in kinds and the classes of the packs.
    pub(crate) fn new(classes: &[String]) -> Self {
        let mut draft = Draft::default();
        classes.iter().for_each(|c| {
            draft.names.classes.add(c);
        });
        for (name, fields) in [("correction", &["corrects"][..]), ("withdrawal", &["corrects"]), ("breach found", &["safeguard", "grade"])]
        {
            draft.names.kinds.add(name);
            let mut kind = bare_kind(name);
            for field in fields {
                let of = if *field == "corrects" { FieldType::Ref(Vec::new()) } else { FieldType::Text };
                let name = FieldId(draft.names.fields.add(field));
                kind.fields.push(Field {
                    name,
                    list: false,
                    of,
                    sensitivity: Sensitivity::Custody,
                    required: Required::Always,
                    mark: Mark::default(),
                });
            }
            draft.kinds.push(kind);
        }
        for name in ["at", "by", "born", "valid until"] {
            draft.names.fields.add(name);
        }
        draft
    }

    /// Reads every sentence. `left_out[n]`: names that later packs drop from pack n.
    pub(crate) fn read(&mut self, sentences: &[Sentence], left_out: &[HashSet<String>], packs: &[String], found: &mut Vec<Diagnostic>) {
        let kept: Vec<&Sentence> = sentences
            .iter()
            .filter(|s| !s.declared().is_some_and(|(name, _)| left_out.get(s.pack).is_some_and(|names| names.contains(&name))))
            .collect();
        for sentence in &kept {
            if !sentence.belongs() {
                let block = format!("{:?}", sentence.kind).to_lowercase();
                let raw = sentence.tokens.first().map(|t| t.raw.clone()).unwrap_or_default();
                let mark = sentence.tokens.first().map(|t| t.mark.clone()).unwrap_or_default();
                found.push(error("E100", mark, format!("`{raw}` does not begin anything that a `{block}` block holds"), None));
            }
        }
        let kept: Vec<&Sentence> = kept.into_iter().filter(|s| s.belongs()).collect();
        for sentence in kept.iter().filter(|s| !s.ended) {
            let mark = sentence.tokens.last().map(|t| t.mark.clone()).unwrap_or_default();
            found.push(error("E100", mark, "expected `.` at the end of the declaration, but the block ends here".to_owned(), None));
        }
        self.place_names(&kept, found);
        self.read_kinds(&kept, found);
        self.read_declarations(&kept, found);
        for sentence in kept.iter().filter(|s| s.kind == BlockKind::Rule) {
            let pack = packs.get(sentence.pack).cloned().unwrap_or_default();
            let rule = self.reader(sentence, found).rule(&pack, sentence.chapter);
            self.rules.extend(rule);
        }
        for sentence in kept.iter().filter(|s| s.kind == BlockKind::Flow) {
            let mut reader = self.reader(sentence, found);
            if sentence.first() == "room" {
                let room = reader.room().ok().filter(|_| reader.is_at_end());
                self.rooms.extend(room);
            } else {
                let flow = reader.flow().ok().filter(|_| reader.is_at_end());
                self.flows.extend(flow);
            }
        }
        for sentence in kept.iter().filter(|s| s.kind == BlockKind::Table) {
            let pack = packs.get(sentence.pack).cloned().unwrap_or_default();
            let table = self.reader(sentence, found).table(&pack, sentence.chapter);
            self.tables.extend(table);
        }
        for sentence in kept.iter().filter(|s| s.kind == BlockKind::Access) {
            let mut reader = self.reader(sentence, found);
            let line = reader.access().ok().filter(|_| reader.is_at_end());
            self.access.extend(line);
        }
    }

    fn reader<'a, 'd>(&'d self, sentence: &'a Sentence, found: &'a mut Vec<Diagnostic>) -> Reader<'a, 'd>
    where
        'd: 'a,
    {
        Reader {
            p: scan(&sentence.tokens, &self.names, found),
            kinds: &self.kinds,
            lists: &self.lists,
            aliases: &self.aliases,
            states: &self.states,
            items: &self.items,
        }
    }

    /// First pass: the name of every declaration, field and value.
    fn place_names(&mut self, sentences: &[&Sentence], found: &mut Vec<Diagnostic>) {
        let builtin = self.names.kinds.spellings.iter().map(|name| ("event".to_owned(), name.clone()));
        let mut declared: HashSet<(String, String)> = builtin.collect();
        let mut aliases: Vec<(String, Mark)> = Vec::new();
        for sentence in sentences {
            let Some((name, mark)) = sentence.declared() else {
                if !matches!(sentence.kind, BlockKind::Access) {
                    found.push(error("E100", sentence.mark(), "this declaration gives no name".to_owned(), None));
                }
                continue;
            };
            let class = sentence.first().to_owned();
            found.extend(sentence.name_with_of(&name, &mark));
            if !matches!(class.as_str(), "rule" | "list" | "flow" | "room" | "table") {
                check_name(&name, &mark, found);
            }
            let again = !matches!(class.as_str(), "extend" | "rule" | "limit" | "table") && !declared.insert((class.clone(), name.clone()));
            if again {
                let help = Some("give one of them another name, or drop the one built on with `leaves_out`");
                found.push(error("E105", mark.clone(), format!("the {class} `{name}` is declared twice"), help));
            }
            match class.as_str() {
                "event" => {
                    if self.names.kinds.add(&name) as usize == self.kinds.len() {
                        self.kinds.push(bare_kind(&name));
                    }
                    self.place_fields(sentence, found);
                }
                "extend" => self.place_fields(sentence, found),
                "list" => {
                    self.names.lists.add(&name);
                    let after = sentence.tokens.iter().position(|t| t.word == Word::Sign(':')).map_or(0, |i| i + 1);
                    self.place_values(&sentence.tokens[after..], found);
                }
                "alias" => {
                    self.names.aliases.add(&name);
                    aliases.push((name, mark));
                }
                "state" => drop(self.names.states.add(&name)),
                "item" => drop(self.names.items.add(&name)),
                "clock" => drop(self.names.clocks.add(&name)),
                "limit" => drop(self.names.limits.add(&name)),
                "role" => drop(self.names.roles.add(&name)),
                "rule" => drop(self.names.rules.add(&name)),
                _ => {}
            }
        }
        for (name, mark) in aliases.into_iter().filter(|(name, _)| self.names.kinds.get(name).is_some()) {
            let help = Some("an alias stands where an event may stand, so the two need different names");
            found.push(error("E105", mark, format!("the alias `{name}` hides the event of the same name"), help));
        }
        self.lists.resize(self.names.lists.spellings.len(), None);
        self.aliases.resize(self.names.aliases.spellings.len(), None);
        self.states.resize(self.names.states.spellings.len(), None);
        self.items.resize(self.names.items.spellings.len(), None);
        self.clocks.resize(self.names.clocks.spellings.len(), None);
        self.roles.resize(self.names.roles.spellings.len(), None);
        self.limits = self.names.limits.spellings.iter().map(|n| Limit { name: n.clone(), versions: Vec::new() }).collect();
    }

    fn place_fields(&mut self, sentence: &Sentence, found: &mut Vec<Diagnostic>) {
        let Some(colon) = sentence.tokens.iter().position(|t| t.word == Word::Sign(':')) else { return };
        for field in sentence.tokens[colon + 1..].split(|t| t.word == Word::Sign(';')) {
            let Some(words) = field_name_length(field, &self.names.classes) else { continue };
            let name: Vec<String> = field[..words].iter().map(|t| t.raw.to_lowercase()).collect();
            self.names.fields.add(&name.join(" "));
            let is_choice = field[words..].iter().take(4).any(|t| matches!(&t.word, Word::Plain(w) if w == "choice" || w == "choices"));
            if is_choice && let Some(open) = field.iter().position(|t| t.word == Word::Sign('(')) {
                self.place_values(&field[open + 1..], found);
            }
        }
    }

    fn place_values(&mut self, tokens: &[Token], found: &mut Vec<Diagnostic>) {
        let end = tokens.iter().position(|t| t.word == Word::Sign(')')).unwrap_or(tokens.len());
        for value in tokens[..end].split(|t| t.word == Word::Sign(',')) {
            if let Some((name, words)) = name_until(value, &[]) {
                check_value(&name, &value[..words], found);
                self.names.values.add(&name);
            }
        }
    }

    fn read_kinds(&mut self, sentences: &[&Sentence], found: &mut Vec<Diagnostic>) {
        for sentence in sentences.iter().filter(|s| s.first() == "list") {
            let mut reader = self.reader(sentence, found);
            if let Some(list) = reader.list().ok().filter(|_| reader.is_at_end())
                && let Some(place) = self.names.lists.get(&list.name)
            {
                self.lists[place as usize] = Some(list);
            }
        }
        for sentence in sentences.iter().filter(|s| s.first() == "event") {
            let Some(place) = sentence.declared().and_then(|(name, _)| self.names.kinds.get(&name)) else { continue };
            let mut kind = bare_kind(&self.names.kinds.spellings[place as usize]);
            kind.mark = sentence.mark();
            let mut reader = self.reader(sentence, found);
            reader.p.place = 1 + kind.name.split(' ').count();
            let head = reader.event_head(&mut kind);
            if head.is_err() {
                reader.skip_to(':');
            }
            // Fields are read even under a head that is wrong: rules ask about them.
            if reader.fields(&mut kind).is_ok() && head.is_ok() {
                reader.is_at_end();
            }
            if kind.by_role
                && let Some(by) = self.names.fields.get("by")
            {
                let mark = kind.mark.clone();
                kind.fields.push(Field {
                    name: FieldId(by),
                    list: false,
                    of: FieldType::Role,
                    sensitivity: Sensitivity::Custody,
                    required: Required::Always,
                    mark,
                });
            }
            self.kinds[place as usize] = kind;
        }
        for sentence in sentences.iter().filter(|s| s.first() == "extend") {
            self.extend(sentence, found);
        }
    }

    /// `extend EVENT: …` adds fields, or names one again to tighten it.
    fn extend(&mut self, sentence: &Sentence, found: &mut Vec<Diagnostic>) {
        let Some((name, mark)) = sentence.declared() else { return };
        let Some(place) = self.names.kinds.get(&name) else {
            let near = self.names.kinds.nearest(&name).iter().map(|(_, n)| format!("`{n}`")).collect::<Vec<_>>().join(", ");
            found.push(error("E101", mark, format!("no event is called `{name}`"), Some(&format!("nearest: {near}"))));
            return;
        };
        let mut added = bare_kind(&name);
        let mut reader = self.reader(sentence, found);
        reader.p.place = 1 + name.split(' ').count();
        if reader.fields(&mut added).is_err() {
            return;
        }
        reader.is_at_end();
        for field in added.fields {
            let old = self.kinds[place as usize].fields.iter().position(|f| f.name == field.name);
            match old {
                None => self.kinds[place as usize].fields.push(field),
                Some(i) if self.tightens(&self.kinds[place as usize].fields[i], &field) => self.kinds[place as usize].fields[i] = field,
                Some(_) => {
                    let message = format!("`extend` loosens the field `{}`", self.names.fields.spellings[field.name.index()]);
                    let help = "it may add `required`, take values away or raise the sensitivity; never the reverse, nor change the type";
                    found.push(error("E131", field.mark, message, Some(help)));
                }
            }
        }
    }

    fn tightens(&self, old: &Field, new: &Field) -> bool {
        let values = |of: &FieldType| {
            of.choices().map(|choices| match choices {
                crate::tree::Choices::Here(values) => values.clone(),
                crate::tree::Choices::Of(list) => self.lists[list.index()].as_ref().map(|l| l.values.clone()).unwrap_or_default(),
            })
        };
        let same_type = match (values(&old.of), values(&new.of)) {
            (Some(before), Some(after)) => {
                after.iter().all(|v| before.contains(v)) && matches!(old.of, FieldType::Choice(_)) == matches!(new.of, FieldType::Choice(_))
            }
            _ => old.of == new.of,
        };
        let required = match (&old.required, &new.required) {
            (Required::Always, Required::Always) | (Required::No, _) | (Required::When(..), Required::Always) => true,
            (Required::When(a, b), Required::When(c, d)) => a == c && b == d,
            (Required::Always, Required::No | Required::When(..)) | (Required::When(..), Required::No) => false,
        };
        same_type && old.list == new.list && new.sensitivity >= old.sensitivity && required
    }

    /// Everything but events and rules. Aliases first, in as many rounds as they build on each other.
    fn read_declarations(&mut self, sentences: &[&Sentence], found: &mut Vec<Diagnostic>) {
        self.read_aliases(sentences, found);
        for sentence in sentences {
            let mut reader = self.reader(sentence, found);
            match sentence.first() {
                "state" => {
                    if let Some((id, state)) = reader.state_declared().ok().filter(|_| reader.is_at_end()) {
                        self.states[id.index()] = Some(state);
                    }
                }
                "item" => {
                    if let Some((id, item)) = reader.item_declared().ok().filter(|_| reader.is_at_end()) {
                        self.items[id.index()] = Some(item);
                    }
                }
                "clock" => {
                    if let Some(clock) = reader.clock().ok().filter(|_| reader.is_at_end())
                        && let Some(place) = self.names.clocks.get(&clock.name)
                    {
                        self.clocks[place as usize] = Some(clock);
                    }
                }
                "limit" => {
                    if let Some((place, version)) = reader.limit().ok().filter(|_| reader.is_at_end()) {
                        self.add_limit(place, version, sentence.pack, found);
                    }
                }
                "role" => {
                    if let Some((place, role)) = reader.role().ok().filter(|_| reader.is_at_end()) {
                        self.roles[place as usize] = Some(role);
                    }
                }
                _ => {}
            }
        }
        for limit in &mut self.limits {
            limit.versions.sort_by_key(|v| v.from);
        }
    }

    fn read_aliases(&mut self, sentences: &[&Sentence], found: &mut Vec<Diagnostic>) {
        let mut waiting: Vec<&&Sentence> = sentences.iter().filter(|s| s.first() == "alias").collect();
        for _ in 0..=waiting.len() {
            let before = waiting.len();
            let mut later = Vec::new();
            for sentence in waiting {
                let mut told = Vec::new();
                let mut reader = self.reader(sentence, &mut told);
                let alias = reader.alias().ok().filter(|_| reader.is_at_end());
                let ready = alias.as_ref().is_none_or(|a| reader.kind_of(a.pattern.event).is_some());
                if !ready {
                    later.push(sentence);
                    continue;
                }
                found.append(&mut told);
                if let Some(alias) = alias
                    && let Some(place) = self.names.aliases.get(&alias.name)
                {
                    self.aliases[place as usize] = Some(alias);
                }
            }
            waiting = later;
            if waiting.is_empty() || waiting.len() == before {
                break;
            }
        }
        for sentence in waiting {
            let help = Some("an alias stands for an event, in the end for one that a log can hold");
            found.push(error("E105", sentence.mark(), "this alias stands for itself in a circle".to_owned(), help));
        }
    }

    /// A limit of a pack replaces one of the same name that it builds on; within a pack several dates are versions.
    fn add_limit(&mut self, place: u16, version: crate::tree::LimitVersion, pack: usize, found: &mut Vec<Diagnostic>) {
        let limit = &mut self.limits[place as usize];
        let known = self.limit_packs.entry(place).or_insert(pack);
        if *known != pack {
            *known = pack;
            limit.versions.clear();
        }
        if limit.versions.iter().any(|v| v.from == version.from) {
            let message = format!("the limit `{}` has two versions from the same day", limit.name);
            found.push(error("E105", version.mark, message, Some("give the later one its `from` date")));
            return;
        }
        limit.versions.push(version);
    }
}

impl Reader<'_, '_> {
    /// True at the end of the sentence; else tells what stands there that should not.
    pub(crate) fn is_at_end(&mut self) -> bool {
        if self.p.is_done() {
            return true;
        }
        let _ = self.p.wanted::<()>("`.` at the end of the declaration");
        false
    }
}

/// Phrases that begin or join clauses: no name may be one or begin with one (E105).
const KEYWORDS: &[&str] = &[
    "a",
    "after",
    "an",
    "and",
    "as long as",
    "at all times",
    "at least",
    "at most",
    "before",
    "by",
    "calendar days",
    "cites",
    "days are counted as",
    "divided by",
    "does not include",
    "earlier",
    "every",
    "exactly",
    "for each",
    "from",
    "given not more than",
    "has happened",
    "has not happened",
    "in any",
    "in force",
    "in it",
    "includes",
    "is",
    "it is",
    "it must",
    "it outlasts",
    "less the",
    "may happen",
    "must",
    "no",
    "not more than",
    "of the",
    "on breach",
    "or",
    "present",
    "runs",
    "severity",
    "the",
    "there must be",
    "this holds",
    "unless",
    "until",
    "where",
    "while",
    "whole days",
    "whose",
    "within",
    "without",
    "working days",
    "yes",
];

fn check_name(name: &str, mark: &Mark, found: &mut Vec<Diagnostic>) {
    let begins = KEYWORDS.iter().find(|k| name == **k || name.strip_prefix(**k).is_some_and(|rest| rest.starts_with(' ')));
    if let Some(keyword) = begins {
        let message = format!("the name `{name}` begins with `{keyword}`, which the language needs itself");
        found.push(error("E105", mark.clone(), message, Some("choose a name that begins with another word")));
    }
}

/// Words that a test reads itself right after `is`: no value may be one (E105), for the test would never reach it.
const TEST_WORDS: &[&str] = &["at least", "at most", "known", "less than", "more than", "not", "one of", "the"];

fn check_value(name: &str, tokens: &[Token], found: &mut Vec<Diagnostic>) {
    if let (true, Some(first), Some(last)) = (TEST_WORDS.contains(&name), tokens.first(), tokens.last()) {
        let mark = Mark { file: first.mark.file, bytes: first.mark.bytes.start..last.mark.bytes.end };
        let help = format!("a test such as `is {name}` could not be read; write one word more, joined by `_`: `{name}_so`");
        found.push(error("E105", mark, format!("the value `{name}` is a word that the language needs itself"), Some(&help)));
    }
}
