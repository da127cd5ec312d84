//! The operator's two worst days, at the command line, with a witness in a process of its own: a key that has to be changed, and a disk
//! that is gone.

use crate::fanout::{Town, habeas, search};
use habeas::registers::now;
use habeas::witnessing::fanout::{Fanout, Turn};

fn ends(status: i32, arguments: &[&str]) -> String {
    let (ended, out, err) = habeas(arguments);
    assert_eq!(ended, status, "{arguments:?}\n{out}{err}");
    out + &err
}

#[test]
fn a_disk_that_failed_is_restored_and_what_the_witness_has_seen_is_declared_lost() {
    let town = Town::new();
    let key = town.witness_key("ombudsman.example");
    let witness = town.start_witness("ombudsman.example", "127.0.0.1:0");
    let policy = town.write_policy(&[("ombudsman", &key, &witness.address)]);
    let (data, backup) = (town.shown("data"), town.shown("backup"));
    ends(0, &["admin", "backup", "--data", &data, "--to", &backup]);
    let register = town.open();
    search(&register, "s2");
    let turn = Fanout::new(&register, policy).expect("it asks for witnesses").turn(now()).expect("a turn");
    assert!(matches!(turn, Turn::Witnessed(2)), "{turn:?}");
    drop(register);
    for file in ["register.db", "last.note"] {
        std::fs::remove_file(town.path("data").join(file)).expect("the disk is gone");
    }
    let told = ends(1, &["admin", "restore", "--data", &data, "--from", &backup]);
    assert!(told.contains("1 entries are here, 2 were signed, as ombudsman shows: entries 1 to 1 are missing"), "{told}");
    let refused = ends(3, &["admin", "sweep", "--data", &data]);
    assert!(refused.contains("read-only") && refused.contains("habeas admin restore"), "{refused}");
    let epoch = ["admin", "restore", "--data", &data, "--offline", "--new-epoch", "--ground", "disk failed", "--approved-by", "officer:17"];
    ends(2, &epoch);
    let told = ends(0, &[epoch.as_slice(), &["--approved-by", "ombudsman:2"]].concat());
    assert!(told.contains("1 entries kept, 1 declared lost; the log goes on as\ncustody.example/st/1/e2+"), "{told}");
    let told = ends(4, &["verify", "log", &data, "--deep"]);
    assert!(told.contains("lost") && told.contains("Lost are its entries 1 to 1") && told.contains("INCOMPLETE (4)"), "{told}");
    // The witness does not know the new name until it is told: then it is seen again.
    let policy_text = std::fs::read_to_string(town.path("data/policy")).expect("a policy");
    assert!(policy_text.contains("#until 2") && policy_text.contains("#after 1 custody.example/st/1"), "{policy_text}");
    ends(0, &["admin", "restore", "--data", &data, "--offline"]);
}

#[test]
fn a_new_key_is_given_to_the_witness_and_the_log_is_seen_again() {
    let town = Town::new();
    let key = town.witness_key("ombudsman.example");
    let witness = town.start_witness("ombudsman.example", "127.0.0.1:0");
    let address = witness.address.clone();
    town.write_policy(&[("ombudsman", &key, &address)]);
    let (data, statement, receipt) = (town.shown("data"), town.shown("succession.note"), town.shown("receipt"));
    let old = town.shown("old.policy");
    std::fs::copy(town.path("data/policy"), &old).expect("what the auditor keeps");
    let told = ends(0, &["admin", "rotate", "log", "--data", &data, "--statement", &statement]);
    let line = told.lines().find(|line| line.starts_with("custody.example/st/1+")).expect("the new key").to_owned();
    let policy = habeas_ledger::policy::Policy::parse(&std::fs::read(town.path("data/policy")).expect("a policy")).expect("a policy");
    let register = town.open();
    let turn = Fanout::new(&register, policy.clone()).expect("it asks for witnesses").turn(now()).expect("a turn");
    assert!(matches!(&turn, Turn::Unwitnessed(silent) if silent[0].1.contains("403")), "it does not know the new key: {turn:?}");
    drop(witness);
    let (own, memory) = (town.shown("ombudsman.example.key"), town.shown("ombudsman.example.db"));
    let listen = address.trim_start_matches("http://");
    let log = town.log_line();
    let log = log.trim_start_matches("log ");
    let _witness = crate::fanout::Running::start(&[
        "witness", "serve", "--key", &own, "--memory", &memory, "--log", log, "--log", &line, "--listen", listen,
    ]);
    let turn = Fanout::new(&register, policy).expect("it asks for witnesses").turn(now()).expect("a turn");
    assert!(matches!(turn, Turn::Witnessed(2)), "{turn:?}");
    std::fs::write(&receipt, register.receipt(0).expect("a receipt")).expect("written");
    drop(register);
    ends(1, &["verify", "receipt", &receipt, "--policy", &old]);
    ends(0, &["verify", "receipt", &receipt, "--policy", &old, "--statement", &statement]);
    ends(2, &["verify", "receipt", &receipt, "--policy", &old, "--statement", &old]);
}
