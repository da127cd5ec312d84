//! Scores an import against a gold annotation: counts per extractor, and the floors that each record has to reach.

use habeas_review::model::{Paragraph, Question, Review};
use serde_json::Value;
use std::collections::{BTreeMap, HashSet};
use std::fmt::Write;

/// The least that each extractor has to reach on each record.
pub const FLOORS: [(&str, f64); 17] = [
    ("paragraphs", 1.0),
    ("text", 0.98),
    ("turn starts", 0.95),
    ("speaker", 0.99),
    ("role", 0.98),
    ("kind", 0.95),
    ("question F1", 0.90),
    ("status", 0.60),
    ("unanswered F1", 0.65),
    ("link hit", 0.75),
    ("link precision", 0.45),
    ("figure F1", 0.95),
    ("figure unit", 0.80),
    ("commitment F1", 0.75),
    ("reference recall", 0.90),
    ("reference precision", 0.50),
    ("document", 0.95),
];

/// The extractors that find things which may be there or not, so that they have a precision and a recall.
pub const EXTRACTORS: [&str; 9] =
    ["paragraphs", "turns", "questions", "unanswered", "links", "figures", "commitments", "references", "tensions"];

/// What an extractor found, what of it was right, what it should have found, and what of that it found. What the annotation calls
/// optional counts neither as found nor as wanted, except that a reference may be given.
#[derive(Clone, Copy, Default)]
pub struct Counts {
    pub right: usize,
    pub found: usize,
    pub met: usize,
    pub wanted: usize,
}

impl Counts {
    fn of(hits: usize, found: usize, wanted: usize) -> Self {
        Counts { right: hits, found, met: hits, wanted }
    }

    /// How much of what it found was right; 1 where it found nothing.
    pub fn precision(&self) -> f64 {
        share(self.right, self.found)
    }

    /// How much of what it should have found it found; 1 where there was nothing.
    pub fn recall(&self) -> f64 {
        share(self.met, self.wanted)
    }

    /// Both together.
    pub fn add(&mut self, other: Counts) {
        self.right += other.right;
        self.found += other.found;
        self.met += other.met;
        self.wanted += other.wanted;
    }
}

/// Scores by name, counts by extractor, and what went wrong in words.
#[derive(Default)]
pub struct Scores {
    pub of: BTreeMap<&'static str, f64>,
    pub counts: BTreeMap<&'static str, Counts>,
    pub wrong: String,
}

#[expect(clippy::cast_precision_loss, reason = "counts of a record")]
fn share(good: usize, all: usize) -> f64 {
    if all == 0 { 1.0 } else { good as f64 / all as f64 }
}

fn f1(hits: usize, found: usize, wanted: usize) -> f64 {
    if found + wanted == 0 { 1.0 } else { share(2 * hits, found + wanted) }
}

fn list<'a>(gold: &'a Value, key: &str) -> Vec<&'a Value> {
    gold[key].as_array().map(|items| items.iter().collect()).unwrap_or_default()
}

fn number(value: &Value) -> u32 {
    u32::try_from(value.as_u64().unwrap_or(0)).expect("a small number")
}

impl Scores {
    fn note(&mut self, line: &str) {
        writeln!(self.wrong, "{line}").expect("a string grows");
    }

    /// Those below their floor.
    pub fn below(&self) -> Vec<String> {
        FLOORS
            .iter()
            .filter(|(name, floor)| self.of.get(name).is_none_or(|score| score < floor))
            .map(|(name, floor)| format!("{name}: {:.3}, floor {floor}", self.of.get(name).copied().unwrap_or(0.0)))
            .collect()
    }

    /// A line for each score, and one for each extractor.
    pub fn table(&self) -> String {
        let scores = self.of.iter().fold(String::new(), |table, (name, score)| format!("{table}{name:20} {score:.3}\n"));
        self.counts.iter().fold(scores, |table, (name, counts)| {
            let (precision, recall) = (counts.precision(), counts.recall());
            format!("{table}{name:20} precision {precision:.3} recall {recall:.3} (found {}, wanted {})\n", counts.found, counts.wanted)
        })
    }
}

/// Scores `review` against `gold`.
pub fn score(review: &Review, gold: &Value) -> Scores {
    let mut scores = Scores::default();
    paragraphs(review, gold, &mut scores);
    questions(review, gold, &mut scores);
    figures(review, gold, &mut scores);
    commitments(review, gold, &mut scores);
    references(review, gold, &mut scores);
    tensions(review, gold, &mut scores);
    document(review, gold, &mut scores);
    scores
}

fn paragraphs(review: &Review, gold: &Value, scores: &mut Scores) {
    let wanted = list(gold, "paragraphs");
    let by_number: BTreeMap<u32, &Paragraph> = review.paragraphs.iter().map(|paragraph| (paragraph.number, paragraph)).collect();
    let numbers: Vec<u32> = wanted.iter().map(|paragraph| number(&paragraph["number"])).collect();
    let found: Vec<u32> = review.paragraphs.iter().map(|paragraph| paragraph.number).collect();
    scores.of.insert("paragraphs", if numbers == found { 1.0 } else { 0.0 });
    let both = found.iter().filter(|number| numbers.contains(number)).count();
    scores.counts.insert("paragraphs", Counts::of(both, found.len(), numbers.len()));
    let named = |number: u32| wanted.iter().any(|want| want["number"] == number && want["explicit"] == true);
    let turned: Vec<u32> = review.paragraphs.iter().filter(|paragraph| paragraph.explicit).map(|paragraph| paragraph.number).collect();
    let turns = turned.iter().filter(|number| named(**number)).count();
    let wanted_turns = wanted.iter().filter(|want| want["explicit"] == true).count();
    scores.counts.insert("turns", Counts::of(turns, turned.len(), wanted_turns));
    let mut good = BTreeMap::<&str, usize>::new();
    for want in &wanted {
        let Some(got) = by_number.get(&number(&want["number"])) else { continue };
        let words = u32::try_from(got.text.split_whitespace().count()).expect("a small number");
        let checks = [
            ("text", words == number(&want["words"]), format!("{words} words, not {}", want["words"])),
            ("speaker", want["speaker"].as_str() == got.speaker.as_deref(), format!("{:?}, not {}", got.speaker, want["speaker"])),
            ("role", want["role"] == got.role.word(), format!("{:?}, not {}", got.role, want["role"])),
            ("turn starts", want["explicit"].as_bool() == Some(got.explicit), format!("explicit {}", got.explicit)),
            ("kind", serde_json::to_value(got.kind).expect("a word") == want["kind"], format!("{:?}, not {}", got.kind, want["kind"])),
        ];
        for (name, right, why) in checks {
            *good.entry(name).or_default() += usize::from(right);
            if !right {
                scores.note(&format!("{name}: paragraph {}: {why}", got.number));
            }
        }
    }
    for (name, count) in good {
        scores.of.insert(name, share(count, wanted.len()));
    }
}

/// Whether the words of a question hold one of the groups of keys.
fn holds(text: &str, keys: &Value) -> bool {
    let low = text.to_lowercase();
    let groups = keys.as_array().expect("groups of keys");
    groups.iter().any(|group| group.as_array().expect("keys").iter().all(|key| low.contains(&key.as_str().expect("a key").to_lowercase())))
}

/// Each gold question with the one of ours that takes its place: one to one, by augmenting paths.
fn matched<'a>(review: &'a Review, wanted: &[&Value]) -> Vec<Option<&'a Question>> {
    let fits = |want: usize, got: usize| {
        let question = &review.questions[got];
        question.paragraph == number(&wanted[want]["paragraph"]) && holds(&question.text, &wanted[want]["keys"])
    };
    let mut owner: Vec<Option<usize>> = vec![None; review.questions.len()];
    fn take(want: usize, owner: &mut [Option<usize>], seen: &mut HashSet<usize>, fits: &dyn Fn(usize, usize) -> bool) -> bool {
        for got in 0..owner.len() {
            if fits(want, got) && seen.insert(got) && owner[got].is_none_or(|other| take(other, owner, seen, fits)) {
                owner[got] = Some(want);
                return true;
            }
        }
        false
    }
    for want in 0..wanted.len() {
        take(want, &mut owner, &mut HashSet::new(), &fits);
    }
    (0..wanted.len()).map(|want| owner.iter().position(|taken| *taken == Some(want)).map(|got| &review.questions[got])).collect()
}

fn questions(review: &Review, gold: &Value, scores: &mut Scores) {
    let wanted = list(gold, "questions");
    let matched = matched(review, &wanted);
    let hits = matched.iter().flatten().count();
    scores.of.insert("question F1", f1(hits, review.questions.len(), wanted.len()));
    scores.counts.insert("questions", Counts::of(hits, review.questions.len(), wanted.len()));
    let taken: HashSet<&str> = matched.iter().flatten().map(|question| question.id.as_str()).collect();
    for extra in review.questions.iter().filter(|question| !taken.contains(question.id.as_str())) {
        scores.note(&format!("question: {} is not in the gold: {}", extra.id, extra.text));
    }
    let (mut status, mut judged, mut none_hit, mut none_found, mut none_wanted) = (0, 0, 0, 0, 0);
    let (mut linked, mut hit, mut given, mut right, mut answers) = (0, 0, 0, 0, 0);
    for (want, got) in wanted.iter().zip(&matched) {
        answers += list(want, "replies").len();
        let Some(got) = got else {
            scores.note(&format!("question: {} was not found ({})", want["id"], want["paraphrase"]));
            continue;
        };
        let replies: Vec<u32> = want["replies"].as_array().expect("replies").iter().map(number).collect();
        if want["status_disputable"] != true {
            judged += 1;
            status += usize::from(want["status"] == got.status.word());
            none_wanted += usize::from(want["status"] == "none");
            none_found += usize::from(got.status.word() == "none");
            none_hit += usize::from(want["status"] == "none" && got.status.word() == "none");
        }
        if !replies.is_empty() {
            linked += 1;
            hit += usize::from(got.replies.iter().take(3).any(|reply| replies.contains(reply)));
        }
        given += got.replies.len();
        right += got.replies.iter().filter(|reply| replies.contains(reply)).count();
        if want["status"] != got.status.word() || replies != got.replies {
            let line =
                format!("status: {} {} {:?}, not {} {replies:?}: {}", got.id, got.status.word(), got.replies, want["status"], got.text);
            scores.note(&line);
        }
    }
    scores.of.insert("status", share(status, judged));
    scores.of.insert("unanswered F1", f1(none_hit, none_found, none_wanted));
    scores.counts.insert("unanswered", Counts::of(none_hit, none_found, none_wanted));
    scores.counts.insert("links", Counts::of(right, given, answers));
    scores.of.insert("link hit", share(hit, linked));
    scores.of.insert("link precision", share(right, given));
}

fn figures(review: &Review, gold: &Value, scores: &mut Scores) {
    let wanted = list(gold, "figures");
    let mut open: Vec<bool> = vec![true; wanted.len()];
    let (mut hits, mut found, mut units) = (0, 0, 0);
    for got in &review.figures {
        let fits = |at: &usize| {
            let want = wanted[*at];
            open[*at]
                && number(&want["paragraph"]) == got.paragraph
                && want["value"].as_f64().is_some_and(|value| (value - got.value).abs() < 1e-6)
        };
        let same_unit = |at: &usize| wanted[*at]["unit"] == got.unit;
        let at = (0..wanted.len()).filter(fits).find(same_unit).or_else(|| (0..wanted.len()).find(fits));
        let Some(at) = at else {
            found += 1;
            scores.note(&format!("figure: {} in paragraph {} is not in the gold", got.as_printed, got.paragraph));
            continue;
        };
        open[at] = false;
        if wanted[at]["optional"] == true {
            continue;
        }
        found += 1;
        hits += 1;
        units += usize::from(same_unit(&at));
        if !same_unit(&at) {
            scores.note(&format!("unit: {} in paragraph {}: {}, not {}", got.as_printed, got.paragraph, got.unit, wanted[at]["unit"]));
        }
    }
    let needed = wanted.iter().filter(|want| want["optional"] != true).count();
    for (want, _) in wanted.iter().zip(&open).filter(|(want, open)| **open && want["optional"] != true) {
        scores.note(&format!("figure: {} in paragraph {} was not found", want["as_printed"], want["paragraph"]));
    }
    scores.of.insert("figure F1", f1(hits, found, needed));
    scores.counts.insert("figures", Counts::of(hits, found, needed));
    scores.of.insert("figure unit", share(units, hits));
}

fn commitments(review: &Review, gold: &Value, scores: &mut Scores) {
    let all = list(gold, "commitments");
    let wanted: HashSet<u32> = all.iter().filter(|want| want["optional"] != true).map(|want| number(&want["paragraph"])).collect();
    let allowed: HashSet<u32> = all.iter().map(|want| number(&want["paragraph"])).collect();
    let found: HashSet<u32> =
        review.commitments.iter().map(|found| found.paragraph).filter(|at| wanted.contains(at) || !allowed.contains(at)).collect();
    let hits = wanted.intersection(&found).count();
    scores.of.insert("commitment F1", f1(hits, found.len(), wanted.len()));
    scores.counts.insert("commitments", Counts::of(hits, found.len(), wanted.len()));
    for extra in found.difference(&wanted) {
        scores.note(&format!("commitment: paragraph {extra} has none"));
    }
    for missed in wanted.difference(&found) {
        scores.note(&format!("commitment: paragraph {missed} has one"));
    }
}

fn references(review: &Review, gold: &Value, scores: &mut Scores) {
    let bare = |text: &str| text.to_lowercase().trim_start_matches("the ").to_owned();
    let wanted = list(gold, "references");
    let same = |want: &Value, paragraph: Option<u32>, printed: &str| {
        let (want_text, got) = (bare(want["as_printed"].as_str().expect("a name")), bare(printed));
        want["paragraph"].as_u64().map(|at| u32::try_from(at).expect("small")) == paragraph
            && (want_text.contains(&got) || got.contains(&want_text))
    };
    let needed: Vec<&&Value> = wanted.iter().filter(|want| want["optional"] != true).collect();
    let met = |want: &&&&Value| review.references.iter().any(|got| same(want, got.paragraph, &got.as_printed));
    let recalled = needed.iter().filter(met).count();
    for missed in needed.iter().filter(|want| !met(want)) {
        scores.note(&format!("reference: {} in paragraph {} was not found", missed["as_printed"], missed["paragraph"]));
    }
    let right = review.references.iter().filter(|got| wanted.iter().any(|want| same(want, got.paragraph, &got.as_printed)));
    scores.of.insert("reference recall", share(recalled, needed.len()));
    let counts = Counts { right: right.count(), found: review.references.len(), met: recalled, wanted: needed.len() };
    scores.of.insert("reference precision", counts.precision());
    scores.counts.insert("references", counts);
    for extra in review.references.iter().filter(|got| !wanted.iter().any(|want| same(want, got.paragraph, &got.as_printed))) {
        scores.note(&format!("reference: {:?} in {:?} is not in the gold", extra.as_printed, extra.paragraph));
    }
}

/// A tension is met where all its paragraphs are named together. The oldest annotations name none, and are left out.
fn tensions(review: &Review, gold: &Value, scores: &mut Scores) {
    if !gold["tensions"].is_array() {
        return;
    }
    let wanted: Vec<Vec<u32>> =
        list(gold, "tensions").into_iter().map(|want| list(want, "paragraphs").into_iter().map(number).collect()).collect();
    let meets = |want: &[u32], found: &[u32]| want.iter().all(|paragraph| found.contains(paragraph));
    let right = review.tensions.iter().filter(|found| wanted.iter().any(|want| meets(want, &found.paragraphs))).count();
    let met = wanted.iter().filter(|want| review.tensions.iter().any(|found| meets(want, &found.paragraphs))).count();
    scores.counts.insert("tensions", Counts { right, found: review.tensions.len(), met, wanted: wanted.len() });
    for missed in wanted.iter().filter(|want| !review.tensions.iter().any(|found| meets(want, &found.paragraphs))) {
        scores.note(&format!("tension: {missed:?} was not found"));
    }
    for extra in review.tensions.iter().filter(|found| !wanted.iter().any(|want| meets(want, &found.paragraphs))) {
        scores.note(&format!("tension: {:?} is not in the gold: {}", extra.paragraphs, extra.about));
    }
}

fn document(review: &Review, gold: &Value, scores: &mut Scores) {
    let got = serde_json::to_value(&review.document).expect("a document");
    let wanted = gold["document"].as_object().expect("the fields");
    let good = wanted.iter().filter(|(key, want)| got[key.as_str()] == **want).count();
    for (key, want) in wanted.iter().filter(|(key, want)| got[key.as_str()] != **want) {
        scores.note(&format!("document: {key}: {}, not {want}", got[key.as_str()]));
    }
    scores.of.insert("document", share(good, wanted.len()));
}
