//! `/metrics` in OpenMetrics text, `/healthz` for whoever watches the machine. Neither tells anything of a person.

use crate::desk::Desk;
use crate::error::Answer;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;

/// Figures of the register.
pub async fn metrics(State(desk): State<Desk>) -> Answer {
    let entries = desk.work(|desk| Ok(desk.register.checkpoint()?.size)).await?;
    let begun = desk.shelf.begun();
    let streams = desk.changes.receiver_count();
    let text = format!(
        "# HELP habeas_log_entries Entries that the newest checkpoint covers.\n# TYPE habeas_log_entries gauge\n\
         habeas_log_entries {entries}\n\
         # HELP habeas_streams Open event streams.\n# TYPE habeas_streams gauge\nhabeas_streams {streams}\n\
         # HELP habeas_statistics_begun How often the statistics heard the whole register.\n\
         # TYPE habeas_statistics_begun counter\nhabeas_statistics_begun_total {begun}\n# EOF\n"
    );
    Ok(([(CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], text).into_response())
}

/// Whether the register can be read.
pub async fn health(State(desk): State<Desk>) -> Answer {
    desk.work(|desk| Ok(desk.register.checkpoint()?)).await?;
    Ok(([(CONTENT_TYPE, "text/plain; charset=utf-8")], "ok\n").into_response())
}
