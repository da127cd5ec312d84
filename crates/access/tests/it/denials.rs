//! Who is turned away: every role by every class of facts, and the stories behind the table.

use super::{a, field, kind, pack, pack_with, reads, ties};
use habeas_access::{Access, Principal, What, schema};
use habeas_codebook::tree::Access::Line;
use habeas_codebook::tree::{Act, Codebook, EventName, Scope, Sensitivity, Tie};
use std::fmt::Write;

/// The ties that a reader may have to a record, each alone, and the ones that the sentences join.
const READERS: [(&str, &[Tie]); 7] = [
    ("stranger", &[]),
    ("place", &[Tie::OwnPlace]),
    ("patient", &[Tie::OwnPatient, Tie::OwnPlace]),
    ("client", &[Tie::OwnClient]),
    ("case", &[Tie::OwnCase]),
    ("self", &[Tie::Own]),
    ("consent", &[Tie::ConsentGiven, Tie::OwnClient]),
];

/// One line a role: for each class, the ties with which the role reads it.
fn matrix(access: &Access) -> String {
    let mut text = String::new();
    for (role, name) in access.desk_roles() {
        let who = Principal { user: "officer:1".to_owned(), roles: [role].into(), places: ["sahil".to_owned()].into() };
        write!(text, "{name:24}").expect("a text");
        for class in schema::CLASSES {
            let open = |with: &[Tie]| access.may(&who, Act::Read, &What::Verdict(class), ties(with));
            let with: Vec<&str> = READERS.iter().filter(|(_, with)| open(with)).map(|(name, _)| *name).collect();
            let shown = if with.len() == READERS.len() { "all".to_owned() } else { with.join("+") };
            write!(text, " {}={}", schema::class_name(class), if shown.is_empty() { "-" } else { &shown }).expect("a text");
        }
        text.push('\n');
    }
    text
}

#[test]
fn every_role_by_every_class_is_as_the_vocabulary_says() {
    let access = Access::new(&pack("aze")).expect("compiles");
    insta::assert_snapshot!(matrix(&access));
}

#[test]
fn who_may_record_which_kind_is_as_the_vocabulary_says() {
    let codebook = pack("core");
    let access = Access::new(&codebook).expect("compiles");
    let everything = [Tie::OwnPlace, Tie::OwnClient, Tie::OwnPatient, Tie::Own];
    let mut text = String::new();
    for (i, one) in codebook.kinds.iter().enumerate() {
        let what = What::Event(habeas_codebook::tree::KindId(u16::try_from(i).expect("few")));
        let may = |role| {
            let who = Principal { user: "officer:1".to_owned(), roles: [role].into(), places: ["sahil".to_owned()].into() };
            access.may(&who, Act::Record, &what, ties(&everything))
        };
        let who: Vec<&str> = access.desk_roles().filter(|(role, _)| may(*role)).map(|(_, name)| name).collect();
        writeln!(text, "{}: {}", one.name, who.join(", ")).expect("a text");
    }
    insta::assert_snapshot!(text);
}

#[test]
fn an_officer_sees_that_a_person_was_examined_and_the_instruction_but_never_the_findings() {
    let codebook = pack("aze");
    let access = Access::new(&codebook).expect("compiles");
    let examined = What::Event(kind(&codebook, "medical examined"));
    assert!(reads(&access, "custody officer", &examined, &[Tie::OwnPlace]));
    assert!(reads(&access, "custody officer", &field(&codebook, "medical examined", "handling"), &[Tie::OwnPlace]));
    assert!(!reads(&access, "custody officer", &field(&codebook, "medical examined", "findings"), &[Tie::OwnPlace]));
    assert!(!reads(&access, "head of place", &field(&codebook, "medical examined", "findings"), &[Tie::OwnPlace]));
    assert!(reads(&access, "doctor", &field(&codebook, "medical examined", "findings"), &[Tie::OwnPatient]));
    assert!(!reads(&access, "doctor", &field(&codebook, "medical examined", "findings"), &[]), "somebody else's patient");
}

#[test]
fn the_accused_officer_cannot_read_the_complaint_with_any_role_or_tie() {
    let codebook = pack("aze");
    let access = Access::new(&codebook).expect("compiles");
    let complaint = What::Event(kind(&codebook, "complaint received"));
    let all: Vec<Tie> = schema::TIES.to_vec();
    for role in ["custody officer", "arresting officer", "investigator", "prison registrar", "prison officer", "head of place"] {
        assert!(!reads(&access, role, &complaint, &all), "{role}");
        assert!(!reads(&access, role, &field(&codebook, "complaint received", "account"), &all), "{role}: a field");
    }
    assert!(reads(&access, "internal affairs", &complaint, &[Tie::OwnCase]));
    assert!(
        !reads(&access, "internal affairs", &complaint, &[Tie::OwnCase, Tie::NamedInIt]),
        "nobody looks into a complaint about themself"
    );
}

#[test]
fn whoever_a_warning_sign_or_violence_made_known_is_about_reads_nothing_of_it_whatever_their_work_is() {
    let codebook = pack("aze");
    let access = Access::new(&codebook).expect("compiles");
    let event = |name: &str| What::Event(kind(&codebook, name));
    for (role, name, with) in [
        ("internal affairs", "warning sign noted", &[] as &[Tie]),
        ("internal affairs", "warning sign answered", &[]),
        ("monitor", "warning sign noted", &[]),
        ("monitor", "warning sign answered", &[]),
        ("head of place", "warning sign noted", &[Tie::OwnPlace]),
    ] {
        let all: Vec<Tie> = with.iter().copied().chain([Tie::NamedInIt]).collect();
        assert!(reads(&access, role, &event(name), with), "{role}: {name}");
        assert!(!reads(&access, role, &event(name), &all), "{role} is whom it is about: {name}");
        assert!(!reads(&access, "custody officer", &event(name), with), "it is for those who answer it");
    }
    let case = What::Record(codebook.class_named("case").expect("a class"));
    assert!(reads(&access, "social worker", &case, &[Tie::OwnCase]));
    assert!(!reads(&access, "social worker", &case, &[]), "somebody else's case");
    assert!(!reads(&access, "social worker", &case, &[Tie::OwnCase, Tie::NamedInIt]));
    assert!(!reads(&access, "investigator", &event("violence made known"), &[]));
}

#[test]
fn those_who_hold_a_person_read_of_no_step_of_a_case_whatever_ties_they_have_and_the_bodies_that_act_on_it_do() {
    let holders =
        ["custody officer", "arresting officer", "investigator", "prison registrar", "prison officer", "head of place", "doctor", "nurse"];
    let steps = [
        "complaint received",
        "complaint forwarded",
        "complaint taken up",
        "complaint graded",
        "complaint regraded",
        "complainant informed",
        "case opened",
        "case step taken",
        "case decided",
        "reasons given",
        "limitation clock changed",
        "investigator assigned",
        "interest declared",
        "evidence logged",
        "evidence moved",
        "cases joined",
        "case split",
        "protection taken",
        "reprisal watch ended",
        "record accessed",
    ];
    let codebook = pack("aze");
    let access = Access::new(&codebook).expect("compiles");
    let ties_of = |without: &[Tie]| schema::TIES.into_iter().filter(|tie| !without.contains(tie)).collect::<Vec<Tie>>();
    for step in steps {
        let id = kind(&codebook, step);
        let fields = codebook.kind(id).fields.iter().map(|field| What::Field(id, field.name));
        for what in std::iter::once(What::Event(id)).chain(fields) {
            for role in holders {
                // A person who is somebody's client or self is not there as an officer.
                let with = ties(&ties_of(&[Tie::Own]));
                for act in [Act::Read, Act::Search, Act::Print, Act::Export] {
                    assert!(!access.may(&a(&access, role), act, &what, with), "{role} may {act:?} {step}: {what:?}");
                }
            }
            let with = ties_of(&[Tie::NamedInIt, Tie::OverOneNamed]);
            assert!(reads(&access, "monitor", &what, &with), "the monitor reads {step}");
            if step != "record accessed" {
                assert!(reads(&access, "procurator", &what, &with), "the procurator reads {step}");
            }
        }
    }
}

#[test]
fn a_deny_wins_over_the_allow_of_another_role_of_the_same_person() {
    let codebook = pack("aze");
    let access = Access::new(&codebook).expect("compiles");
    let complaint = What::Event(kind(&codebook, "complaint received"));
    let mut both = a(&access, "monitor");
    both.roles.insert(access.role_named("prison registrar").expect("a role"));
    assert!(access.may(&both, Act::Read, &complaint, ties(&[])));
    let denied = access.decide(&both, Act::Read, &complaint, ties(&[Tie::NamedInIt]));
    assert!(!denied.allowed);
    assert_eq!(denied.because, ["Convention against Torture, article 13"]);
}

#[test]
fn an_open_glass_shows_findings_but_nothing_privileged() {
    let codebook = pack("aze");
    let access = Access::new(&codebook).expect("compiles");
    let open = [Tie::BreakGlass, Tie::OwnPlace];
    assert!(reads(&access, "nurse", &What::Verdict(Sensitivity::Medical), &open));
    assert!(reads(&access, "custody officer", &What::Verdict(Sensitivity::Custody), &[Tie::BreakGlass]));
    for (role, _) in access.desk_roles() {
        let who = Principal { user: "officer:1".to_owned(), roles: [role].into(), places: Default::default() };
        assert!(!access.may(&who, Act::Read, &What::Verdict(Sensitivity::Privileged), ties(&open)));
    }
}

#[test]
fn an_open_glass_stays_shut_on_what_is_privileged_even_where_a_line_opens_everything() {
    let line = "allow nurse to read everything when break glass, because \"too wide\".";
    let codebook = pack_with("aze", line).codebook.expect("reads");
    let access = Access::new(&codebook).expect("compiles");
    assert!(reads(&access, "nurse", &What::Verdict(Sensitivity::Medical), &[Tie::BreakGlass]));
    assert!(!reads(&access, "nurse", &What::Verdict(Sensitivity::Privileged), &[Tie::BreakGlass]));
}

#[test]
fn an_investigator_may_not_also_be_the_custody_officer() {
    let codebook = pack("aze");
    let access = Access::new(&codebook).expect("compiles");
    let role = |name: &str| access.role_named(name).expect("a role");
    assert_eq!(access.incompatible(&[role("investigator"), role("custody officer")].into()).len(), 1);
    assert!(access.incompatible(&[role("custody officer"), role("prison officer")].into()).is_empty());
}

#[test]
fn a_relative_reads_nothing_that_is_not_public() {
    let codebook = pack("aze");
    let access = Access::new(&codebook).expect("compiles");
    for class in &schema::CLASSES[1..] {
        assert!(!reads(&access, "relative", &What::Verdict(*class), &schema::TIES), "{class:?}");
    }
}

/// What a line is about: the event and each of its fields, a field, a record, a class.
fn things(codebook: &Codebook, scope: &Scope) -> Vec<What> {
    let kind_of = |event: &EventName| match event {
        EventName::Kind(kind) => *kind,
        EventName::Alias(alias) => codebook.expand(&codebook.aliases[alias.index()].pattern).0,
    };
    match scope {
        Scope::Event(event) => {
            let kind = kind_of(event);
            let fields = codebook.kind(kind).fields.iter().map(|field| What::Field(kind, field.name));
            std::iter::once(What::Event(kind)).chain(fields).collect()
        }
        Scope::Field(field, event) => vec![What::Field(kind_of(event), *field)],
        Scope::RecordOf(class) => vec![What::Record(*class)],
        Scope::Class(class) => vec![What::Verdict(*class)],
        Scope::Table(table) => vec![What::Table(table.clone())],
        Scope::Everything => Vec::new(),
    }
}

#[test]
fn every_sentence_that_shuts_something_shuts_it_whatever_else_holds() {
    for name in ["core", "aze", "ew", "standards"] {
        let codebook = pack(name);
        let access = Access::new(&codebook).expect("compiles");
        let mut tried = 0;
        for line in &codebook.access {
            let Line { allow: false, roles, acts, scope, when, because, .. } = line else { continue };
            let with: Vec<Tie> = schema::TIES.into_iter().filter(|tie| !when.contains(&(false, *tie))).collect();
            for (role, act) in roles.iter().flat_map(|role| acts.iter().map(move |act| (*role, *act))) {
                // The same person holds every other role besides, and has every tie that the sentence does not exclude.
                let roles = access.desk_roles().map(|(one, _)| one).chain([role]).collect();
                let who = Principal { user: "officer:1".to_owned(), roles, places: ["sahil".to_owned()].into() };
                for what in things(&codebook, scope) {
                    assert!(
                        !access.may(&who, act, &what, ties(&with)),
                        "{name}: {} may {act:?} {what:?}: {because}",
                        access.role_name(role)
                    );
                    tried += 1;
                }
            }
        }
        assert!(tried > 100, "{name}: {tried}");
    }
}

#[test]
fn an_officer_types_no_torture_down_and_puts_no_complaint_right() {
    let codebook = pack("aze");
    let access = Access::new(&codebook).expect("compiles");
    let (complaint, regraded) = (What::Event(kind(&codebook, "complaint received")), What::Event(kind(&codebook, "complaint regraded")));
    for role in ["custody officer", "arresting officer", "investigator", "prison officer"] {
        assert!(!access.may(&a(&access, role), Act::Record, &regraded, ties(&schema::TIES)), "{role} grades anew");
        assert!(!access.may(&a(&access, role), Act::Correct, &complaint, ties(&schema::TIES)), "{role} puts right");
    }
    let open: Vec<Tie> = schema::TIES.into_iter().filter(|tie| !matches!(tie, Tie::NamedInIt | Tie::OverOneNamed)).collect();
    assert!(access.may(&a(&access, "procurator"), Act::Record, &regraded, ties(&open)), "the procurator may, in an entry of its own");
}

#[test]
fn the_place_takes_back_no_appeal_and_rules_on_no_negligence_of_its_own() {
    let codebook = pack("aze");
    let access = Access::new(&codebook).expect("compiles");
    for event in ["appeal withdrawn", "negligence ruled on", "death cause determined", "release ordered", "reprisal watch ended"] {
        let what = What::Event(kind(&codebook, event));
        for role in ["custody officer", "prison officer", "head of place"] {
            assert!(!access.may(&a(&access, role), Act::Record, &what, ties(&schema::TIES)), "{role} records {event}");
        }
    }
}

#[test]
fn whether_ties_decide_is_told_for_what_each_reader_reads() {
    let codebook = pack("aze");
    let access = Access::new(&codebook).expect("compiles");
    let who = |role: &str| Principal {
        user: "officer:1".to_owned(),
        roles: [access.role_named(role).expect("a role")].into(),
        places: Default::default(),
    };
    let verdict = |role: &str, class| access.whatever_ties(&who(role), Act::Read, &What::Verdict(class));
    assert_eq!(verdict("monitor", Sensitivity::Custody), Some(true), "the ombudsman sees every place");
    assert_eq!(verdict("monitor", Sensitivity::Privileged), None, "and what was confided to whoever has the case");
    assert_eq!(verdict("custody officer", Sensitivity::Privileged), Some(false), "the officer none of it");
    assert_eq!(verdict("custody officer", Sensitivity::Custody), None, "and of custodies those of the own place");
    let event = |name: &str| What::Event(kind(&codebook, name));
    let needs = |role: &str, tie| access.needs(&who(role), Act::Read, &event("lawyer requested"), tie);
    assert!(needs("lawyer desk", Tie::OwnClient) && !needs("lawyer desk", Tie::OwnCase));
    assert!(!needs("monitor", Tie::OwnClient), "whoever reads of everybody");
    let both = Principal { roles: &who("lawyer desk").roles | &who("monitor").roles, ..who("monitor") };
    assert!(!access.needs(&both, Act::Read, &event("lawyer requested"), Tie::OwnClient), "one of two roles is enough");
}

#[test]
fn where_a_sentence_may_speak_of_any_tie_all_of_them_are_asked_about() {
    let reading = pack_with("core", "cedar \"permit (principal, action, resource) when { context.own_place && context.on_shift };\".");
    let access = Access::new(&reading.codebook.expect("a pack")).expect("compiles");
    let lawyer = Principal {
        user: "lawyer:1".to_owned(),
        roles: [access.role_named("lawyer desk").expect("a role")].into(),
        places: Default::default(),
    };
    assert!(!access.needs(&lawyer, Act::Read, &What::Verdict(Sensitivity::Custody), Tie::OwnClient));
}
