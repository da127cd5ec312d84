//! Delegations mostly answer in the order in which they were asked, and all that they say answers something. Questions that were put
//! before the same run of replies are laid along it together, as translations are laid along their originals: by the words that they
//! share, by order, and so that few replies are left over.

use super::evidence::{Place, Scored};
use crate::model::{Kind, Paragraph, Question, Role};
use std::collections::HashMap;
use std::ops::Range;

/// So many questions, and so many replies, are laid out at once: the work stays linear.
const TOGETHER: usize = 400;
/// What a reply costs that nothing is laid to.
const LEFT_OVER: f64 = 0.4;
/// What words count at most.
const WORDS: f64 = 0.6;
/// What a question of the same paragraph gains at the same reply, and loses at the next.
const SAME: f64 = 0.1;
const NEXT: f64 = 0.05;
/// What a question of another paragraph loses at the same reply.
const SHARED: f64 = 0.15;

/// Tells each reply its place. `sentences` are counted for each paragraph.
pub fn place(
    questions: &[Question],
    scores: &mut [Vec<Scored>],
    paragraphs: &[Paragraph],
    places: &HashMap<u32, usize>,
    sentences: &dyn Fn(usize) -> usize,
) {
    let runs = runs(paragraphs);
    let run_of = |question: &Question| {
        let at = places.get(&question.paragraph)?;
        let found = runs.partition_point(|run| run.start <= *at);
        runs.get(found).map(|run| run.start..run.end.min(run.start + TOGETHER))
    };
    let mut from = 0;
    while from < questions.len() {
        let run = run_of(&questions[from]);
        let same = questions[from..].iter().take(TOGETHER).take_while(|question| run_of(question) == run).count().max(1);
        if let Some(run) = run {
            let replies: Vec<bool> = run.clone().map(|at| is_reply(&paragraphs[at])).collect();
            let scored = &mut scores[from..from + same];
            let laid = layout(&questions[from..from + same], scored, run.start, &replies);
            tell(scored, &laid, sentences);
        }
        from += same;
    }
}

fn is_reply(paragraph: &Paragraph) -> bool {
    paragraph.kind == Kind::Reply && paragraph.role == Role::Delegation
}

/// The runs of replies: from the first reply after a question to the next question of the committee.
fn runs(paragraphs: &[Paragraph]) -> Vec<Range<usize>> {
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

/// The reply that each question is laid to: never before that of the question before.
fn layout(questions: &[Question], scores: &[Vec<Scored>], start: usize, replies: &[bool]) -> Vec<usize> {
    let width = replies.len();
    // How many replies stand before each paragraph of the run.
    let mut before = vec![0.0; width + 1];
    for (at, is_reply) in replies.iter().enumerate() {
        before[at + 1] = before[at] + if *is_reply { 1.0 } else { 0.0 };
    }
    let mut best: Vec<f64> = Vec::new();
    let mut ways: Vec<Vec<usize>> = Vec::with_capacity(scores.len());
    for (place, scored) in scores.iter().enumerate() {
        let gains = gains(scored, start, replies);
        let follows = place.checked_sub(1).map(|last| questions[last].paragraph == questions[place].paragraph);
        let (mut now, mut way) = (Vec::with_capacity(width), Vec::with_capacity(width));
        // The best way to a reply before this one, with what is left over up to here taken off.
        let mut earlier: Option<(f64, usize)> = None;
        for at in 0..width {
            let (value, from) = match follows {
                None => (-LEFT_OVER * before[at], at),
                Some(same) => {
                    let stay = best[at] + if same { SAME } else { -SHARED };
                    let step = earlier.map(|(value, from)| (value - LEFT_OVER * before[at] - if same { NEXT } else { 0.0 }, from));
                    step.filter(|(value, _)| *value > stay).unwrap_or((stay, at))
                }
            };
            now.push(value + gains[at]);
            way.push(from);
            if let Some(value) = best.get(at) {
                let leaves = value + LEFT_OVER * before[at + 1];
                earlier = earlier.filter(|(known, _)| *known >= leaves).or(Some((leaves, at)));
            }
        }
        best = now;
        ways.push(way);
    }
    let last = |at: &usize| best[*at] - LEFT_OVER * (before[width] - before[*at + 1]);
    let mut at = (0..width).max_by(|a, b| last(a).total_cmp(&last(b)).then(b.cmp(a))).unwrap_or(0);
    let mut laid = vec![0; scores.len()];
    for (place, way) in ways.iter().enumerate().rev() {
        laid[place] = start + at;
        at = way[at];
    }
    laid
}

/// What the words speak for each paragraph of a run; nothing is laid to one that is no reply.
fn gains(scored: &[Scored], start: usize, replies: &[bool]) -> Vec<f64> {
    let mut gains: Vec<f64> = replies.iter().map(|is_reply| if *is_reply { 0.0 } else { -1.0 }).collect();
    for found in scored {
        if let Some(gain) = found.index.checked_sub(start).and_then(|at| gains.get_mut(at)) {
            *gain += found.words().min(WORDS);
        }
    }
    gains
}

fn tell(scores: &mut [Vec<Scored>], laid: &[usize], sentences: &dyn Fn(usize) -> usize) {
    let mut shared: HashMap<usize, usize> = HashMap::new();
    laid.iter().for_each(|at| *shared.entry(*at).or_default() += 1);
    for (scored, at) in scores.iter_mut().zip(laid) {
        if scored.iter().all(|found| found.index != *at) {
            scored.push(Scored::unlike(*at));
        }
        for found in scored {
            found.place = if found.index == *at {
                Place::Laid { room: share(sentences(*at), shared[at]) }
            } else if found.index.abs_diff(*at) == 1 {
                Place::Beside
            } else {
                Place::Elsewhere
            };
        }
    }
}

/// Sentences of a reply for each question that is laid to it, two at most.
#[expect(clippy::cast_precision_loss, reason = "sentences of a paragraph")]
fn share(sentences: usize, questions: usize) -> f64 {
    (sentences as f64 / questions.max(1) as f64).min(2.0)
}
