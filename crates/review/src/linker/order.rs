//! Delegations mostly answer in the order in which they were asked, a clause or two for each thing, and what they say more goes on from
//! that. The questions that were put before a run of replies are laid along its clauses together, as words are laid along those of their
//! translation: each clause goes on with the question before, or turns to the next, skips some, or goes back; shared words and what a
//! question wants speak for each place. All ways are weighed at once (forward and backward sums), so that each question has a share of
//! certainty at each clause.

use crate::model::{Kind, Paragraph, Role};
use std::ops::Range;

/// So many questions, and so many clauses, are laid out at once: the work stays linear.
pub const TOGETHER: usize = 200;
/// See [`TOGETHER`].
pub const CLAUSES: usize = 800;

/// How likely a clause goes on with the same question (less at a new sentence, less at a new paragraph), turns to the next, skips some,
/// goes back, moves at the head of a paragraph, or moves to what another paragraph asked; and what each question costs that is left at
/// the end. Logarithms; fitted to the annotated records of the tests together with the weights of [`super::evidence`].
struct Moves {
    stay: f64,
    sentence: f64,
    paragraph: f64,
    next: f64,
    skip: f64,
    each_skipped: f64,
    back: f64,
    turn: f64,
    at_head: f64,
    left: f64,
}

const MOVES: Moves = Moves {
    stay: 0.6,
    sentence: -0.55,
    paragraph: -1.15,
    next: -0.55,
    skip: -0.8,
    each_skipped: -1.15,
    back: -3.0,
    turn: -0.1,
    at_head: 1.15,
    left: -0.6,
};

/// Beyond so many questions skipped, one more weighs nothing more.
const FARTHEST: usize = 8;

/// Where a clause begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begins {
    /// Within a sentence.
    Within,
    /// A sentence.
    Sentence,
    /// A paragraph.
    Paragraph,
}

/// How surely each question is turned to at each clause, and how surely it is gone on with there.
pub struct Laid {
    turned: Vec<f64>,
    gone_on: Vec<f64>,
    questions: usize,
}

impl Laid {
    /// How surely a clause turns to a question.
    pub fn turned(&self, clause: usize, question: usize) -> f64 {
        self.turned[clause * self.questions + question]
    }

    /// How surely a clause goes on with it.
    pub fn gone_on(&self, clause: usize, question: usize) -> f64 {
        self.gone_on[clause * self.questions + question]
    }
}

/// The runs of replies: from the first reply after a question to the next question of the committee.
pub fn runs(paragraphs: &[Paragraph]) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    let mut open = false;
    for (at, paragraph) in paragraphs.iter().enumerate() {
        let answers = is_reply(paragraph);
        match runs.last_mut().filter(|_| open && answers) {
            Some(run) => run.end = at + 1,
            None if answers => runs.push(at..at + 1),
            None => {}
        }
        open = answers || open && !(paragraph.kind == Kind::Question && paragraph.role.is_committee());
    }
    runs
}

/// Whether a paragraph answers for the State.
pub fn is_reply(paragraph: &Paragraph) -> bool {
    paragraph.kind == Kind::Reply && paragraph.role == Role::Delegation
}

/// Lays questions along clauses. `asked` are the paragraphs that the questions stand in, `begins` tells of each clause where it begins,
/// `fits` how well a clause suits a question (a logarithm).
pub fn lay(asked: &[u32], begins: &[Begins], fits: &dyn Fn(usize, usize) -> f64) -> Laid {
    let (width, length) = (asked.len(), begins.len());
    let moves = moves(asked);
    let suits: Vec<f64> = (0..length).flat_map(|clause| (0..width).map(move |question| fits(question, clause).exp())).collect();
    let row = |at: usize| at * width..(at + 1) * width;
    // Forward: the weight of all ways that end at each question, and how much of it has just turned there.
    let mut forward = vec![0.0; width * length];
    let mut fresh = vec![1.0; width * length];
    let first = moves[..width].to_vec();
    let mut last: Vec<f64> = vec![0.0; width];
    for (clause, begin) in begins.iter().enumerate() {
        let (stay, head) = steps(*begin);
        let moved = if clause == 0 { first.clone() } else { summed(&last, &moves[width..]) };
        for (question, (moved, last)) in moved.iter().zip(&last).enumerate() {
            let (moved, stayed) = (moved * head, last * stay);
            forward[clause * width + question] = (moved + stayed) * suits[clause * width + question];
            fresh[clause * width + question] = moved / (moved + stayed).max(f64::MIN_POSITIVE);
        }
        scale(&mut forward[row(clause)]);
        last.copy_from_slice(&forward[row(clause)]);
    }
    // Backward: the weight of all ways that go on from there.
    let mut behind: Vec<f64> = (0..width).map(|question| (MOVES.left * count(width - 1 - question)).exp()).collect();
    let back: Vec<f64> =
        (0..width).flat_map(|to| (0..width).map(move |from| (from, to))).map(|(from, to)| moves[(from + 1) * width + to]).collect();
    let mut laid = Laid { turned: vec![0.0; width * length], gone_on: vec![0.0; width * length], questions: width };
    for clause in (0..length).rev() {
        if clause + 1 < length {
            let (stay, head) = steps(begins[clause + 1]);
            let next: Vec<f64> = behind.iter().zip(&suits[row(clause + 1)]).map(|(behind, suits)| behind * suits).collect();
            behind = summed(&next, &back).into_iter().zip(&next).map(|(moved, next)| moved * head + stay * next).collect();
            scale(&mut behind);
        }
        let mut sure: Vec<f64> = forward[row(clause)].iter().zip(&behind).map(|(forward, behind)| forward * behind).collect();
        scale(&mut sure);
        for (question, sure) in sure.into_iter().enumerate() {
            let at = clause * width + question;
            laid.turned[at] = sure * fresh[at];
            laid.gone_on[at] = sure - laid.turned[at];
        }
    }
    laid
}

/// The rows of a square table, each times its weight, added up. Row after row, so that the machine may add many places at once, and always
/// in one order.
fn summed(weights: &[f64], rows: &[f64]) -> Vec<f64> {
    let mut sums = vec![0.0; weights.len()];
    for (weight, row) in weights.iter().zip(rows.chunks_exact(weights.len().max(1))) {
        sums.iter_mut().zip(row).for_each(|(sum, step)| *sum += weight * step);
    }
    sums
}

/// Makes the sum one.
fn scale(weights: &mut [f64]) {
    let sum: f64 = weights.iter().sum();
    if sum > 0.0 {
        weights.iter_mut().for_each(|weight| *weight /= sum);
    }
}

/// What going on and moving weigh at a clause.
fn steps(begins: Begins) -> (f64, f64) {
    match begins {
        Begins::Within => (MOVES.stay.exp(), 1.0),
        Begins::Sentence => ((MOVES.stay + MOVES.sentence).exp(), 1.0),
        Begins::Paragraph => ((MOVES.stay + MOVES.sentence + MOVES.paragraph).exp(), MOVES.at_head.exp()),
    }
}

/// What it weighs to move from each question to each other, a row for each; the first row is of no question.
fn moves(asked: &[u32]) -> Vec<f64> {
    let width = asked.len();
    let weigh = |weight: f64| [weight.exp(), (weight + MOVES.turn).exp()];
    let (back, next) = (MOVES.back.exp(), weigh(MOVES.next));
    let skips: Vec<[f64; 2]> = (0..=FARTHEST).map(|far| weigh(MOVES.skip + MOVES.each_skipped * count(far))).collect();
    let mut found = Vec::with_capacity(width * (width + 1));
    for from in 0..=width {
        for to in 0..width {
            let other = usize::from(asked[from.saturating_sub(1)] != asked[to]);
            // `from` is one more than the number of the question.
            let weight = if to + 1 == from {
                0.0
            } else if to + 1 < from {
                back
            } else if to == from {
                next[other]
            } else {
                skips[(to - from).min(FARTHEST)][other]
            };
            found.push(weight);
        }
    }
    found
}

#[expect(clippy::cast_precision_loss, reason = "counts of questions")]
fn count(of: usize) -> f64 {
    of as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_questions_are_laid_along_three_sentences_without_a_shared_word() {
        let begins = [Begins::Paragraph, Begins::Sentence, Begins::Sentence];
        let laid = lay(&[4, 4, 4], &begins, &|_, _| 0.0);
        for at in 0..3 {
            let best = (0..3).max_by(|a, b| laid.turned(at, *a).total_cmp(&laid.turned(at, *b))).expect("three questions");
            assert_eq!(best, at);
        }
    }

    #[test]
    fn a_word_that_both_have_outweighs_the_order() {
        let begins = [Begins::Paragraph, Begins::Paragraph];
        let laid = lay(&[4, 4], &begins, &|question, clause| if question + clause == 1 { 4.0 } else { 0.0 });
        assert!(laid.turned(0, 1) > 0.7 && laid.turned(1, 0) > 0.7);
    }
}
