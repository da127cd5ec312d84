//! The draft of a reply: every open question with the figures that the register has for it, from when they are and what they rest on.

use crate::account::SignedIn;
use crate::desk::Desk;
use crate::dialogue::answering::{self, Counting};
use crate::dialogue::offering::Offers;
use crate::error::{Answer, DeskError};
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::IntoResponse;
use habeas_codebook::table::Table;
use habeas_returns::cells::{Return, TOTAL};
use habeas_returns::write::text;
use habeas_review::model::{Review, Status};
use habeas_review::reply::{self, Given, Reply};

/// The draft, as text, page or word-processor document.
pub async fn reply(State(desk): State<Desk>, who: SignedIn, Path((id, form)): Path<(String, String)>) -> Answer {
    desk.must_keep_the_plan(&who)?;
    let made = desk.work(move |desk| drafted(desk, &desk.document(&id)?)).await?;
    let (kind, bytes) = match form.as_str() {
        "reply.txt" => ("text/plain; charset=utf-8", made.text().into_bytes()),
        "reply.html" => ("text/html; charset=utf-8", made.html().into_bytes()),
        "reply.docx" => ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", made.docx()),
        _ => return Err(DeskError::Absent),
    };
    let named = format!("attachment; filename=\"{form}\"");
    Ok(([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, named)], bytes).into_response())
}

fn drafted(desk: &Desk, review: &Review) -> Result<Reply, DeskError> {
    let as_of = desk.now();
    let log = desk.whole_log()?;
    let offers = Offers::of(&desk.codebook);
    let mut counting = Counting::new(&desk.codebook, &log, as_of);
    let year = answering::year_before(&desk.codebook, review.document.date.as_deref(), as_of);
    let checkpoint = desk.register.checkpoint()?;
    let stamp = desk.teller(crate::texts::Language::En).stamp(as_of);
    let rests = format!(
        "As known at {stamp}; {} {}; checkpoint of {} entries, root {}.",
        desk.codebook.id,
        desk.codebook.version,
        checkpoint.size,
        checkpoint.root.to_hex()
    );
    let mut given = |question: &str, table: &Table| {
        let period = answering::period_for(&desk.codebook, question, year.as_ref(), as_of);
        let made = period.map(|period| counting.table(table, &period));
        made.map(|made| figures(&made, &rests)).unwrap_or_default()
    };
    let open = review.questions.iter().filter(|question| question.standing() != Status::Full);
    let answers = open.map(|question| reply::Answer {
        paragraph: question.paragraph,
        asked_by: question.asked_by.clone().unwrap_or_default(),
        question: question.text.clone(),
        status: question.standing().word().to_owned(),
        figures: offers.answering(&question.text).map(|table| given(&question.text, table)).unwrap_or_default(),
    });
    Ok(Reply { symbol: review.document.symbol.clone().unwrap_or_default(), as_of: stamp.clone(), answers: answers.collect() })
}

/// The totals of a table, column by column.
pub fn figures(made: &Return, rests: &str) -> Vec<Given> {
    let total = vec![TOTAL; made.dimensions.len()];
    let one = |column: usize| Given {
        what: format!("{} {}, {} ({}), {}", made.id, made.title, made.columns[column].name, made.columns[column].unit, made.period.name),
        value: text::cell_text(made, column, &total),
        lineage: rests.to_owned(),
    };
    (0..made.columns.len()).map(one).filter(|given| !given.value.is_empty()).collect()
}
