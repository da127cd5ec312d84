//! What `habeas admin doctor` says of witnesses: who should see the log, and when they last did.

use super::doctor::Finding;
use crate::outcome::Trouble;
use crate::registers;
use habeas_codebook::moment::Moment;
use habeas_ledger::policy::Policy;
use habeas_register::Register;
use habeas_register::folder::DataFolder;

/// How long a log may be unseen before the doctor minds: a day, in microseconds. What is lawful, the codebook says.
const LONG: i64 = 24 * 3_600 * 1_000_000;

pub(super) fn findings(folder: &DataFolder, register: &Register, now: Moment) -> Result<Vec<Finding>, Trouble> {
    let path = folder.path().join("policy");
    let policy = crate::verbs::verify::read_policy(&path);
    let policy = match policy {
        Ok(policy) => policy,
        Err(error) => {
            let mend = "mend it (C2SP tlog-policy); until then nobody is shown the log".to_owned();
            return Ok(vec![Finding { what: error.to_string(), mend: Some(mend) }]);
        }
    };
    if !policy.asks_for_witnesses() {
        let what = "no witness watches the log: whoever holds its key can rewrite it unseen".to_owned();
        let mend = format!("ask the ombudsman, the bar or an NGO to be one, and name them in {} (docs/witness.md)", path.display());
        return Ok(vec![Finding { what, mend: Some(mend) }]);
    }
    let mut findings = vec![standing(register, &policy, now)?];
    let silent = policy.witnesses().iter().filter(|witness| witness.url.is_none()).map(habeas_ledger::policy::Witness::shown_name);
    let silent: Vec<String> = silent.collect();
    if !silent.is_empty() {
        let what = format!("the policy names no address for {}: bring them requests as files (`habeas witness ask`)", silent.join(", "));
        findings.push(Finding { what, mend: None });
    }
    Ok(findings)
}

fn standing(register: &Register, policy: &Policy, now: Moment) -> Result<Finding, Trouble> {
    let Some(seen) = register.newest_witnessed(policy).map_err(registers::trouble)? else {
        let what = "the policy names witnesses, and not enough of them have ever signed".to_owned();
        let mend = "see whether they answer: `habeas serve` says who does not, and why".to_owned();
        return Ok(Finding { what, mend: Some(mend) });
    };
    let judged = policy.judge(seen.signed.note.as_bytes()).map_err(|error| Trouble::Machine(error.to_string()))?;
    let names: Vec<String> = judged.cosigned.iter().map(|(place, _)| policy.witnesses()[*place].shown_name()).collect();
    let at = jiff::Timestamp::from_microsecond(seen.at.0).map_or_else(|_| seen.at.0.to_string(), |at| at.to_string());
    let alone = now.0.saturating_sub(seen.at.0);
    let (hours, minutes) = (alone / 3_600_000_000, alone / 60_000_000 % 60);
    let what =
        format!("witnessed at {at} by {}: {} entries; unwitnessed for {hours} h {minutes:02} min", names.join(", "), seen.signed.size);
    let mend = "see whether they answer: `habeas serve` says who does not, and why".to_owned();
    Ok(Finding { what, mend: (alone > LONG).then_some(mend) })
}
