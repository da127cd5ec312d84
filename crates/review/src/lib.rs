//! Treaty review: a record of a dialogue, concluding observations, a list of issues or a letter goes in as bytes; paragraphs, speakers,
//! questions, replies, figures, commitments, references and recommendations come out.
//!
//! The rules are over text alone: no network, no model, no clock; the same bytes give the same answer. No name of a State, of a person
//! or of a committee's member stands in the code; the words of the trade stand in `words/`.
//!
//! Start reading at [`import`].

mod cleaning;
mod commitments;
mod corrections;
mod error;
mod figures;
mod formats;
mod heading;
mod kinds;
mod lines;
mod linker;
pub mod model;
mod numbers;
mod paragraphs;
mod patterns;
mod peer_review;
mod periods;
mod prose;
mod questions;
mod recommendations;
mod references;
pub mod reply;
mod speakers;
mod splitting;
mod standing_alone;
mod tensions;
mod times;
mod topics;
pub mod tracker;
mod unnumbered;

pub use error::ReviewError;
pub use formats::text_of;
pub use standing_alone::own as own_words;

use lines::{Line, LineKind};
use model::{Commitment, Diagnostic, Document, DocumentKind, Figure, Kind, Paragraph, Question, Review, Role, SCHEMA, Tension, Turn};
use paragraphs::{Block, Body};
use std::collections::{HashMap, HashSet};

/// Reads a document of a treaty body from the bytes of its file: text, Markdown, HTML, .docx or PDF.
///
/// # Errors
/// Bytes that are no text, a damaged file, or a text that is not of a treaty body.
pub fn import(bytes: &[u8]) -> Result<Review, ReviewError> {
    let text = text_of(bytes)?;
    import_text(&text)
}

/// The time that a text speaks of, the first one named: `from/to`, `2030`, `2027/`; nothing where it names none.
#[must_use]
pub fn period_of(text: &str) -> Option<String> {
    periods::first(&prose::tokens(text))
}

/// Reads a document from its text; lines end in `\n`.
///
/// # Errors
/// A text that is not of a treaty body.
pub fn import_text(text: &str) -> Result<Review, ReviewError> {
    let (read, ()) = together(|| read(text), make_patterns);
    read
}

/// Makes the largest patterns, in the order in which reading needs them: a third of what a short record costs.
fn make_patterns() {
    heading::make_patterns();
    questions::make_patterns();
    linker::make_groups();
    commitments::make_patterns();
}

/// Does one thing here and the other beside it, on a core that is free.
fn together<A, B: Send>(here: impl FnOnce() -> A, beside: impl FnOnce() -> B + Send) -> (A, B) {
    std::thread::scope(|scope| {
        let other = scope.spawn(beside);
        let own = here();
        (own, other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}

fn read(text: &str) -> Result<Review, ReviewError> {
    let lines = lines::lines(text);
    let mut body = paragraphs::read(&lines);
    corrections::apply(&lines, &mut body);
    let above = body.above.min(lines.len());
    let heading = heading::read(&lines[..above], &lines);
    let mut document = heading.document;
    document.numbers_inferred = body.inferred && !body.blocks.is_empty();
    body.peer_review = peer_review::is_one(&lines);
    recognised(&document, &body)?;
    if body.peer_review && document.kind != DocumentKind::SummaryRecord {
        document.kind = DocumentKind::Other;
        document.state = document.state.take().or_else(|| peer_review::state(&lines));
    }
    if document.state.is_none() && document.kind == DocumentKind::SummaryRecord {
        document.state = speakers::state_of_speakers(&body.blocks);
    }
    let (said, references) = together(
        || analysed(&document, &body.blocks),
        || references::references(&heading.text, document.committee_code.as_deref(), &document.documents, &body.blocks),
    );
    let Said { paragraphs, turns, questions, figures, commitments, tensions } = said;
    let recommendations = match document.kind {
        DocumentKind::ConcludingObservations => {
            let footnotes = footnotes(&lines);
            document.session = document.session.or_else(|| heading::session(&footnotes));
            recommendations::of_observations(&mut document, &heading.text, &footnotes, &paragraphs)
        }
        DocumentKind::Other if body.peer_review => peer_review::recommendations(&lines),
        DocumentKind::SummaryRecord | DocumentKind::ListOfIssues | DocumentKind::FollowUp | DocumentKind::Other => Vec::new(),
    };
    let diagnostics = diagnostics(body, &document, heading.has_end, &paragraphs);
    let schema = SCHEMA.to_owned();
    Ok(Review { schema, document, paragraphs, turns, questions, figures, commitments, references, tensions, recommendations, diagnostics })
}

/// What is said in a document.
struct Said {
    paragraphs: Vec<Paragraph>,
    turns: Vec<Turn>,
    questions: Vec<Question>,
    figures: Vec<Figure>,
    commitments: Vec<Commitment>,
    tensions: Vec<Tension>,
}

fn analysed(document: &Document, blocks: &[Block]) -> Said {
    let mut paragraphs: Vec<Paragraph> = blocks.iter().map(paragraph).collect();
    let turns = match document.kind {
        DocumentKind::SummaryRecord => speakers::seat(&mut paragraphs, blocks, document.state.as_deref()),
        DocumentKind::ConcludingObservations | DocumentKind::ListOfIssues | DocumentKind::FollowUp | DocumentKind::Other => Vec::new(),
    };
    let ((mut questions, figures), indexed) =
        together(|| (asked(document, &paragraphs), figures::figures(&paragraphs)), || linker::Indexed::of(&paragraphs));
    decide_kinds(document, &mut paragraphs, &questions);
    let linker::Indexed { words, index } = indexed;
    let compared = linker::Compared::of(&index, &words);
    let ((), (commitments, tensions)) = together(
        || linker::link(&mut questions, &paragraphs, &figures, &index, words),
        || (commitments::commitments(&paragraphs), tensions::tensions(&paragraphs, &figures, &compared)),
    );
    standing_alone::complete(&mut questions);
    Said { paragraphs, turns, questions, figures, commitments, tensions }
}

/// A file is recognised by a committee and a paragraph, or by the kind of a text and several paragraphs.
fn recognised(document: &Document, body: &Body) -> Result<(), ReviewError> {
    let named = document.committee.is_some() || document.symbol.is_some() || body.peer_review;
    let known = match document.kind {
        DocumentKind::SummaryRecord | DocumentKind::ConcludingObservations | DocumentKind::ListOfIssues => true,
        DocumentKind::FollowUp | DocumentKind::Other => named,
    };
    if !body.blocks.is_empty() && named && known {
        return Ok(());
    }
    let found = match (named, body.blocks.len()) {
        (true, _) => "the name of a body, but no paragraphs".to_owned(),
        (false, 0) => "neither a committee nor paragraphs".to_owned(),
        (false, count) => format!("{count} paragraphs, but no committee"),
    };
    Err(ReviewError::NotTreaty { found })
}

fn paragraph(block: &Block) -> Paragraph {
    Paragraph {
        number: block.number,
        speaker: None,
        title: None,
        role: Role::None,
        explicit: false,
        turn: 0,
        kind: Kind::Statement,
        topics: topics::topics(&block.text),
        text: block.text.clone(),
        pieces: block.pieces,
        lines: [block.first, block.last],
    }
}

fn asked(document: &Document, paragraphs: &[Paragraph]) -> Vec<Question> {
    let role = |paragraph: &Paragraph| match document.kind {
        DocumentKind::ListOfIssues => Role::Expert,
        DocumentKind::SummaryRecord | DocumentKind::ConcludingObservations | DocumentKind::FollowUp | DocumentKind::Other => paragraph.role,
    };
    let mut all: Vec<Question> = paragraphs
        .iter()
        .flat_map(|paragraph| questions::of_paragraph(paragraph.number, role(paragraph), paragraph.speaker.as_deref(), &paragraph.text))
        .collect();
    // A record may have a paragraph's number twice: its questions are counted on.
    let mut counts: HashMap<u32, usize> = HashMap::new();
    for question in &mut all {
        let count = counts.entry(question.paragraph).or_default();
        *count += 1;
        question.id = format!("q{}.{count}", question.paragraph);
    }
    all
}

fn decide_kinds(document: &Document, paragraphs: &mut [Paragraph], questions: &[Question]) {
    match document.kind {
        DocumentKind::SummaryRecord => kinds::decide(paragraphs, questions),
        DocumentKind::ListOfIssues => {
            let asked: HashSet<u32> = questions.iter().map(|question| question.paragraph).collect();
            for paragraph in paragraphs.iter_mut() {
                let asks = asked.contains(&paragraph.number);
                paragraph.kind = if asks { Kind::Question } else { Kind::Statement };
            }
        }
        DocumentKind::ConcludingObservations | DocumentKind::FollowUp | DocumentKind::Other => {}
    }
}

/// The text of all footnotes: that of the title may tell the day of adoption.
fn footnotes(lines: &[Line]) -> String {
    lines.iter().filter(|line| line.kind == LineKind::Footnote).map(|line| line.plain.as_str()).collect::<Vec<_>>().join(" ")
}

fn diagnostics(body: Body, document: &Document, has_end: bool, paragraphs: &[Paragraph]) -> Vec<Diagnostic> {
    let mut found = body.diagnostics;
    let unseated = paragraphs.iter().find(|paragraph| paragraph.role == Role::None && paragraph.kind != Kind::Procedure);
    if document.kind == DocumentKind::SummaryRecord {
        if let Some(paragraph) =
            unseated.or_else(|| paragraphs.iter().find(|paragraph| paragraph.role == Role::None && paragraph.text.len() > 400))
        {
            let message = "nobody is named who says this".to_owned();
            let (line, number) = (Some(paragraph.lines[0]), Some(paragraph.number));
            found.push(Diagnostic { code: "speaker_unknown".to_owned(), line, paragraph: number, message });
        }
        if !has_end {
            let message = "no line tells when the meeting rose: the file may be cut short".to_owned();
            found.push(Diagnostic { code: "no_end_line".to_owned(), line: None, paragraph: None, message });
        }
    }
    found
}
