//! How sure it is that a paragraph answers a question, from what speaks for it.

/// What a reply has to bring together for the question to count as taken up.
const TAKEN_UP: f64 = 1.5;

/// Where a paragraph stands in the order of replies.
#[derive(Clone, Copy, Default)]
pub enum Place {
    /// Where the order of all questions and replies lays the question; with `room` sentences for each question laid there.
    Laid { room: f64 },
    /// Before or behind that.
    Beside,
    /// Anywhere else.
    #[default]
    Elsewhere,
}

/// A paragraph with what it shares with a question; shares are of the weight of the question's words, 0 to 1.
pub struct Scored {
    /// Which paragraph.
    pub index: usize,
    /// Which of its sentences shares most.
    pub sentence: usize,
    /// What that sentence shares.
    pub near: f64,
    /// What all of it shares.
    pub far: f64,
    /// What it shares with the words around the question.
    pub lent: f64,
    /// How much of the question's weight lies in words that any reply uses.
    pub used: f64,
    /// How rare the rarest word is that both have: 1 where it stands in one paragraph alone.
    pub rarest: f64,
    /// Whether they share more than one word.
    pub several: bool,
    /// Its place.
    pub place: Place,
}

impl Scored {
    /// A paragraph that shares no word with the question.
    pub fn unlike(index: usize) -> Self {
        let place = Place::default();
        Scored { index, sentence: 0, near: 0.0, far: 0.0, lent: 0.0, used: 1.0, rarest: 0.0, several: false, place }
    }

    /// What the words alone say, 0 to about 1.
    pub fn words(&self) -> f64 {
        0.45 * (self.near + self.far) + 0.15 * self.lent
    }

    /// The odds that the paragraph answers the question: by its place and its words, or by its words alone where it stands out of order.
    /// The weights are those of two logistic regressions over the annotated records of the tests, rounded.
    pub fn odds(&self) -> f64 {
        let flag = |is: bool| if is { 1.0 } else { 0.0 };
        let place = match self.place {
            Place::Laid { room } => 2.7 + 1.5 * room,
            Place::Beside => 1.5,
            Place::Elsewhere => 0.0,
        };
        let several = flag(self.several);
        let placed = -4.55 + 1.25 * self.near + self.far + self.lent + 0.7 * self.rarest + 0.85 * several + place;
        let alone = -2.8 + 2.4 * self.near + 1.8 * self.far + 1.6 * self.lent + self.rarest + 1.4 * several - 3.1 * self.used;
        placed.max(alone).exp()
    }

    /// Whether it takes up the question, not only stands where the answer should: by another regression, over questions.
    pub fn takes_up(&self) -> bool {
        let room = if let Place::Laid { room } = self.place { room } else { 0.0 };
        let several = if self.several { 0.6 } else { 0.0 };
        1.2 * (self.near + self.far) + 0.6 * self.rarest + several + room >= TAKEN_UP
    }

    /// The same as a share of certainty.
    pub fn sureness(&self) -> f64 {
        let odds = self.odds();
        odds / (1.0 + odds)
    }
}

/// The odds of a share of certainty.
pub fn odds(sureness: f64) -> f64 {
    sureness / (1.0 - sureness).max(1e-9)
}
