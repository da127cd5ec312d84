//! What a careful reader asks of the raw `cedar` sentences: do they parse, and can they ever apply to this codebook?
//!
//! The other sentences are checked by the codebook itself (E130, W121), which does not link Cedar.

use crate::{policies, schema};
use cedar_policy::{Policy, PolicySet, ValidationMode, Validator};
use habeas_codebook::diagnostic::{Diagnostic, Mark, Severity};
use habeas_codebook::tree::{Access as Sentence, Codebook, EventName, Scope};

/// E130 for a `cedar` sentence that does not parse, does not fit the schema, or names an act or attribute that is not there; and for a line
/// whose scope is an alias, which an event in the register is not.
#[must_use]
pub fn check(codebook: &Codebook) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for sentence in &codebook.access {
        match sentence {
            Sentence::Cedar(text, mark) => found.extend(raw(text, mark)),
            Sentence::Line { scope: Scope::Event(EventName::Alias(_)) | Scope::Field(_, EventName::Alias(_)), mark, .. } => {
                let message = "this line can never apply: it names an alias, and the register holds kinds of events".to_owned();
                found.push(error(mark, message, "name the event that the alias stands for"));
            }
            Sentence::Line { .. } | Sentence::Excludes(..) => {}
        }
    }
    found
}

fn raw(text: &str, mark: &Mark) -> Option<Diagnostic> {
    let help =
        "permit or forbid (principal, action, resource) when { … }, texts in single quotes; docs/access.md lists entities and attributes";
    let policy = match Policy::parse(None, policies::raw(text)) {
        Ok(policy) => policy,
        Err(trouble) => return Some(error(mark, format!("this `cedar` policy cannot be read: {trouble}"), help)),
    };
    let set = PolicySet::from_policies([policy]).ok()?;
    let validator = Validator::new(schema::schema().ok()?);
    let result = validator.validate(&set, ValidationMode::Strict);
    let first = result.validation_errors().map(|trouble| plain(&trouble.to_string())).min()?;
    Some(error(mark, format!("this `cedar` policy can never apply: {first}"), help))
}

/// A message of the engine without the number that it gives the policy.
fn plain(message: &str) -> String {
    message.strip_prefix("for policy `policy0`, ").unwrap_or(message).to_owned()
}

fn error(mark: &Mark, message: String, help: &str) -> Diagnostic {
    Diagnostic { code: "E130", severity: Severity::Error, mark: mark.clone(), message, help: Some(help.to_owned()) }
}

/// Whether every generated policy fits the schema: a test of this crate over every pack.
#[must_use]
pub fn misfits(codebook: &Codebook) -> Vec<String> {
    let Ok(schema) = schema::schema() else { return vec!["the schema cannot be read".to_owned()] };
    let validator = Validator::new(schema);
    let mut found = Vec::new();
    for written in policies::written(codebook) {
        match written.text.parse::<PolicySet>() {
            Ok(set) => {
                let result = validator.validate(&set, ValidationMode::Strict);
                found.extend(result.validation_errors().map(|trouble| format!("{}\n{trouble}", written.text)));
            }
            Err(trouble) => found.push(format!("{}\n{trouble}", written.text)),
        }
    }
    found
}
