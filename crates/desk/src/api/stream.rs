//! `GET /api/stream`: server-sent events. Each says that a record changed; what changed is asked for by whoever may read it.

use crate::account::SignedIn;
use crate::desk::Desk;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use serde_json::json;
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio_stream::{Stream, wrappers::ReceiverStream};

/// Events that wait for one slow browser.
const WAITING: usize = 64;

/// Changes of records that this reader may open.
pub async fn stream(State(desk): State<Desk>, who: SignedIn) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let (sender, receiver) = tokio::sync::mpsc::channel(WAITING);
    let mut changes = desk.changes.subscribe();
    tokio::spawn(async move {
        let hello = Event::default().event("now").data(desk.now().0.to_string());
        if sender.send(Ok(hello)).await.is_err() {
            return;
        }
        loop {
            let event = match changes.recv().await {
                Ok(change) => {
                    let reader = who.clone();
                    let seen = desk.work(move |desk| {
                        let is_seen = |record: &&(String, String)| {
                            desk.sight(&reader, &record.0, &record.1).is_ok_and(|sight| change.is_for(&sight, record))
                        };
                        Ok(change.records.iter().filter(is_seen).map(|(class, id)| format!("{class}/{id}")).collect::<Vec<_>>())
                    });
                    let seen = seen.await.unwrap_or_default();
                    if seen.is_empty() {
                        continue;
                    }
                    Event::default().event("changed").data(json!({ "records": seen, "now": desk.now().0 }).to_string())
                }
                Err(RecvError::Lagged(_)) => Event::default().event("reload").data(desk.now().0.to_string()),
                Err(RecvError::Closed) => return,
            };
            if sender.send(Ok(event)).await.is_err() {
                return;
            }
        }
    });
    Sse::new(ReceiverStream::new(receiver)).keep_alive(KeepAlive::new().interval(Duration::from_secs(15)))
}
