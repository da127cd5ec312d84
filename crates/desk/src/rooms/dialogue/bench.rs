//! The workbench: paragraph by paragraph, the source on one side, on the other what was asked there, how far it was answered, which figures
//! were given and what the register says to them.

use super::upload::Upload;
use super::{DOCUMENT, drafting};
use crate::account::SignedIn;
use crate::desk::Desk;
use crate::dialogue::answering::{self, Counting, Says, Tables};
use crate::dialogue::offering::Offers;
use crate::error::{Answer, DeskError, show};
use crate::forms::new_id;
use crate::shell::Shell;
use askama::Template;
use axum::extract::{Form, Path, Query, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use habeas_returns::period::Period;
use habeas_review::model::{Question, Review, Status};
use habeas_review::tracker::overriding;
use serde::Deserialize;

struct Listed {
    href: String,
    name: String,
    at: String,
}

#[derive(Template)]
#[template(path = "pages/reviews.html")]
struct List {
    shell: Shell,
    documents: Vec<Listed>,
    /// Why what was sent was not taken, in the words of whoever read it.
    refused: String,
}

/// A question, as shown.
struct Asked {
    id: String,
    text: String,
    by: String,
    status_text: &'static str,
    choices: Vec<(&'static str, &'static str, bool)>,
    replies: String,
    replied: Vec<u32>,
    reasons: String,
    decided: Option<String>,
    next: String,
    is_open: bool,
    table: Option<Offered>,
}

/// The table that would answer a question, with its first totals for the period that is asked about.
struct Offered {
    name: String,
    href: String,
    totals: Vec<(String, String)>,
}

/// How many totals stand beside a question; the table has them all.
const TOTALS: usize = 4;

/// A figure, as shown.
struct Stated {
    text: String,
    period: String,
    says: &'static str,
    against: String,
    value: String,
    why: &'static str,
}

struct Paragraph {
    number: u32,
    speaker: String,
    text: String,
    questions: Vec<Asked>,
    figures: Vec<Stated>,
    promises: Vec<String>,
}

#[derive(Template)]
#[template(path = "pages/review.html")]
struct Bench {
    shell: Shell,
    id: String,
    symbol: String,
    asked: usize,
    open: usize,
    only_open: bool,
    first_open: String,
    paragraphs: Vec<Paragraph>,
    tensions: Vec<String>,
    recommendations: Vec<(String, String, String)>,
}

/// What the address asks.
#[derive(Debug, Default, Deserialize)]
pub struct Filter {
    #[serde(default)]
    show: String,
}

/// A decision as the form sends it.
#[derive(Deserialize)]
pub struct Decided {
    #[serde(default)]
    form_token: String,
    question: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    replies: String,
    #[serde(default)]
    why: String,
    #[serde(default)]
    next: String,
}

/// How far a question may be answered.
const STATUSES: [Status; 4] = [Status::Full, Status::Partial, Status::Declined, Status::None];

/// Id of the text for it.
fn said(status: Status) -> &'static str {
    match status {
        Status::Full => "review-full",
        Status::Partial => "review-partial",
        Status::Declined => "review-declined",
        Status::None => "review-none",
    }
}

/// The documents that are kept, and a box for another.
pub async fn list(State(desk): State<Desk>, who: SignedIn) -> Answer {
    desk.must_keep_the_plan(&who)?;
    listed(&desk, &who, String::new()).await
}

async fn listed(desk: &Desk, who: &SignedIn, refused: String) -> Answer {
    let shell = desk.shell(who, "review-title").at("/review").mistaken(!refused.is_empty());
    let language = who.language;
    let documents = desk.work(move |desk| {
        let teller = desk.teller(language);
        let one = |(name, at): (String, habeas_codebook::moment::Moment)| {
            let id = name.trim_start_matches(DOCUMENT).to_owned();
            let review = desk.document(&id);
            let symbol = review.ok().and_then(|review| review.document.symbol.or(review.document.state)).unwrap_or_else(|| id.clone());
            Listed { href: format!("/review/{id}"), name: symbol, at: teller.instant(at) }
        };
        Ok(desk.accounts.papers(DOCUMENT)?.into_iter().map(one).collect())
    });
    show(&List { shell, documents: documents.await?, refused })
}

/// Takes a document in, as a file or as pasted text. One that cannot be read, or is no text of a treaty body, is refused with the reason,
/// and nothing is kept.
pub async fn take(State(desk): State<Desk>, who: SignedIn, request: Request) -> Answer {
    let sent = Upload::read(request).await?;
    who.made(&sent.form_token)?;
    desk.must_keep_the_plan(&who)?;
    let taken = desk.work(move |desk| {
        let bytes = sent.files.into_iter().next().map_or_else(|| sent.text.into_bytes(), |(_, bytes)| bytes);
        if let Err(error) = habeas_review::import(&bytes) {
            return Ok(Err(error.to_string()));
        }
        let id = new_id("d")?;
        desk.accounts.keep_paper(&format!("{DOCUMENT}{id}"), &bytes, desk.now())?;
        Ok(Ok(id))
    });
    match taken.await? {
        Ok(id) => Ok(Redirect::to(&format!("/review/{id}")).into_response()),
        Err(why) => Ok((StatusCode::UNPROCESSABLE_ENTITY, listed(&desk, &who, why).await?).into_response()),
    }
}

/// The workbench on one document.
pub async fn page(State(desk): State<Desk>, who: SignedIn, Path(id): Path<String>, Query(filter): Query<Filter>) -> Answer {
    desk.must_keep_the_plan(&who)?;
    let shell = desk.shell(&who, "review-title").at(format!("/review/{id}"));
    let page = desk.work(move |desk| {
        let review = desk.document(&id)?;
        made(desk, shell, id, &review, filter.show == "open")
    });
    show(&page.await?)
}

fn made(desk: &Desk, shell: Shell, id: String, review: &Review, only_open: bool) -> Result<Bench, DeskError> {
    let as_of = desk.now();
    desk.wait_until_read()?;
    let log = desk.whole_log()?;
    let tables = Tables::of(&desk.codebook);
    let mut counting = Counting::new(&desk.codebook, &log, as_of);
    let beside = answering::beside(&review.figures, &tables, &mut counting);
    let is_open = |question: &&Question| question.standing() != Status::Full;
    let open: Vec<&str> = review.questions.iter().filter(is_open).map(|question| question.id.as_str()).collect();
    let year = answering::year_before(&desk.codebook, review.document.date.as_deref(), as_of);
    let offers = Offers::of(&desk.codebook);
    let mut filling = Counting::new(&desk.codebook, &log, as_of);
    let mut asked = |question: &Question| {
        let after = open.iter().skip_while(|id| **id != question.id).nth(1).or(open.first());
        let table = offered(desk, question, &offers, &mut filling, year.as_ref());
        let decided = question.overridden.as_ref().map(|decided| {
            let note = decided.note.as_deref().map(|note| format!(": {note}")).unwrap_or_default();
            format!("{}{note}", decided.by)
        });
        let replies = question.standing_replies().iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
        Asked {
            id: question.id.clone(),
            text: question.text.clone(),
            by: question.asked_by.clone().unwrap_or_default(),
            status_text: said(question.standing()),
            choices: STATUSES.into_iter().map(|one| (one.word(), said(one), one == question.standing())).collect(),
            replies,
            replied: question.standing_replies().to_vec(),
            reasons: question.reasons.join("; "),
            decided,
            next: after.map(|id| format!("#{id}")).unwrap_or_default(),
            is_open: question.standing() != Status::Full,
            table,
        }
    };
    let mut paragraph = |own: &habeas_review::model::Paragraph| Paragraph {
        number: own.number,
        // A paragraph that names its speaker itself needs no label before it.
        speaker: own.speaker.clone().filter(|_| !own.explicit).unwrap_or_default(),
        text: own.text.clone(),
        questions: review.questions.iter().filter(|question| question.paragraph == own.number).map(&mut asked).collect(),
        figures: review
            .figures
            .iter()
            .zip(&beside)
            .filter(|(figure, _)| figure.paragraph == own.number)
            .map(|(figure, beside)| stated(figure, beside))
            .collect(),
        promises: review.commitments.iter().filter(|made| made.paragraph == own.number).map(|made| made.text.clone()).collect(),
    };
    let mut paragraphs: Vec<Paragraph> = review.paragraphs.iter().map(&mut paragraph).collect();
    if only_open {
        paragraphs.retain(|paragraph| paragraph.questions.iter().any(|question| question.is_open));
    }
    Ok(Bench {
        shell,
        symbol: review.document.symbol.clone().or(review.document.state.clone()).unwrap_or_else(|| id.clone()),
        id,
        asked: review.questions.len(),
        open: open.len(),
        only_open,
        first_open: open.first().map(|id| format!("#{id}")).unwrap_or_default(),
        paragraphs,
        tensions: review.tensions.iter().map(to_ask).collect(),
        recommendations: review
            .recommendations
            .iter()
            .map(|found| (found.cited.clone(), found.text.clone(), found.due.clone().unwrap_or_default()))
            .collect(),
    })
}

/// The table that would answer a question, filled.
fn offered(desk: &Desk, question: &Question, offers: &Offers<'_>, filling: &mut Counting<'_>, year: Option<&Period>) -> Option<Offered> {
    let table = offers.answering(&question.text)?;
    let period = answering::period_for(&desk.codebook, &question.text, year, filling.as_of())?;
    let made = filling.table(table, &period);
    let totals = drafting::figures(&made, "").into_iter().take(TOTALS).map(|given| (given.what, given.value)).collect();
    let name = format!("{} {}, {}", table.id, table.title, period.name);
    Some(Offered { name, href: format!("/statistics?table={}&period={}", table.id, period.name), totals })
}

/// Two places that cannot both hold, as a question.
fn to_ask(found: &habeas_review::model::Tension) -> String {
    let place = found.place();
    let place = place.strip_prefix('p').map_or_else(|| place.clone(), |rest| format!("P{rest}"));
    format!("{place}: {}", found.about)
}

/// A figure with what the register says to it.
fn stated(figure: &habeas_review::model::Figure, beside: &answering::Beside) -> Stated {
    let (says, why) = match beside.says {
        Says::Agrees => ("review-agrees", ""),
        Says::Differs => ("review-differs", ""),
        Says::CannotTell(why) => ("review-cannot-tell", why),
    };
    let counted = if figure.unit == "other" { figure.value.to_string() } else { format!("{} {}", figure.value, figure.unit) };
    Stated {
        text: format!("{counted}: … {} …", figure.what),
        period: figure.period.clone().unwrap_or_default(),
        says,
        against: beside.against.clone(),
        value: beside.value.map(|value| value.normalize().to_string()).unwrap_or_default(),
        why,
    }
}

/// Decides how far a question was answered; the decision is an entry, and stands beside what was computed.
pub async fn decide(State(desk): State<Desk>, who: SignedIn, Path(id): Path<String>, Form(sent): Form<Decided>) -> Answer {
    who.made(&sent.form_token)?;
    desk.must_keep_the_plan(&who)?;
    let anchor = if sent.next.starts_with("#q") { sent.next.clone() } else { format!("#{}", sent.question) };
    let back = format!("/review/{id}{anchor}");
    desk.work(move |desk| {
        let review = desk.document(&id)?;
        let unread = || DeskError::Input { field: "status", text: "review-unfit" };
        let status = match sent.status.as_str() {
            "" => None,
            word => Some(STATUSES.into_iter().find(|one| one.word() == word).ok_or_else(unread)?),
        };
        let numbers = sent.replies.split([',', ' ']).filter(|text| !text.is_empty()).map(|text| text.parse::<u32>().map_err(|_| unread()));
        let replies: Vec<u32> = numbers.collect::<Result<_, _>>()?;
        let before = review.questions.iter().find(|question| question.id == sent.question).ok_or(DeskError::Absent)?;
        let replies = (before.standing_replies() != replies).then_some(replies);
        let decision = overriding::Decision { status, replies, why: sent.why.trim() };
        desk.enter(&who, |_, entering| {
            let event = overriding::decide(&review, &sent.question, &decision, entering).ok_or_else(unread)?;
            Ok(vec![event])
        })?;
        Ok(())
    })
    .await?;
    Ok(Redirect::to(&back).into_response())
}
