//! The same entry for several lines of a list: choose the lines, choose what happened, answer once; each record gets an entry of its own,
//! and the page says which records took it.

use super::{found, href};
use crate::account::SignedIn;
use crate::desk::{Desk, Sight};
use crate::error::{Answer, DeskError, show};
use crate::forms::{Form, Mistake, Posted, Question, new_id};
use crate::names::Names;
use crate::shell::Shell;
use crate::station::enter::subjects;
use askama::Template;
use axum::extract::{Path, State};
use habeas_codebook::room::Room;
use habeas_codebook::tree::KindId;
use habeas_register::{Draft, RegisterError, draft};

/// Lines that one entry may be given to at once.
const MOST: usize = 500;

/// What became of one record.
struct Outcome {
    href: String,
    number: String,
    receipt: Option<String>,
    why: String,
}

#[derive(Template)]
#[template(path = "pages/several.html")]
struct Page {
    shell: Shell,
    name: String,
    here: String,
    ids: Vec<String>,
    draft: String,
    kinds: Vec<(String, String)>,
    form: Option<(String, Form)>,
    mistakes: Vec<Mistake>,
    outcomes: Vec<Outcome>,
}

/// What the page of several sends: the lines; then what happened; then the answers.
pub async fn several(State(desk): State<Desk>, who: SignedIn, Path(room): Path<String>, body: String) -> Answer {
    desk.work(move |desk| built(desk, &who, &room, Posted::read(&body))).await
}

fn built(desk: &Desk, who: &SignedIn, name: &str, mut posted: Posted) -> Answer {
    who.made(posted.one("form_token"))?;
    let room = &desk.codebook.rooms[found(desk, who, name)?];
    let class = &desk.codebook.class(room.subject).name;
    let ids: Vec<String> = posted.all("ids").into_iter().map(str::to_owned).collect();
    if ids.is_empty() || ids.len() > MOST {
        return Err(DeskError::Input { field: "ids", text: "error-unreadable" });
    }
    let reader = desk.reader(who);
    let sights: Vec<Sight<'_>> = ids.iter().map(|id| reader.sight(class, id)).collect::<Result<_, _>>()?;
    let kinds = kinds(desk, room, &sights);
    let teller = desk.teller(who.language);
    let names = Names::new(&desk.codebook, who.language);
    let kept = posted.one("draft").to_owned();
    let draft = if kept.is_empty() { new_id("e")? } else { kept };
    let chosen = kinds.iter().copied().find(|kind| desk.codebook.kind(*kind).name.replace(' ', "_") == posted.one("kind"));
    let pressed = posted.press(&teller);
    let (mut mistakes, mut outcomes) = (Vec::new(), Vec::new());
    if let Some(kind) = chosen.filter(|_| !pressed && posted.one("action") == "save") {
        match posted.answers(&desk.codebook, desk.codebook.kind(kind), &teller) {
            Ok(answered) => outcomes = entered(desk, who, kind, (class, &ids, &draft), &posted, &answered)?,
            Err(wrong) => mistakes = wrong,
        }
    }
    let form = chosen.filter(|_| outcomes.is_empty()).map(|kind| {
        let kind = desk.codebook.kind(kind);
        (kind.name.replace(' ', "_"), Form::new(&desk.codebook, kind, &teller, &posted, &mistakes))
    });
    let mut shown: Vec<(String, String)> =
        kinds.iter().map(|kind| &desk.codebook.kind(*kind).name).map(|name| (name.replace(' ', "_"), names.kind(name))).collect();
    shown.sort_by(|one, other| one.1.cmp(&other.1));
    let title = names.room(&room.name);
    show(&Page {
        shell: desk.titled(who, title.clone()).at(href(room)).mistaken(!mistakes.is_empty()),
        name: title,
        here: href(room),
        kinds: if chosen.is_none() { shown } else { Vec::new() },
        ids,
        draft,
        form,
        mistakes,
        outcomes,
    })
}

/// Kinds that may be recorded on every one of the records.
fn kinds(desk: &Desk, room: &Room, sights: &[Sight<'_>]) -> Vec<KindId> {
    let all = (0..desk.codebook.kinds.len()).filter_map(|number| Some(KindId(u16::try_from(number).ok()?)));
    let about = all.filter(|kind| desk.codebook.kind(*kind).subjects.contains(&room.subject));
    about.filter(|kind| sights.iter().all(|sight| sight.may_record(*kind))).collect()
}

fn entered(
    desk: &Desk,
    who: &SignedIn,
    kind: KindId,
    (class, ids, kept): (&str, &[String], &str),
    posted: &Posted,
    answered: &crate::forms::Answered,
) -> Result<Vec<Outcome>, DeskError> {
    let teller = desk.teller(who.language);
    let mut outcomes = Vec::new();
    for (n, id) in ids.iter().enumerate() {
        let named = subjects(desk, who, kind, (class, id), posted)?;
        let named: Vec<(&str, &str)> = named.iter().map(|(class, id)| (class.as_str(), id.as_str())).collect();
        let at = answered.at.unwrap_or_else(draft::unknown);
        let mut entry = Draft::new(&format!("{kept}-{n}"), &desk.codebook.kind(kind).name, at, &named);
        entry.fields.clone_from(&answered.fields);
        entry.late_reason.clone_from(&answered.late_reason);
        let (receipt, why) = match desk.append(who, entry) {
            Ok(receipt) => (Some(receipt.id), String::new()),
            Err(DeskError::Register(RegisterError::Forbidden { .. })) => (None, teller.texts.say(who.language, "error-forbidden", &[])),
            Err(DeskError::Stopped(stops)) => {
                let law = stops.iter().map(|stop| stop.law.clone()).collect::<Vec<_>>().join("; ");
                (None, teller.texts.say(who.language, "stop-law", &[("law", &law)]))
            }
            Err(DeskError::Register(RegisterError::Invalid(problems))) => {
                let expected = problems.iter().map(|problem| problem.expected.clone()).collect::<Vec<_>>().join("; ");
                (None, teller.texts.say(who.language, "error-value", &[("expected", &expected)]))
            }
            Err(other) => return Err(other),
        };
        outcomes.push(Outcome { href: format!("/record/{class}/{id}"), number: id.clone(), receipt, why });
    }
    Ok(outcomes)
}

impl Page {
    fn questions(&self) -> &[Question] {
        self.form.as_ref().map_or(&[], |(_, form)| &form.questions)
    }
}
