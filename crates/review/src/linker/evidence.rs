//! How sure it is that a paragraph answers a question, and that the question was taken up at all, from what speaks for it. The weights
//! are those of logistic regressions over the annotated records of the tests, rounded.

use super::laying::Place;
use super::wanted::{EITHER, NUMBER, TIME, WHO, WHY};

/// A paragraph with what it shares with a question; shares are of the weight of the question's words, 0 to 1.
#[derive(Clone, Debug)]
pub struct Scored {
    /// Which paragraph.
    pub index: usize,
    /// Which of its sentences speaks of the thing.
    pub sentence: usize,
    /// What the sentence shares that shares most.
    pub near: f64,
    /// What all of it shares.
    pub far: f64,
    /// What it shares with the words around the question.
    pub lent: f64,
    /// How rare the rarest word is that both have: 1 where it stands in one paragraph alone.
    pub rarest: f64,
    /// Whether they share more than one word.
    pub several: bool,
    /// What the order of all questions and replies says.
    pub place: Option<Place>,
    /// The odds that the paragraph answers the question.
    pub odds: f64,
}

fn flag(is: bool) -> f64 {
    if is { 1.0 } else { 0.0 }
}

impl Scored {
    /// What speaks for it.
    pub fn marks(&self) -> [f64; 8] {
        let turned = self.place.as_ref().map_or(0.0, |place| place.turned.min(1.0));
        let most = self.place.as_ref().map_or(0.0, |place| place.most);
        [turned, most, self.near, self.far, self.lent, self.rarest, flag(self.several), flag(self.place.is_none())]
    }

    /// The same, weighed.
    pub fn weighed(mut self) -> Self {
        self.odds = self.marks().iter().zip(LINKS).fold(LINKED, |sum, (mark, weight)| sum + mark * weight).exp();
        self
    }

    /// The odds as a share of certainty.
    pub fn sureness(&self) -> f64 {
        self.odds / (1.0 + self.odds)
    }
}

const LINKS: [f64; 8] = [4.3, 3.4, 3.5, -0.85, 3.55, -1.3, 0.7, 0.1];
const LINKED: f64 = -4.15;

/// The odds of a share of certainty.
pub fn odds(sureness: f64) -> f64 {
    sureness / (1.0 - sureness).max(1e-9)
}

/// What speaks for a question having been taken up.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// How surely it is laid anywhere; how surely one clause turns to it; how many clauses go on with it.
    pub turned: f64,
    pub most: f64,
    pub gone_on: f64,
    /// What the clause, and its paragraph, share with it.
    pub near: f64,
    pub far: f64,
    pub lent: f64,
    pub rarest: f64,
    pub words: f64,
    /// How much of its weight lies in words that no reply uses.
    pub unused: f64,
    /// What it wants, and what the clause gives.
    pub wanted: u8,
    pub given: u8,
    /// Whether it has no words of its own; whether it is the last that its paragraph asks.
    pub bare: bool,
    pub last: bool,
    /// How sure the best link is.
    pub sureness: f64,
}

const TAKEN: [f64; 19] = [1.6, 1.25, 0.6, 1.6, 0.25, -0.05, -0.05, 0.2, -0.8, -0.3, -1.0, 0.75, 1.55, -1.05, -0.9, 0.0, 2.35, -0.5, 0.15];
const TAKEN_UP: f64 = -0.4;

impl Answer {
    /// In the order of [`TAKEN`].
    pub fn marks(&self) -> [f64; 19] {
        let wants = |kind: u8| self.wanted & kind != 0;
        let met = |kind: u8| flag(wants(kind) && self.given & kind != 0);
        let unmet = |kind: u8| flag(wants(kind) && self.given & kind == 0);
        [
            self.turned.min(1.0),
            self.most,
            self.gone_on.min(2.0),
            self.near,
            self.far,
            self.lent,
            self.rarest,
            self.words.min(4.0),
            self.unused,
            met(NUMBER),
            unmet(NUMBER),
            met(WHY),
            unmet(WHY),
            unmet(WHO),
            unmet(TIME),
            met(EITHER),
            flag(self.bare),
            flag(self.last),
            self.sureness,
        ]
    }

    /// Whether it was taken up.
    pub fn taken_up(&self) -> f64 {
        let odds = self.marks().iter().zip(TAKEN).fold(TAKEN_UP, |sum, (mark, weight)| sum + mark * weight).exp();
        odds / (1.0 + odds)
    }
}
