//! `GET /api/stream`: server-sent events. Each says that a record changed; what changed is asked for by whoever may read it.

use crate::account::SignedIn;
use crate::desk::{Changed, Desk};
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use serde_json::json;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio_stream::{Stream, wrappers::ReceiverStream};

/// Events that wait for one slow browser.
const WAITING: usize = 64;
/// So often it is looked whether the session still stands: another process may have ended it.
const LOOKS: Duration = Duration::from_secs(5);

/// What a change is to this reader; `None`: nothing.
async fn told(desk: &Desk, who: &SignedIn, change: Arc<Changed>) -> Option<Event> {
    let who = who.clone();
    let seen = desk.work(move |desk| {
        let reader = desk.reader(&who);
        let is_seen = |record: &&(String, String)| reader.sight(&record.0, &record.1).is_ok_and(|sight| change.is_for(&sight, record));
        Ok(change.records.iter().filter(is_seen).map(|(class, id)| format!("{class}/{id}")).collect::<Vec<_>>())
    });
    let seen = seen.await.unwrap_or_default();
    (!seen.is_empty()).then(|| Event::default().event("changed").data(json!({ "records": seen, "now": desk.now().0 }).to_string()))
}

/// The reader as they are now: with the roles and places that they have by now; `None` if their session has ended.
async fn still(desk: &Desk, who: SignedIn) -> Option<SignedIn> {
    let session = who.session.clone();
    let standing = desk.work(move |desk| desk.accounts.standing(&session, desk.now())).await;
    match standing {
        Ok(session) => session.map(|session| SignedIn { session, language: who.language }),
        // The file is in trouble: who cannot be told from somebody signed out is told nothing more.
        Err(_) => None,
    }
}

/// Changes of records that this reader may open, until their session ends.
pub async fn stream(State(desk): State<Desk>, who: SignedIn) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let (sender, receiver) = tokio::sync::mpsc::channel(WAITING);
    let (mut changes, mut endings) = (desk.changes.subscribe(), desk.accounts.endings());
    let mut looks = tokio::time::interval(LOOKS);
    let mut who = who;
    tokio::spawn(async move {
        let hello = Event::default().event("now").data(desk.now().0.to_string());
        if sender.send(Ok(hello)).await.is_err() {
            return;
        }
        loop {
            let heard = tokio::select! {
                heard = changes.recv() => Some(heard),
                () = sender.closed() => return,
                _ = looks.tick() => None,
                _ = endings.changed() => None,
            };
            let event = match heard {
                Some(Ok(change)) => told(&desk, &who, change).await,
                Some(Err(RecvError::Lagged(_))) => Some(Event::default().event("reload").data(desk.now().0.to_string())),
                Some(Err(RecvError::Closed)) => return,
                None => match still(&desk, who).await {
                    Some(standing) => {
                        who = standing;
                        None
                    }
                    None => {
                        // Whoever is gone need not hear it.
                        let _ = sender.send(Ok(Event::default().event("ended").data(desk.now().0.to_string()))).await;
                        return;
                    }
                },
            };
            let Some(event) = event else { continue };
            if sender.send(Ok(event)).await.is_err() {
                return;
            }
        }
    });
    Sse::new(ReceiverStream::new(receiver)).keep_alive(KeepAlive::new().interval(Duration::from_secs(15)))
}
