//! What `habeas admin doctor` says of notices: who is told, who is not, and what has been waiting.

use super::doctor::Finding;
use crate::notifying;
use crate::outcome::Trouble;
use crate::registers;
use habeas_codebook::moment::Moment;
use habeas_register::Register;
use habeas_register::delivery::Waiting;
use habeas_register::folder::DataFolder;

/// Failures in a row after which a recipient counts as not reached.
const TOO_OFTEN: u32 = 3;

pub(super) fn findings(folder: &DataFolder, register: &Register) -> Result<Vec<Finding>, Trouble> {
    let settings = &folder.settings().notices;
    let codebook = register.codebook();
    let mut findings = Vec::new();
    match notifying::routes(folder, codebook) {
        Err(error) => {
            findings.push(Finding { what: error.to_string(), mend: Some("mend it in habeas.toml; until then nobody is told".to_owned()) });
        }
        Ok(routes) if routes.is_empty() => findings.push(Finding {
            what: "nobody is told of breaches: habeas.toml names no recipient".to_owned(),
            mend: Some("add [[notices.to]] with `name` and one of `mail`, `webhook`, `file`".to_owned()),
        }),
        Ok(routes) => {
            let names: Vec<&str> = routes.iter().map(|route| route.name.as_str()).collect();
            findings.push(Finding { what: format!("told of breaches: {}", names.join(", ")), mend: None });
        }
    }
    let nobody = settings.nobody_for(codebook);
    if !settings.to.is_empty() && !nobody.is_empty() {
        findings.push(Finding {
            what: format!("rules tell {} and no recipient stands for them", nobody.join(", ")),
            mend: Some("name them under `tell` of a recipient in habeas.toml".to_owned()),
        });
    }
    let known: Vec<&str> = settings.to.iter().map(|to| to.name.as_str()).collect();
    findings.extend(register.waiting(&known).map_err(registers::trouble)?.iter().map(waiting));
    Ok(findings)
}

fn waiting(waiting: &Waiting) -> Finding {
    let notices = if waiting.notices == 1 { "1 notice waits".to_owned() } else { format!("{} notices wait", waiting.notices) };
    let since = waiting.oldest.as_ref().map_or_else(String::new, |oldest| format!(", the oldest since {oldest}"));
    let Some(name) = &waiting.name else {
        let mend = "name a recipient for them in habeas.toml; they are looked at again within the hour".to_owned();
        return Finding { what: format!("{notices} and no recipient takes them{since}"), mend: Some(mend) };
    };
    let why = waiting.why.as_ref().map_or_else(String::new, |why| format!("; the last answer was: {why}"));
    let next = waiting.next_at.map_or_else(String::new, |next| format!("; tried again at {}", shown(next)));
    let what = format!("{notices} for `{name}`{since}; {} failures in a row{why}{next}", waiting.failures);
    let is_stuck = waiting.failures >= TOO_OFTEN || (waiting.failures == 0 && waiting.why.is_some());
    let mend = "mend the way to it, or give it another in habeas.toml; nothing is lost meanwhile".to_owned();
    Finding { what, mend: is_stuck.then_some(mend) }
}

fn shown(at: Moment) -> String {
    jiff::Timestamp::from_microsecond(at.0).map_or_else(|_| at.0.to_string(), |at| at.to_string())
}
