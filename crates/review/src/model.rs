//! What an import says: the object of `habeas.review/1`, key by key. It holds words of the source and what rules made of them; it never
//! holds a judgement on whether an answer was true.

use serde::{Deserialize, Serialize};

/// The name of the form, as the first key says it.
pub const SCHEMA: &str = "habeas.review/1";

/// Everything that was found in one document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Review {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// What the heading says.
    pub document: Document,
    /// The numbered paragraphs, in order.
    pub paragraphs: Vec<Paragraph>,
    /// Who had the floor, from where to where.
    pub turns: Vec<Turn>,
    /// Each separate thing asked.
    pub questions: Vec<Question>,
    /// Each quantity stated.
    pub figures: Vec<Figure>,
    /// What was said to come.
    pub commitments: Vec<Commitment>,
    /// Laws, articles, documents, cases and treaties that are named.
    pub references: Vec<Reference>,
    /// Places that cannot both hold as they stand: offered as questions, never as accusations.
    pub tensions: Vec<Tension>,
    /// Concluding observations and reports of peer reviews: what the State should do, each point apart.
    pub recommendations: Vec<Recommendation>,
    /// What was odd in the file, with its line.
    pub diagnostics: Vec<Diagnostic>,
}

/// What kind of text a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// Who said what in a meeting.
    SummaryRecord,
    /// What a committee found and recommends.
    ConcludingObservations,
    /// Questions put in writing before a meeting.
    ListOfIssues,
    /// Letters and replies after the recommendations.
    FollowUp,
    /// Another text of the same bodies.
    Other,
}

/// Where a symbol came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SymbolSource {
    /// The heading prints it.
    Printed,
    /// Made from the committee's code and the number of the meeting.
    Derived,
}

/// A pause of a meeting; each end as `HH:MM`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspension {
    /// When it began.
    pub from: Option<String>,
    /// When the meeting went on.
    pub to: Option<String>,
}

/// What the heading and the stage directions of a document say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// What kind of text it is.
    pub kind: DocumentKind,
    /// The symbol, such as `CAT/C/SR.9012`.
    pub symbol: Option<String>,
    /// Whether the symbol was printed.
    pub symbol_source: Option<SymbolSource>,
    /// The committee's name.
    pub committee: Option<String>,
    /// The committee's code.
    pub committee_code: Option<String>,
    /// The number of the session.
    pub session: Option<u32>,
    /// The number of the meeting.
    pub meeting: Option<u32>,
    /// The day of the meeting, or of adoption where it is concluding observations.
    pub date: Option<String>,
    /// The day of issue.
    pub distributed: Option<String>,
    /// When the meeting was called to order, `HH:MM`.
    pub called_to_order: Option<String>,
    /// When it rose.
    pub rose: Option<String>,
    /// Its pauses.
    pub suspensions: Vec<Suspension>,
    /// Where it was held.
    pub place: Option<String>,
    /// Who chaired it, as printed; the first where it changed.
    pub chair: Option<String>,
    /// The State under review.
    pub state: Option<String>,
    /// The report under review.
    pub report: Option<String>,
    /// Two letters.
    pub original_language: Option<String>,
    /// Whether the item goes on from an earlier meeting.
    pub continued: bool,
    /// Symbols printed on the item line.
    pub documents: Vec<String>,
    /// Whether the numbers of the paragraphs were lost and counted anew.
    pub numbers_inferred: bool,
    /// Concluding observations: the day of adoption.
    pub adopted: Option<String>,
    /// Concluding observations: when the next report is due.
    pub next_report: Option<String>,
}

/// In which role somebody speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Whoever chairs.
    Chair,
    /// A member titled rapporteur for this State.
    Rapporteur,
    /// Another member of the committee.
    Expert,
    /// The State under review.
    Delegation,
    /// The secretariat.
    Secretariat,
    /// Somebody else.
    Observer,
    /// Nobody.
    None,
}

impl Role {
    /// Whether the role sits on the committee's side.
    #[must_use]
    pub fn is_committee(self) -> bool {
        match self {
            Role::Chair | Role::Rapporteur | Role::Expert => true,
            Role::Delegation | Role::Secretariat | Role::Observer | Role::None => false,
        }
    }

    /// The word of the format.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Role::Chair => "chair",
            Role::Rapporteur => "rapporteur",
            Role::Expert => "expert",
            Role::Delegation => "delegation",
            Role::Secretariat => "secretariat",
            Role::Observer => "observer",
            Role::None => "none",
        }
    }
}

/// What a paragraph does in the dialogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Nobody speaks, or the chair only leads the meeting.
    Procedure,
    /// It asks or invites.
    Question,
    /// It answers.
    Reply,
    /// Anything else.
    Statement,
}

/// One numbered paragraph, its halves joined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paragraph {
    /// Its number.
    pub number: u32,
    /// Who speaks, as printed.
    pub speaker: Option<String>,
    /// What stood in brackets behind the name.
    pub title: Option<String>,
    /// The speaker's role.
    pub role: Role,
    /// Whether the paragraph itself names the speaker.
    pub explicit: bool,
    /// The turn; 0 for nobody.
    pub turn: u32,
    /// What it does.
    pub kind: Kind,
    /// Topics of the fixed list.
    pub topics: Vec<String>,
    /// All that follows the number.
    pub text: String,
    /// 1, or more where a page break cut it.
    pub pieces: u32,
    /// First and last line in the file.
    pub lines: [u32; 2],
}

/// One turn at the floor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// Its number, from 1.
    pub turn: u32,
    /// Who spoke.
    pub speaker: String,
    /// What stood in brackets.
    pub title: Option<String>,
    /// The role.
    pub role: Role,
    /// First paragraph.
    pub first: u32,
    /// Last paragraph.
    pub last: u32,
}

/// What kind of asking it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuestionType {
    /// The committee asks.
    Question,
    /// The committee encourages.
    Encouragement,
    /// The delegation asks what was meant.
    Clarification,
}

/// How far a thing asked was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// No later paragraph takes it up.
    None,
    /// It was said that it will not be answered.
    Declined,
    /// A part, or the subject without what was asked.
    Partial,
    /// What was asked was given.
    Full,
}

impl Status {
    /// The word of the format.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Status::None => "none",
            Status::Declined => "declined",
            Status::Partial => "partial",
            Status::Full => "full",
        }
    }
}

/// One thing asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// `q<paragraph>.<n>`.
    pub id: String,
    /// The paragraph that asks.
    pub paragraph: u32,
    /// What kind of asking.
    #[serde(rename = "type")]
    pub kind: QuestionType,
    /// The words that ask it.
    pub text: String,
    /// The sentence around them.
    pub sentence: String,
    /// Who asked.
    pub asked_by: Option<String>,
    /// Topics of the fixed list.
    pub topics: Vec<String>,
    /// How far it was answered.
    pub status: Status,
    /// Paragraphs that answer, best first.
    pub replies: Vec<u32>,
    /// Why they were linked.
    pub reasons: Vec<String>,
    /// How sure the link is, 0 to 1.
    pub confidence: f64,
    /// The nearest paragraph where none was sure enough to be a reply.
    pub nearest: Option<u32>,
    /// Paragraphs before the question that touch it already.
    pub earlier: Vec<u32>,
    /// What a person decided instead, beside what was computed.
    #[serde(default)]
    pub overridden: Option<Overridden>,
}

/// What a person decided about a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overridden {
    /// The status, where it was decided.
    pub status: Option<Status>,
    /// The replies, where they were decided.
    pub replies: Option<Vec<u32>>,
    /// Who decided.
    pub by: String,
    /// When, RFC 3339.
    pub at: String,
    /// Why, in the person's words.
    pub note: Option<String>,
}

impl Question {
    /// The status that counts: a person's, else the computed one. What nobody took up by the rules is answered in part where a person
    /// names a reply and no status.
    #[must_use]
    pub fn standing(&self) -> Status {
        let Some(decided) = &self.overridden else { return self.status };
        let named = decided.replies.as_ref().is_some_and(|replies| !replies.is_empty());
        decided.status.unwrap_or(if named && self.status == Status::None { Status::Partial } else { self.status })
    }

    /// The replies that count: a person's, else the computed ones.
    #[must_use]
    pub fn standing_replies(&self) -> &[u32] {
        self.overridden.as_ref().and_then(|decided| decided.replies.as_deref()).unwrap_or(&self.replies)
    }
}

/// How a figure is hedged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Qualifier {
    /// As it stands.
    Exact,
    /// About.
    About,
    /// Almost.
    Almost,
    /// More than.
    Over,
    /// This or more.
    AtLeast,
    /// This or less.
    AtMost,
    /// Less than.
    Under,
    /// Once in each.
    Every,
}

/// A quantity somebody stated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// Where.
    pub paragraph: u32,
    /// The words.
    pub as_printed: String,
    /// The number.
    pub value: f64,
    /// The thing counted.
    pub unit: String,
    /// The words around it.
    pub what: String,
    /// The time it speaks of, `from/to`.
    pub period: Option<String>,
    /// How it is hedged.
    pub qualifier: Qualifier,
    /// The role that stated it.
    pub stated_by: Role,
}

/// How firm a commitment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strength {
    /// An outcome is assured.
    Promise,
    /// An act is said to come.
    Planned,
    /// It is under way.
    Ongoing,
    /// It is being thought about.
    Considering,
}

/// Something said to come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commitment {
    /// Where.
    pub paragraph: u32,
    /// The sentence.
    pub text: String,
    /// How firm.
    pub strength: Strength,
    /// By when: a year, month or day.
    pub due: Option<String>,
}

/// What a reference names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReferenceType {
    /// A document with a symbol.
    Document,
    /// An article, section or rule.
    Article,
    /// A law or code.
    Law,
    /// A decree or order.
    Decree,
    /// A plan, strategy or programme.
    Plan,
    /// A treaty.
    Treaty,
    /// Rules and principles that are no treaty.
    Standard,
    /// A case.
    Case,
    /// A decision or resolution.
    Decision,
    /// An individual communication.
    Communication,
}

/// Something named in the text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// Where; nothing for the heading.
    pub paragraph: Option<u32>,
    /// The name alone.
    pub as_printed: String,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: ReferenceType,
    /// A form to compare by.
    pub normalised: String,
}

/// Two places that cannot both hold as they stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tension {
    /// At most four.
    pub paragraphs: Vec<u32>,
    /// What to ask.
    pub about: String,
}

impl Tension {
    /// Where to look: `paragraph 6`, `paragraphs 8 and 31`.
    #[must_use]
    pub fn place(&self) -> String {
        let numbers: Vec<String> = self.paragraphs.iter().map(u32::to_string).collect();
        match numbers.as_slice() {
            [one] => format!("paragraph {one}"),
            [all @ .., last] => format!("paragraphs {} and {last}", all.join(", ")),
            [] => String::new(),
        }
    }
}

/// One point of what a State should do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recommendation {
    /// `r<paragraph>`, with its point: `r6a`; `r106.12`.
    pub id: String,
    /// The paragraph.
    pub paragraph: u32,
    /// The point within it, `a` or `12`.
    pub point: Option<String>,
    /// How the paragraph is cited: `6 (a)`, `106.12`.
    pub cited: String,
    /// The words.
    pub text: String,
    /// Topics of the fixed list.
    pub topics: Vec<String>,
    /// Whether it is chosen for follow-up.
    pub follow_up: bool,
    /// When the follow-up is due.
    pub due: Option<String>,
    /// Whether it is about the procedure: ratifying, spreading, reporting.
    pub procedural: bool,
    /// Peer reviews: who made it.
    pub by: Vec<String>,
    /// `accepted`, `partly` or `noted`, where the document says so.
    pub response: Option<String>,
}

/// Something odd in a file that was imported all the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// Which oddity.
    pub code: String,
    /// The line in the file, from 1.
    pub line: Option<u32>,
    /// The paragraph.
    pub paragraph: Option<u32>,
    /// A sentence for a person.
    pub message: String,
}
