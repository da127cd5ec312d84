//! Sentences becoming policies, and what is said of a raw one.

use super::{pack, pack_with};
use habeas_access::{Access, AccessError, check, policies};
use habeas_codebook::tree::{Access as Sentence, Codebook};

fn raw(policy: &str) -> Codebook {
    pack_with("aze", &format!("cedar \"{policy}\".")).codebook.expect("reads")
}

#[test]
fn every_sentence_of_every_pack_fits_the_schema() {
    for name in ["core", "aze", "standards"] {
        let codebook = pack(name);
        assert_eq!(check::misfits(&codebook), Vec::<String>::new(), "{name}");
        assert_eq!(check::check(&codebook), [], "{name}");
    }
}

#[test]
fn a_sentence_becomes_a_policy_that_a_lawyer_can_read() {
    let written = policies::written(&pack("aze"));
    let of = |because: &str| written.iter().find(|policy| policy.because.starts_with(because)).expect("there").text.clone();
    insta::assert_snapshot!([of("Istanbul Protocol"), of("a life at risk"), of("Optional Protocol, article 19")].join("\n\n"), @r#"
    permit (principal, action in [Action::"read", Action::"print", Action::"search"], resource)
    when { principal in [Role::"doctor", Role::"nurse"] }
    when { resource has class && resource.class == "medical" }
    when { context.own_patient };

    permit (principal, action in [Action::"read"], resource)
    when { principal in [Role::"doctor", Role::"nurse"] }
    when { resource has class && resource.class == "medical" }
    when { context.own_place }
    when { context.break_glass }
    unless { resource has class && resource.class == "privileged" };

    permit (principal, action in [Action::"read", Action::"search"], resource)
    when { principal in [Role::"monitor"] }
    when { resource in Event::"complaint received" };
    "#);
}

#[test]
fn a_raw_policy_decides_like_a_sentence() {
    let codebook = raw("forbid (principal == User::'officer:1', action, resource) when { context.own_place };");
    assert_eq!(check::check(&codebook), []);
    let access = Access::new(&codebook).expect("compiles");
    let board = habeas_access::What::Verdict(habeas_codebook::tree::Sensitivity::Custody);
    let mut officer = super::a(&access, "custody officer");
    let own = super::ties(&[habeas_codebook::tree::Tie::OwnPlace]);
    assert!(!access.may(&officer, habeas_codebook::tree::Act::Read, &board, own));
    officer.user = "officer:2".to_owned();
    assert!(access.may(&officer, habeas_codebook::tree::Act::Read, &board, own));
}

#[test]
fn a_raw_policy_that_cannot_be_read_or_never_apply_is_told_with_its_place() {
    let troubles = [
        "permit (principal",
        "permit (principal, action == Action::'peek', resource);",
        "permit (principal, action, resource) when { context.own_plaec };",
    ];
    let mut told = String::new();
    for policy in troubles {
        let codebook = raw(policy);
        for diagnostic in check::check(&codebook) {
            assert!(codebook.access.iter().any(|line| matches!(line, Sentence::Cedar(_, mark) if mark.bytes == diagnostic.mark.bytes)));
            told.push_str(&format!("{} {}\n", diagnostic.code, diagnostic.message));
        }
    }
    insta::assert_snapshot!(told);
    assert!(matches!(Access::new(&raw("permit (principal")), Err(AccessError::Sentence { .. })));
}
