//! W127: a rule without a history that keeps it, or without one that breaks it.
//!
//! A rule that nobody has seen kept and broken is a rule that nobody knows. What cannot come to `met`, because its subject never closes
//! (a cell, a place), is kept as long as it is `pending`; what is forbidden at all, as long as it does not happen.

use habeas_codebook::diagnostic::{Diagnostic, Mark, Severity};
use habeas_codebook::tree::{Body, Codebook, Holds, Keep, Rule};
use std::collections::{BTreeMap, BTreeSet};

/// The verdicts that a pack's timelines expect, by rule.
pub struct Examples(BTreeMap<String, BTreeSet<String>>);

impl Examples {
    /// Of timelines as text; one that cannot be read gives none (`codebook test` says why).
    pub fn of(timelines: &[String]) -> Self {
        let mut verdicts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for timeline in timelines.iter().filter_map(|text| serde_json::from_str::<serde_json::Value>(text).ok()) {
            for wish in timeline["expected"].as_array().into_iter().flatten() {
                if let (Some(rule), Some(verdict)) = (wish["rule"].as_str(), wish["verdict"].as_str()) {
                    let rule = rule.strip_suffix("/record").unwrap_or(rule);
                    verdicts.entry(rule.to_owned()).or_default().insert(verdict.to_owned());
                }
            }
        }
        Examples(verdicts)
    }

    /// A warning for each of the pack's own rules that lacks one or both.
    pub fn lacking(&self, codebook: &Codebook) -> Vec<Diagnostic> {
        let mut told: BTreeSet<&str> = BTreeSet::new();
        let own = codebook.rules.iter().filter(|rule| rule.pack == codebook.id);
        own.filter(|rule| told.insert(&rule.id)).filter_map(|rule| self.of_rule(codebook, rule)).collect()
    }

    fn of_rule(&self, codebook: &Codebook, rule: &Rule) -> Option<Diagnostic> {
        let none = BTreeSet::new();
        let seen = self.0.get(&rule.id).unwrap_or(&none);
        let kept = kept_as(codebook, rule).iter().any(|verdict| seen.contains(*verdict));
        let broken = seen.contains("breached") || seen.contains("met_late");
        let (lacks, write) = match (kept, broken) {
            (true, true) => return None,
            (false, true) => ("no example in which it is kept", "kept"),
            (true, false) => ("no example in which it is broken", "broken"),
            (false, false) => ("no example, neither kept nor broken", "kept"),
        };
        let text = codebook.files.get(rule.mark.file as usize).map_or("", |file| file.text.as_str());
        let start = rule.mark.bytes.start;
        let line = text.get(start as usize..rule.mark.bytes.end as usize).and_then(|text| text.lines().next()).unwrap_or("").trim_end();
        Some(Diagnostic {
            code: "W127",
            severity: Severity::Warning,
            mark: Mark { file: rule.mark.file, bytes: start..start + line.len() as u32 },
            message: format!("`{}` has {lacks}", rule.id),
            help: Some(format!("write one as `timelines/{}-{write}.json`", rule.id)),
        })
    }
}

/// The verdicts of a rule that is kept.
fn kept_as(codebook: &Codebook, rule: &Rule) -> &'static [&'static str] {
    let never_closes = codebook.kinds.iter().all(|kind| !kind.closes.contains(&rule.subject));
    match &rule.body {
        Body::While { keep: Keep::Forbidden, .. } => &["met", "n.a."],
        Body::Never { .. } | Body::Quantity { .. } if never_closes => &["met", "pending"],
        Body::While { state, .. } if never_closes && codebook.states[state.index()].holds == Holds::Always => &["met", "pending"],
        Body::Never { .. }
        | Body::Quantity { .. }
        | Body::While { .. }
        | Body::After { .. }
        | Body::Before { .. }
        | Body::EveryRecord { .. }
        | Body::EverySatisfies { .. }
        | Body::EveryRestsOn { .. }
        | Body::Clock { .. } => &["met"],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packs;

    #[test]
    fn every_rule_of_every_pack_is_seen_kept_and_broken() {
        for pack in packs::built_in_names() {
            let found = packs::find(pack).expect("there");
            let codebook = packs::read_found(&found).codebook.expect("without errors");
            let lacking = Examples::of(&packs::timelines(&found)).lacking(&codebook);
            let messages: Vec<&String> = lacking.iter().map(|told| &told.message).collect();
            assert_eq!(messages, Vec::<&String>::new(), "{pack}");
        }
    }

    #[test]
    fn a_rule_that_is_only_broken_and_one_without_any_example_are_told() {
        let found = packs::find("standards").expect("there");
        let codebook = packs::read_found(&found).codebook.expect("without errors");
        let broken = r#"{"expected": [{"rule": "solitary-cap", "verdict": "breached"}, {"rule": "floor-space", "verdict": "pending"}]}"#;
        let lacking = Examples::of(&[broken.to_owned(), "no timeline".to_owned()]).lacking(&codebook);
        let told = |rule: &str| lacking.iter().find(|told| told.message.contains(&format!("`{rule}`"))).map(|told| told.message.as_str());
        assert_eq!(told("solitary-cap"), Some("`solitary-cap` has no example in which it is kept"));
        assert_eq!(told("floor-space"), Some("`floor-space` has no example in which it is broken"));
        assert_eq!(told("relative-told"), Some("`relative-told` has no example, neither kept nor broken"));
    }
}
