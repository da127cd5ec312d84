//! How often each pattern gives a false alarm on clean registers: the table of `docs/signals.md`.

use crate::signals::looked;
use crate::station::Told;
use habeas_returns::signals::Pattern;
use std::collections::BTreeMap;

/// Clean registers, one after another.
type Registers = Box<dyn Iterator<Item = Vec<Told>>>;

/// Prints, for each pattern, in how many clean registers it was looked for, how many units were tested there, and in how many of the
/// registers it gave an alarm.
#[test]
#[ignore = "measures for minutes: prints the figures of docs/signals.md"]
fn false_alarms_of_each_pattern() {
    let arrests = (1..=400).map(|seed| crate::signals::year(seed, 0));
    let rounds = (1..=200).map(crate::signals::day);
    let custodies = (1..=200).map(|seed| crate::contradictions::year(seed, None));
    let kinds: [(&str, Registers); 3] = [("arrests", Box::new(arrests)), ("rounds", Box::new(rounds)), ("custodies", Box::new(custodies))];
    let mut counts: BTreeMap<Pattern, [u64; 3]> = BTreeMap::new();
    for (name, registers) in kinds {
        let (mut all, mut with) = (0, 0);
        for entries in registers {
            let tested = looked(&entries);
            for pattern in Pattern::ALL {
                let own: Vec<_> = tested.iter().filter(|one| one.pattern == pattern && one.others > 0.0).collect();
                let count = counts.entry(pattern).or_default();
                count[0] += u64::from(!own.is_empty());
                count[1] += own.len() as u64;
                count[2] += u64::from(own.iter().any(|one| one.finding));
            }
            all += 1;
            with += u64::from(tested.iter().any(|one| one.finding));
        }
        println!("{name}: {with} of {all} registers gave an alarm");
    }
    for pattern in Pattern::ALL {
        let [registers, units, alarms] = counts.get(&pattern).copied().unwrap_or_default();
        println!("| {} | {registers} | {units} | {alarms} |", pattern.name());
    }
}

/// The page says of each pattern what the program says beside a finding.
#[test]
fn the_page_of_signals_says_what_the_program_says() {
    let page = include_str!("../../../../docs/signals.md");
    for pattern in Pattern::ALL {
        let row = page.lines().find(|line| line.starts_with(&format!("| {} |", pattern.name())));
        let row = row.unwrap_or_else(|| panic!("`{}` has no row", pattern.name()));
        assert!(row.contains(pattern.meaning()), "the row of `{}` lacks: {}", pattern.name(), pattern.meaning());
    }
}
