//! The whole law of the largest pack, entry by entry: what was judged on kept histories is what a fresh look comes to.

#[path = "../../benches/ledger/story.rs"]
#[expect(dead_code, reason = "the bench uses the rest")]
mod story;

use crate::faults::broken;
use habeas_ledger::policy::Policy;
use habeas_ledger::verify::{self, Finding, Trust};
use habeas_register::stored::StoredRegister;
use std::sync::Arc;
use story::{Teller, officer};

#[test]
fn verdicts_made_entry_by_entry_are_those_made_afresh() {
    let folder = tempfile::tempdir().expect("a folder");
    let law = Arc::new(story::codebook().expect("a pack beside the crates"));
    let teller = Teller::new(&law, &folder.path().join("tried")).expect("kinds that can be told");
    let path = folder.path().join("station");
    let register = story::open(&path, &law).expect("a register");
    for step in 0..40 {
        for custody in [1, 5] {
            let entered = register.append(teller.entry(custody, step), &officer(), teller.moment(custody, step));
            entered.expect("an entry that a register took before");
        }
    }
    for later in [50, 400, 5_000] {
        register.settle(teller.moment(1, later)).expect("time passes");
        register.append(teller.entry(1, later), &officer(), teller.moment(1, later)).expect("an entry");
    }
    drop(register);
    let keys = story::keys().expect("keys");
    let policy = Policy::of_log(keys.log.verifier().clone());
    let stored = StoredRegister::open(&path, Some((keys, law))).expect("the register").deep();
    let report = verify::log(&stored, &Trust::new(&policy)).expect("it can be read");
    assert_eq!(broken(&report), Vec::<&Finding>::new());
}
