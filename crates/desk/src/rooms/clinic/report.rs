//! The report of an examination, in the order of the Istanbul Protocol (annex IV), made from the record and printed from the browser. What
//! was not recorded says so: a report with holes shows them.

use super::{File, MarkShown, field, treated};
use crate::account::SignedIn;
use crate::desk::{Desk, Sight};
use crate::error::{Answer, DeskError, show};
use crate::forms::body::{Pin, Words};
use crate::reading::Opening;
use crate::rooms::interview::course::happened;
use crate::rooms::lawyer::told;
use crate::shell::Shell;
use crate::station::record::{Identity, entries, identity};
use askama::Template;
use axum::extract::{Path, State};
use habeas_register::Entry;
use serde_json::Value as Json;

/// A section of the report: its heading, and pairs of words; none where nothing was recorded.
pub struct Section {
    heading: String,
    pairs: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "pages/medical-report.html")]
struct Report {
    shell: Shell,
    identity: Identity,
    number: String,
    at: String,
    stamp: String,
    sections: Vec<Section>,
    marks: Vec<MarkShown>,
    pins: Vec<Pin>,
    words: Words,
    conclusions: Vec<(String, String)>,
    doctor: String,
    receipt: u64,
    leaf: String,
    made: String,
}

/// The report of one examination. Taking it out is an entry.
pub async fn page(State(desk): State<Desk>, who: SignedIn, Path((id, exam)): Path<(String, String)>) -> Answer {
    let page = desk.work(move |desk| {
        let sight = treated(desk, &who, &id)?;
        desk.note_opened(&who, &sight, &Opening { is_exported: true, ..Opening::default() })?;
        built(desk, &who, &sight, (&id, &exam))
    });
    show(&page.await?)
}

/// Sections before the marks: heading, and the fields of the examination that belong there.
const SECTIONS: [(&str, &[&str]); 6] = [
    ("medico-legal-case", &["type", "started", "ended", "those present", "restrained", "officer asked for by the doctor"]),
    ("medico-legal-clinician", &["done by", "qualification", "employer"]),
    ("medico-legal-consent", &["consent"]),
    ("medico-legal-account", &["account", "alleges ill treatment"]),
    ("medico-legal-findings", &["findings"]),
    ("medico-legal-photographs", &[]),
];

fn built(desk: &Desk, who: &SignedIn, sight: &Sight<'_>, (id, exam): (&str, &str)) -> Result<Report, DeskError> {
    let teller = desk.teller(who.language);
    let all = entries(desk, sight, ("custody", id), None)?;
    let file = File { desk, teller: &teller, entries: &all };
    let examined = file.with("examination").find(|entry| entry.id == exam).ok_or(DeskError::Absent)?;
    let marks: Vec<MarkShown> = file.marks().into_iter().filter(|mark| mark.exam == exam).collect();
    let say = |text: &str| teller.texts.say(teller.language, text, &[]);
    let names = crate::names::Names::new(&desk.codebook, who.language);
    let pairs = |fields: &[&str]| -> Vec<(String, String)> {
        let pair = |name: &&str| Some((names.field(&examined.kind, name), field(desk, &teller, examined, name)?));
        fields.iter().filter_map(pair).collect()
    };
    let mut sections: Vec<Section> =
        SECTIONS.iter().map(|(heading, fields)| Section { heading: say(heading), pairs: pairs(fields) }).collect();
    if let Some(photographs) = sections.last_mut() {
        let with = marks.iter().filter(|mark| mark.photos > 0);
        let said = |mark: &MarkShown| {
            (teller.texts.say(teller.language, "medico-legal-mark", &[("n", &mark.number.to_string())]), mark.photos.to_string())
        };
        photographs.pairs = with.map(said).collect();
    }
    let mut conclusions = pairs(&["fit for", "handling", "care ordered", "care due", "emergency", "result to lawyer"]);
    conclusions.extend(reports(&file, examined, &say("medico-legal-sent")));
    let identity = identity(desk, &teller, sight, ("custody", id))?;
    let by = told(examined, "done by").and_then(Json::as_str).unwrap_or_default();
    let title = format!("{}, {}", say("medico-legal-title"), identity.name);
    Ok(Report {
        shell: desk.titled(who, title).at(format!("/clinic/{id}/report/{exam}")),
        number: id.to_owned(),
        at: teller.instant(happened(examined)),
        stamp: teller.stamp(happened(examined)),
        pins: marks.iter().filter_map(|mark| mark.pin.clone()).collect(),
        words: Words::new(&teller),
        doctor: desk.person_name(by),
        receipt: examined.index,
        leaf: examined.leaf.clone(),
        made: format!("{}, {}", teller.day(teller.now), teller.hour(teller.now)),
        sections,
        marks,
        conclusions,
        identity,
    })
}

/// To whom the examination was sent, and when.
fn reports(file: &File<'_>, examined: &Entry, label: &str) -> Vec<(String, String)> {
    let is_of = |entry: &&Entry| told(entry, "exam").and_then(Json::as_str) == Some(examined.id.as_str());
    let sent = file.with("medical-report").filter(is_of);
    sent.map(|entry| {
        let to = field(file.desk, file.teller, entry, "to").unwrap_or_default();
        (label.to_owned(), format!("{to}, {}", file.teller.instant(happened(entry))))
    })
    .collect()
}
