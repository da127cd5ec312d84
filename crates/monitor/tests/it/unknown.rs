//! What nobody recorded, and what is sealed: the machines may be sure only of what holds whatever is so.

use crate::equality::{assert_sure, by_machine, with_persons, worst};
use crate::histories::{MINUTE, Ready, START, Spelt, codebook, histories, ready, value};
use habeas_codebook::log::Value;
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::{Field, FieldId, FieldType};
use proptest::prelude::*;

/// The entries of [`with_persons`] without the birth dates that it adds; a history may tell its own.
fn without_births(entries: &[Ready]) -> Vec<Ready> {
    let mut entries = entries.to_vec();
    entries.iter_mut().filter(|e| ["p0", "p1"].contains(&e.id.as_str())).for_each(|e| e.fields.clear());
    entries
}

fn declared(entry: &Ready, name: FieldId) -> Option<&'static Field> {
    codebook().kind(entry.kind).fields.iter().find(|field| field.name == name)
}

/// Whether a field may be sealed here: what a rule tests, and who tells one presence from another. What names an entry is sealed in no
/// register.
fn may_be_sealed(entry: &Ready, name: FieldId) -> bool {
    let tested = |field: &Field| {
        matches!(field.of, FieldType::Choice(_) | FieldType::YesNo | FieldType::Number(_) | FieldType::Role | FieldType::Officer)
    };
    declared(entry, name).is_some_and(tested)
}

/// Seals some of the fields.
fn sealed(entries: &[Ready], seed: u64) -> Vec<Ready> {
    let mut number = 0u32;
    let mut entries = entries.to_vec();
    for entry in &mut entries {
        let may: Vec<bool> = entry.fields.iter().map(|(name, _)| may_be_sealed(entry, *name)).collect();
        for ((_, held), _) in entry.fields.iter_mut().zip(may).filter(|(_, may)| *may) {
            number += 1;
            if seed.rotate_left(number * 7).is_multiple_of(3) {
                *held = Spelt::Value(Value::Sealed);
            }
        }
    }
    entries
}

/// The same with something in each sealed field.
fn opened(entries: &[Ready], seed: u64) -> Vec<Ready> {
    let mut seed = seed;
    let mut entries = entries.to_vec();
    for entry in &mut entries {
        let of: Vec<Option<&Field>> = entry.fields.iter().map(|(name, _)| declared(entry, *name)).collect();
        for ((_, held), field) in entry.fields.iter_mut().zip(of).filter(|((_, held), _)| *held == Spelt::Value(Value::Sealed)) {
            let drawn = (0..64).find_map(|_| value(codebook(), field?, &mut seed));
            *held = drawn.expect("one of many draws is a value");
        }
    }
    entries
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, max_shrink_iters: 20_000, ..ProptestConfig::default() })]

    #[test]
    fn what_is_said_without_birth_dates_holds_at_every_age(history in histories(40, false, true), after in 0i64..700) {
        let told = ready(&history);
        let now = Moment(START.0 + after * 5 * MINUTE);
        let unsaid = without_births(&with_persons(told.clone(), (1990, 1990)));
        let machine = worst(&by_machine(&unsaid, now));
        for births in [(1990, 1990), (1990, 2012), (2012, 1990), (2012, 2012)] {
            assert_sure(&machine, &unsaid, &with_persons(told.clone(), births), now)?;
        }
    }

    #[test]
    fn what_is_said_of_sealed_fields_holds_whatever_they_hold(
        history in histories(40, false, true), after in 0i64..700, births in (1990i16..2012, 2007i16..2010), seed in any::<u64>()
    ) {
        let entries = sealed(&with_persons(ready(&history), births), seed);
        let now = Moment(START.0 + after * 5 * MINUTE);
        let machine = worst(&by_machine(&entries, now));
        for n in 0..4 {
            assert_sure(&machine, &entries, &opened(&entries, seed.rotate_left(n * 13)), now)?;
        }
    }
}
