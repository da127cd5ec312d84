//! Rules in another language, back into English: the inverse of saying them.
//!
//! The frames of a table are the grammar. A rule is read by trying every frame that its place allows, with names between `«` and `»`
//! looked up among the codebook's; what comes out is the same rule in English words, which the one parser of the language reads. So
//! there is one meaning of a rule, and a sentence that could be read in two ways is refused.
//!
//! Start reading at [`in_english`].

mod grammar;

use super::words::next_hole;
use super::{Frame, Tongue, Words};
use crate::blocks::words as lexer;
use grammar::{Hole, Phrase, Way};
use std::collections::HashMap;

/// A rule in another language that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unheard {
    /// No clause of the language begins so.
    #[error("no clause of the language reads `{0}`")]
    Clause(String),
    /// Two different rules are said in these words.
    #[error("`{0}` can be read in two ways")]
    TwoWays(String),
}

/// A word, name, quotation or sign of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Sound {
    /// In small letters, and as written.
    Word(String, String),
    Name(String),
    Quoted(String),
    Sign(char),
}

/// Rules as [`Voice::rule`](super::Voice::rule) says them in the tongue, in English: one or several, each with its id.
///
/// # Errors
/// [`Unheard`] with the words of the clause that is no clause, or is two.
pub fn in_english(tongue: &Tongue, text: &str) -> Result<String, Unheard> {
    let sounds = split(tongue.words(), text);
    let mut ear = Ear { tongue, sounds: &sounds, known: HashMap::new(), frames: HashMap::new() };
    let mut english = String::new();
    let mut place = 0;
    while place < sounds.len() {
        if let Some((end, head)) = ear.longest(Phrase::Head, place)? {
            if !english.is_empty() {
                english.push_str("\n\n");
            }
            english.push_str(&head);
            place = end;
        }
        let clause = ear.clause(place)?;
        english.push_str("\n  ");
        english.push_str(&clause.1);
        english.push('.');
        place = clause.0;
    }
    Ok(english)
}

/// Splits a text; what stands between `«` and `»` is one name.
fn split(words: &Words, text: &str) -> Vec<Sound> {
    let mut sounds = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('«') {
        sounds.extend(plain(words, before));
        let (name, behind) = after.split_once('»').unwrap_or((after, ""));
        sounds.push(Sound::Name(name.split_whitespace().collect::<Vec<_>>().join(" ")));
        rest = behind;
    }
    sounds.extend(plain(words, rest));
    sounds
}

fn plain(words: &Words, text: &str) -> Vec<Sound> {
    let sound = |token: lexer::Token| match token.word {
        lexer::Word::Sign(sign) => Sound::Sign(sign),
        lexer::Word::Text(text) => Sound::Quoted(text),
        lexer::Word::Plain(_) | lexer::Word::Number(_) | lexer::Word::Date(_) | lexer::Word::Strange(_) | lexer::Word::Unclosed => {
            Sound::Word(words.small(&token.raw), token.raw)
        }
    };
    lexer::split(text, 0, 0).into_iter().map(sound).collect()
}

/// A piece of a frame.
#[derive(Clone, Debug)]
enum Piece {
    Said(Sound),
    Hole(usize),
}

/// Where a phrase may end, each with the phrase in English.
type Readings = Vec<(usize, String)>;

struct Ear<'t> {
    tongue: &'t Tongue,
    sounds: &'t [Sound],
    known: HashMap<(Phrase, usize), Readings>,
    frames: HashMap<Frame, Vec<Vec<Piece>>>,
}

impl Ear<'_> {
    /// A clause with the full stop behind it.
    fn clause(&mut self, place: usize) -> Result<(usize, String), Unheard> {
        let stopped = |(end, _): &(usize, String)| self.sounds.get(*end) == Some(&Sound::Sign('.'));
        let all = self.read(Phrase::Clause, place);
        let stopped: Readings = all.into_iter().filter(stopped).collect();
        let words = |ear: &Self| ear.words_from(place);
        match stopped.as_slice() {
            [] => Err(Unheard::Clause(words(self))),
            [(end, english)] => Ok((end + 1, capital(english))),
            _ => Err(Unheard::TwoWays(words(self))),
        }
    }

    fn longest(&mut self, phrase: Phrase, place: usize) -> Result<Option<(usize, String)>, Unheard> {
        let readings = self.read(phrase, place);
        if readings.len() > 1 {
            return Err(Unheard::TwoWays(self.words_from(place)));
        }
        Ok(readings.into_iter().next())
    }

    fn words_from(&self, place: usize) -> String {
        let written = |sound: &Sound| match sound {
            Sound::Word(_, raw) => raw.clone(),
            Sound::Name(name) => format!("«{name}»"),
            Sound::Quoted(text) => format!("\"{text}\""),
            Sound::Sign(sign) => sign.to_string(),
        };
        let rest = self.sounds.iter().skip(place).take_while(|sound| **sound != Sound::Sign('.'));
        rest.map(written).collect::<Vec<_>>().join(" ")
    }

    /// All readings of a phrase that begins at a place.
    fn read(&mut self, phrase: Phrase, place: usize) -> Readings {
        if let Some(known) = self.known.get(&(phrase, place)) {
            return known.clone();
        }
        let mut readings = Readings::new();
        for way in grammar::ways(phrase) {
            match way {
                Way::Just(hole) => add(&mut readings, self.hole(*hole, place)),
                Way::Frame(frame, holes) => add(&mut readings, self.frame(*frame, holes, place, None)),
                Way::Longer(..) => {}
            }
        }
        let mut next = 0;
        while let Some((end, english)) = readings.get(next).cloned() {
            next += 1;
            for way in grammar::ways(phrase) {
                if let Way::Longer(frame, holes) = way {
                    let longer = self.frame(*frame, holes, end, Some(english.clone()));
                    add(&mut readings, longer);
                }
            }
        }
        self.known.insert((phrase, place), readings.clone());
        readings
    }

    /// Readings of a frame; with `begun`, what its first hole holds has been read up to the place.
    fn frame(&mut self, frame: Frame, holes: &[Hole], place: usize, begun: Option<String>) -> Readings {
        let words = self.tongue.words();
        let forms = self.frames.entry(frame).or_insert_with(|| words.forms(frame).iter().map(|form| pieces(words, form)).collect()).clone();
        let mut readings = Readings::new();
        for form in &forms {
            let mut parts = vec![String::new(); holes.len()];
            let pieces = match (&begun, form.split_first()) {
                (None, _) => form.as_slice(),
                (Some(begun), Some((Piece::Hole(0), rest))) => {
                    parts[0].clone_from(begun);
                    rest
                }
                (Some(_), _) => continue,
            };
            self.pieces(frame, holes, pieces, place, &mut parts, &mut readings);
        }
        readings
    }

    fn pieces(&mut self, frame: Frame, holes: &[Hole], pieces: &[Piece], place: usize, parts: &mut Vec<String>, readings: &mut Readings) {
        match pieces.split_first() {
            None => {
                let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
                add(readings, vec![(place, Words::english().say(frame, &parts))]);
            }
            Some((Piece::Said(wanted), rest)) => {
                if self.sounds.get(place).is_some_and(|sound| same(sound, wanted)) {
                    self.pieces(frame, holes, rest, place + 1, parts, readings);
                }
            }
            Some((Piece::Hole(number), rest)) => {
                let Some(hole) = holes.get(*number) else { return };
                for (end, english) in self.hole(*hole, place) {
                    parts[*number] = english;
                    self.pieces(frame, holes, rest, end, parts, readings);
                }
            }
        }
    }

    fn hole(&mut self, hole: Hole, place: usize) -> Readings {
        let one = |english: String| vec![(place + 1, english)];
        match (hole, self.sounds.get(place)) {
            (Hole::Of(phrase), _) => self.read(phrase, place),
            (Hole::Name(of), Some(Sound::Name(said))) => self.tongue.heard(of, said).map_or_else(Vec::new, |name| one(name.to_owned())),
            (Hole::Raw, Some(Sound::Word(_, raw))) => one(raw.clone()),
            (Hole::Rule, Some(Sound::Word(_, raw))) if self.tongue.is_rule(raw) => one(raw.clone()),
            (Hole::Quoted, Some(Sound::Quoted(text))) => one(format!("\"{text}\"")),
            (Hole::Name(_) | Hole::Raw | Hole::Rule | Hole::Quoted, _) => Vec::new(),
        }
    }
}

fn same(sound: &Sound, wanted: &Sound) -> bool {
    match (sound, wanted) {
        (Sound::Word(small, _), Sound::Word(wanted, _)) => small == wanted,
        (Sound::Sign(sign), Sound::Sign(wanted)) => sign == wanted,
        (Sound::Word(..) | Sound::Name(_) | Sound::Quoted(_) | Sound::Sign(_), _) => false,
    }
}

fn add(readings: &mut Readings, more: Readings) {
    for reading in more {
        if !readings.contains(&reading) {
            readings.push(reading);
        }
    }
}

fn pieces(words: &Words, frame: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = frame;
    while let Some((before, hole, after)) = next_hole(rest) {
        pieces.extend(plain(words, before).into_iter().map(Piece::Said));
        pieces.push(Piece::Hole(hole));
        rest = after;
    }
    pieces.extend(plain(words, rest).into_iter().map(Piece::Said));
    pieces
}

fn capital(english: &str) -> String {
    let mut letters = english.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
