//! A typed time said back in words, for the script beside the time box; the same words as the page that comes back without script.

use crate::account::Visitor;
use crate::clock::TimeTyped;
use crate::desk::Desk;
use crate::error::Answer;
use crate::forms::posted::no_time;
use axum::extract::{Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use serde::Deserialize;

/// What stands in the box and beside it.
#[derive(Debug, Default, Deserialize)]
pub struct Typed {
    #[serde(default)]
    time: String,
    #[serde(default)]
    day: String,
    #[serde(default)]
    about: String,
    #[serde(default)]
    unknown: String,
}

/// The words of a time, or what is wrong with it.
pub async fn said(State(desk): State<Desk>, visitor: Visitor, Query(typed): Query<Typed>) -> Answer {
    let teller = desk.teller(visitor.language);
    let typed = TimeTyped { time: typed.time, day: typed.day, about: !typed.about.is_empty(), unknown: !typed.unknown.is_empty() };
    let say = |text: &str| teller.texts.say(teller.language, text, &[]);
    let words = match typed.read(teller.now, &teller.zone) {
        Ok(Some(at)) => teller.said(at),
        Ok(None) => say("time-unknown"),
        Err(wrong) => say(no_time(wrong)),
    };
    Ok(([(CONTENT_TYPE, "text/plain; charset=utf-8")], words).into_response())
}
