//! Why a duty stands as it does: the sentence of law, the entries, the arithmetic.

use super::board::in_words;
use super::chips::Chip;
use super::record::{EntryShown, Identity, entries, identity, shown};
use super::rows::all_verdicts;
use crate::account::SignedIn;
use crate::desk::Desk;
use crate::error::{Answer, DeskError, show};
use crate::names::Names;
use crate::shell::Shell;
use askama::Template;
use axum::extract::{Path, Query, State};
use habeas_codebook::render;
use habeas_codebook::tree::{LabelKind, RoleIs, RuleId, SetBy};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "pages/why.html")]
struct Why {
    shell: Shell,
    identity: Identity,
    heading: String,
    grade: String,
    chip: Chip,
    said: String,
    sentence: String,
    cites: Vec<String>,
    rule: String,
    from: String,
    limits: Vec<String>,
    entries: Vec<EntryShown>,
    sums: Vec<(String, String)>,
    missing: Vec<String>,
    /// What makes its entries less than a record of the hour: made late, after the breach had been announced.
    doubts: Vec<String>,
    told: Vec<String>,
}

/// Which instance of the rule.
#[derive(Debug, Default, Deserialize)]
pub struct Which {
    #[serde(default)]
    trigger: String,
}

/// The why page of a rule for a record.
pub async fn why(
    State(desk): State<Desk>,
    who: SignedIn,
    Path((class, id, rule)): Path<(String, String, String)>,
    Query(which): Query<Which>,
) -> Answer {
    let page = desk.work(move |desk| page(desk, &who, (&class, &id), &rule, &which.trigger)).await?;
    show(&page)
}

fn page(desk: &Desk, who: &SignedIn, (class, id): (&str, &str), rule: &str, trigger: &str) -> Result<Why, DeskError> {
    let sight = desk.asked_for(who, class, id)?;
    let teller = desk.teller(who.language);
    let verdicts = all_verdicts(desk, (class, id), teller.now)?;
    let of_rule = verdicts.iter().filter(|one| one.rule.as_deref() == Some(rule) && sight.verdict(one));
    let verdict =
        of_rule.filter(|one| trigger.is_empty() || one.trigger.as_deref() == Some(trigger)).max_by_key(|one| one.verdict == "breached");
    let verdict = verdict.ok_or(DeskError::Absent)?;
    let at = verdict.trigger_at.unwrap_or(teller.now);
    let day = desk.codebook.almanac.date(at);
    let found = desk.codebook.rules.iter().enumerate().filter(|(_, one)| one.id == rule);
    let found = found.max_by_key(|(_, one)| (one.from <= day, one.from)).ok_or(DeskError::Absent)?;
    let (number, law) = found;
    let named = entries(desk, &sight, (class, id), None)?;
    let named = named.iter().filter(|entry| verdict.events.contains(&entry.id) || verdict.trigger.as_deref() == Some(&entry.id));
    let say = |text: &str| teller.texts.say(teller.language, text, &[]);
    let told = law.tell.iter().flat_map(|telling| &telling.roles).map(|role| {
        let role = &desk.codebook.roles[role.index()];
        match &role.is {
            RoleIs::Addressee { .. } | RoleIs::Desk(_) => role.name.clone(),
        }
    });
    let mut sums: Vec<(String, String)> = Vec::new();
    let mut sum = |text: &str, value: Option<String>| sums.extend(value.map(|value| (say(text), value)));
    sum("why-from", verdict.trigger_at.map(|at| teller.instant(at)));
    sum("why-due", verdict.due_at.map(|at| teller.instant(at)));
    sum("why-allowed", verdict.trigger_at.zip(verdict.due_at).map(|(from, due)| teller.length(due.0 - from.0)));
    sum("why-since", verdict.since.map(|at| teller.instant(at)));
    sum("why-late", verdict.late_by.map(|length| teller.length(length)));
    sum("why-over", verdict.over_by.map(|length| teller.length(length)));
    let doubts = [("late_entry", "why-late-entry"), ("cleared_late", "why-cleared-late")];
    let doubts = doubts.into_iter().filter(|(flag, _)| verdict.flags.iter().any(|one| one == flag)).map(|(_, text)| text);
    let identity = identity(desk, &teller, &sight, (class, id))?;
    let heading = Names::new(&desk.codebook, who.language).rule(rule);
    Ok(Why {
        shell: desk.titled(who, heading.clone()).at(format!("/record/{class}/{id}/why/{rule}")),
        grade: say(&format!("grade-{}", format!("{:?}", law.severity).to_lowercase())),
        chip: Chip::of(&teller, verdict),
        said: say(&format!("why-{}", verdict.verdict.replace(['_', '.'], "-"))),
        sentence: desk.law(who.language, RuleId(u16::try_from(number).unwrap_or(u16::MAX))),
        cites: law.cites.iter().map(|cite| format!("{} {} {}", cite.source, label(cite.kind), cite.label)).collect(),
        rule: rule.to_owned(),
        from: teller.date(law.from),
        limits: limits(desk, law),
        entries: named.map(|entry| shown(desk, &teller, &sight, entry, &[])).collect(),
        missing: verdict.missing.iter().map(|fact| in_words(&fact.field)).collect(),
        doubts: doubts.map(say).collect(),
        told: told.collect(),
        identity,
        heading,
        sums,
    })
}

fn label(kind: LabelKind) -> &'static str {
    match kind {
        LabelKind::Paragraph => "\u{b6}",
        LabelKind::Article => "art.",
        LabelKind::Rule => "r.",
        LabelKind::Principle => "pr.",
        LabelKind::Section => "\u{a7}",
        LabelKind::Note => "n.",
    }
}

/// Why each named limit of a rule is what it is, where the operator set it.
fn limits(desk: &Desk, rule: &habeas_codebook::tree::Rule) -> Vec<String> {
    let text = render::rule(&desk.codebook, rule);
    let named = desk.codebook.limits.iter().filter(|limit| text.contains(&format!("limit {}", limit.name)));
    let last = named.filter_map(|limit| limit.versions.last());
    last.filter(|version| version.set_by == SetBy::Operator).map(|version| version.because.clone()).collect()
}
