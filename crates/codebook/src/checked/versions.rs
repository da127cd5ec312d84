//! E111 in force until before from, E112 two versions at once, W113 a gap between versions.

use super::Found;
use crate::tree::Rule;
use jiff::civil::Date;
use std::collections::BTreeMap;

pub(super) fn check(found: &mut Found) {
    let mut versions: BTreeMap<&str, Vec<&Rule>> = BTreeMap::new();
    for rule in &found.codebook.rules {
        if rule.until.is_some_and(|until| until <= rule.from) {
            let mark = found.clause(rule, "until");
            let help = "the day after `until` is the first on which it is no more in force".to_owned();
            found.error("E111", &mark, format!("`{}` ends before it begins", rule.id), help);
        }
        versions.entry(&rule.id).or_default().push(rule);
    }
    for (id, rules) in versions {
        for (i, later) in rules.iter().enumerate() {
            for earlier in &rules[..i] {
                let until = |r: &Rule| r.until.unwrap_or(Date::MAX);
                if earlier.from < until(later) && later.from < until(earlier) {
                    let head = found.head(later);
                    let help = format!("let the version from {} end with `until {}`, or leave one out", earlier.from, later.from);
                    found.error("E112", &head, format!("two versions of `{id}` are in force at once"), help);
                }
            }
        }
        let mut by_date = rules.clone();
        by_date.sort_by_key(|r| r.from);
        for pair in by_date.windows(2) {
            if let Some(until) = pair[0].until
                && until < pair[1].from
            {
                let head = found.head(pair[1]);
                let message = format!("no version of `{id}` is in force from {until} to {}", pair[1].from);
                found.warning("W113", &head, message, "nothing is judged in between; is that meant?".to_owned());
            }
        }
    }
}
