//! Who has the floor in each paragraph, in which role, and where turns begin. Names come from the text alone.

use crate::cleaning::{floor, without_markdown};
use crate::model::{Paragraph, Role, Turn};
use crate::paragraphs::Block;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

static SPEECH: LazyLock<HashSet<&'static str>> = LazyLock::new(|| include_str!("../words/speech.txt").split_whitespace().collect());

const HONORIFICS: [&str; 24] = [
    "Mr.",
    "Mrs.",
    "Ms.",
    "Miss",
    "Dr.",
    "Prof.",
    "Sir",
    "Dame",
    "Lord",
    "Baroness",
    "Monsignor",
    "Archbishop",
    "Judge",
    "Mr",
    "Mrs",
    "Ms",
    "Dr",
    "MR.",
    "MRS.",
    "MS.",
    "Messrs.",
    "Prince",
    "Princess",
    "Sheikh",
];
const PARTICLES: [&str; 24] = [
    "de", "van", "der", "den", "von", "da", "do", "dos", "di", "del", "della", "la", "le", "el", "al", "bin", "ibn", "ben", "bint", "du",
    "des", "ter", "zu", "y",
];
const OFFICES: [&str; 12] = [
    "The Chairperson-Rapporteur",
    "The Acting Chairperson",
    "The Acting Chair",
    "The Temporary Chair",
    "The Vice-Chairperson",
    "The Vice-Chair",
    "The Chairperson",
    "The Chairman",
    "The Chairwoman",
    "The Chair",
    "The President",
    "The Presiding Officer",
];

/// A name at the beginning of a paragraph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// As printed.
    pub name: String,
    /// What stood in brackets.
    pub title: Option<String>,
    /// What follows the name and its brackets.
    pub rest: String,
}

/// The name that a paragraph begins with, where somebody begins to speak.
#[must_use]
pub fn named(block: &Block) -> Option<Named> {
    if let Some(found) = bold(&block.raw) {
        return Some(found);
    }
    let text = block.text.as_str();
    let end = name_end(text)?;
    let (title, rest) = bracket(&text[end..]);
    let found = Named { name: text[..end].trim().to_owned(), title, rest: rest.to_owned() };
    (speaks(&found.rest)).then_some(found)
}

/// `**Ms. Orde** (Title) said`, `**Ms. Orde (Title)** said`: what is bold is the name.
fn bold(raw: &str) -> Option<Named> {
    let inner = raw.trim_start().strip_prefix("**").or_else(|| raw.trim_start().strip_prefix("__"))?;
    let close = floor(inner, 300).find("**").or_else(|| floor(inner, 300).find("__"))?;
    let head = without_markdown(&inner[..close]);
    let rest = without_markdown(floor(&inner[close + 2..], 4000));
    let head = head.trim_end_matches([',', ':']).trim();
    let end = name_end(head)?;
    let (title, after) = if end < head.len() { bracket(&head[end..]) } else { bracket(&rest) };
    let after = if end < head.len() { rest.as_str() } else { after };
    Some(Named { name: head[..end].trim().to_owned(), title, rest: after.to_owned() })
}

/// `(Country Rapporteur) said`: what is in the brackets, and what follows.
fn bracket(text: &str) -> (Option<String>, &str) {
    let text = text.trim_start();
    let Some(inner) = text.strip_prefix('(') else { return (None, text) };
    let Some(close) = floor(inner, 160).find(')') else { return (None, text) };
    (Some(inner[..close].trim().to_owned()), inner[close + 1..].trim_start())
}

/// Where the name at the beginning of a text ends.
fn name_end(text: &str) -> Option<usize> {
    if let Some(office) = OFFICES.iter().find(|office| {
        text.len() >= office.len() && text.is_char_boundary(office.len()) && text[..office.len()].eq_ignore_ascii_case(office)
    }) {
        let end = office.len();
        return (!text[end..].starts_with(|c: char| c.is_alphanumeric() || "’'-".contains(c))).then_some(end);
    }
    let first = text.split_whitespace().next()?;
    if HONORIFICS.contains(&first) {
        return personal_end(text);
    }
    representative_end(text)
}

/// The end of `Mr. van der Orde-Lima`: capitals and particles.
fn personal_end(text: &str) -> Option<usize> {
    let mut end = None;
    for (place, word) in words_of(text).enumerate() {
        let (at, word) = word;
        let bare = word.trim_end_matches([',', ':', ';', '*']);
        let is_name = bare.chars().any(char::is_uppercase) && !bare.starts_with('(') && !bare.starts_with(char::is_numeric);
        if place == 0 {
            continue;
        }
        let particle = PARTICLES.contains(&bare.to_lowercase().as_str())
            && words_of(text[at + word.len()..].trim_start()).next().is_some_and(|(_, next)| next.starts_with(char::is_uppercase));
        if !is_name && !particle || place > 7 || bare == "Country" {
            break;
        }
        end = Some(at + bare.len());
        if bare.len() < word.len() {
            break;
        }
    }
    end
}

fn words_of(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split(' ').scan(0, |at, word| {
        let start = *at;
        *at += word.len() + 1;
        Some((start, word))
    })
}

/// The end of `A representative of the Republic of Orde`, `Another member of the delegation`, `The delegation of Orde`, `The Secretary`.
fn representative_end(text: &str) -> Option<usize> {
    const LEADS: [&str; 17] = [
        "A representative of ",
        "The representative of ",
        "Another representative of ",
        "The representatives of ",
        "A member of the delegation",
        "Another member of the delegation",
        "The delegation of ",
        "The delegation",
        "A delegate of ",
        "The head of the delegation",
        "The Head of Delegation",
        "The observer for ",
        "An observer for ",
        "The Secretary of the Committee",
        "The Secretary",
        "A representative from ",
        "The Country Rapporteur",
    ];
    let lead = LEADS.iter().find(|lead| text.starts_with(**lead))?;
    if !lead.ends_with(' ') {
        let rest = &text[lead.len()..];
        let of =
            rest.strip_prefix(" of ").map(|after| rest.len() - after.len() + proper_end(after)).filter(|_| lead.contains("delegation"));
        return Some(lead.len() + of.unwrap_or(0));
    }
    Some(lead.len() + proper_end(&text[lead.len()..])).filter(|end| *end > lead.len())
}

/// The end of a name of several words: capitals, with `the`, `of`, `and`, `for` between them.
fn proper_end(text: &str) -> usize {
    let mut end = 0;
    for (at, word) in words_of(text).take(24) {
        let bare = word.trim_end_matches([',', ':', ';']);
        if bare.starts_with(char::is_uppercase) && !bare.is_empty() {
            end = at + bare.len();
        } else if !matches!(bare, "the" | "of" | "and" | "for" | "on" | "de" | "in") || bare.len() < word.len() {
            break;
        }
        if bare.len() < word.len() {
            break;
        }
    }
    end
}

/// Whether what follows a name is somebody speaking: a verb of speech, or a clause between commas and then one.
fn speaks(rest: &str) -> bool {
    let rest = rest.trim_start();
    let rest = if let Some(clause) = rest.strip_prefix(',') {
        let first = first_word(clause);
        if SPEECH.contains(first.as_str()) {
            return true;
        }
        let Some(close) = floor(clause, 240).find(", ") else { return false };
        &clause[close + 1..]
    } else {
        rest
    };
    let mut words = rest.split_whitespace().map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase());
    let Some(first) = words.next() else { return false };
    let adverb = first.ends_with("ly") || first == "also" || first == "again" || first == "then";
    let verb = if adverb { words.next().unwrap_or_default() } else { first };
    let second = words.next().unwrap_or_default();
    SPEECH.contains(verb.as_str()) && !(verb == "took" && second != "the" && second != "note")
}

fn first_word(text: &str) -> String {
    text.split_whitespace().next().unwrap_or_default().trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase()
}

/// Whether nobody speaks in a paragraph: a stage direction, or somebody only takes or leaves the chair.
#[must_use]
pub fn is_stage(text: &str) -> bool {
    let low = floor(text, 400).to_lowercase();
    let begins = [
        "at the invitation of",
        "the meeting was",
        "the meeting rose",
        "the delegation of",
        "it was so ",
        "the committee decided",
        "the public part",
    ];
    let short = text.len() < 300;
    let lead = begins.iter().find(|begin| low.starts_with(**begin));
    let chair = [
        "took the chair",
        "left the chair",
        "resumed the chair",
        "vacated the chair",
        "took a place at the committee table",
        "took places at the committee table",
        "withdrew",
    ];
    let seated = short && chair.iter().any(|words| low.trim_end_matches(['.', '*']).ends_with(words));
    let adopted = short
        && low.starts_with("the ")
        && ["was adopted", "were adopted", "was so decided", "was approved"].iter().any(|words| low.trim_end_matches('.').ends_with(words));
    match lead {
        Some(lead) if lead.starts_with("the delegation of") => seated || low.contains(" withdrew") || low.contains(" joined the meeting"),
        Some(_) => short,
        None => seated || adopted,
    }
}

/// What is known of speakers so far.
struct Floor<'a> {
    state: Option<&'a str>,
    roles: HashMap<String, Role>,
}

impl Floor<'_> {
    fn is_state(&self, words: &str) -> bool {
        let Some(state) = self.state else { return true };
        let (words, state) = (words.to_lowercase(), state.to_lowercase());
        words.contains(&state) || state.contains(words.trim_start_matches("the ")) && words.len() > 3
    }

    fn role(&mut self, named: &Named) -> Role {
        let role = self.role_of(named);
        let known = self.roles.get(&named.name).copied();
        let role = match (known, role) {
            (Some(Role::Rapporteur), Role::Expert) => Role::Rapporteur,
            (Some(Role::Delegation), Role::Expert) if named.title.is_none() => Role::Delegation,
            (Some(_) | None, role) => role,
        };
        if role != Role::Chair && !named.name.starts_with("A ") && !named.name.starts_with("The ") {
            self.roles.insert(named.name.clone(), role);
        }
        role
    }

    fn role_of(&self, named: &Named) -> Role {
        let low = named.name.to_lowercase();
        let clause = floor(&named.rest, 120).to_lowercase();
        let title = named.title.as_deref().unwrap_or_default();
        let title_low = title.to_lowercase();
        if OFFICES.iter().any(|office| office.eq_ignore_ascii_case(&named.name))
            || clause.starts_with(", speaking as chair")
            || clause.starts_with(", acting chair")
        {
            return Role::Chair;
        }
        if low.contains("secretar") || title_low.contains("secretar") && title_low.contains("committee") || title_low == "secretariat" {
            return Role::Secretariat;
        }
        let apposition = clause.strip_prefix(',').and_then(|rest| rest.split(',').next()).unwrap_or_default();
        if title_low.contains("rapporteur")
            || title_low.contains("coordinator") && title_low.contains("task force")
            || apposition.contains("country rapporteur")
            || low.contains("rapporteur")
        {
            return Role::Rapporteur;
        }
        if let Some(of) = low.split("representative of ").nth(1).or_else(|| low.split("delegate of ").nth(1)) {
            return if self.is_state(of) { Role::Delegation } else { outsider(of) };
        }
        if low.contains("delegation") {
            return Role::Delegation;
        }
        if low.starts_with("the observer")
            || low.starts_with("an observer")
            || low.contains("representative from")
            || title_low.starts_with("observer")
        {
            return Role::Observer;
        }
        if title.is_empty() || is_committee_title(&title_low) {
            return if title_low == "chair" || title_low == "chairperson" || title_low.contains("acting chair") {
                Role::Chair
            } else {
                Role::Expert
            };
        }
        if self.is_state(title) || is_organ(&title_low) { Role::Delegation } else { outsider(&title_low) }
    }
}

fn is_committee_title(low: &str) -> bool {
    ["chair", "committee", "task force", "member", "focal point", "working group", "follow-up", "coordinator"]
        .iter()
        .any(|word| low.contains(word))
}

/// Whether a title in brackets is an organ or an office of a State, as delegates are printed: `(Ministry of Justice)`.
fn is_organ(low: &str) -> bool {
    static ORGANS: LazyLock<Vec<&'static str>> = LazyLock::new(|| include_str!("../words/organs.txt").lines().collect());
    ORGANS.iter().any(|organ| low.contains(organ)) && !low.contains("united nations") && !low.contains("high commissioner")
}

fn outsider(low: &str) -> Role {
    if low.contains("secretariat") || low.contains("high commissioner") { Role::Secretariat } else { Role::Observer }
}

/// The State that most speakers in brackets or `representatives of` name, where the heading names none.
#[must_use]
pub fn state_of_speakers(blocks: &[Block]) -> Option<String> {
    let mut counts: Vec<(String, u32)> = Vec::new();
    for found in blocks.iter().filter_map(named) {
        let of = found.name.split("representative of ").nth(1).map(str::to_owned).or(found.title);
        let Some(of) = of.filter(|of| !is_committee_title(&of.to_lowercase()) && !of.to_lowercase().contains("rapporteur")) else {
            continue;
        };
        let of = of.strip_prefix("the ").unwrap_or(&of).to_owned();
        match counts.iter_mut().find(|(name, _)| *name == of) {
            Some((_, count)) => *count += 1,
            None => counts.push((of, 1)),
        }
    }
    counts.into_iter().filter(|(_, count)| *count >= 2).max_by_key(|(_, count)| *count).map(|(name, _)| name)
}

/// Gives each paragraph its speaker, role and turn.
#[must_use]
pub fn seat(paragraphs: &mut [Paragraph], blocks: &[Block], state: Option<&str>) -> Vec<Turn> {
    let mut floor = Floor { state, roles: HashMap::new() };
    let mut turns: Vec<Turn> = Vec::new();
    for (paragraph, block) in paragraphs.iter_mut().zip(blocks) {
        if is_stage(&block.text) {
            continue;
        }
        if let Some(named) = named(block) {
            let role = floor.role(&named);
            let turn = u32::try_from(turns.len()).unwrap_or(u32::MAX).saturating_add(1);
            turns.push(Turn { turn, speaker: named.name, title: named.title, role, first: paragraph.number, last: paragraph.number });
            paragraph.explicit = true;
        }
        let Some(turn) = turns.last_mut() else { continue };
        turn.last = paragraph.number;
        paragraph.speaker = Some(turn.speaker.clone());
        paragraph.title.clone_from(&turn.title);
        paragraph.role = turn.role;
        paragraph.turn = turn.turn;
    }
    turns
}
