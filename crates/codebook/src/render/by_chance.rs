//! Rules that nobody wrote: whatever is read aloud is read back as the same rule.

use crate::diagnostic::SourceFile;
use crate::pack::PackSource;
use proptest::prelude::*;
use std::path::Path;
use std::sync::OnceLock;

/// Events of a custody in the conformance codebook, with tests on their fields.
const EVENTS: [&str; 9] = [
    "arrested",
    "arrived",
    "relative notified",
    "lawyer met whose confidential is yes",
    "lawyer waived",
    "medical examination whose reason is one of (arrival, new injury)",
    "medical examination whose reason is not request and whose findings is known",
    "removal authorised whose by is procurator",
    "belts put on",
];

fn event() -> impl Strategy<Value = String> {
    prop::sample::select(&EVENTS[..]).prop_map(str::to_owned)
}

fn length() -> impl Strategy<Value = String> {
    const UNITS: [&str; 6] = ["second", "minute", "hour", "day", "month", "year"];
    let written =
        (1u32..400, prop::sample::select(&UNITS[..])).prop_map(|(n, unit)| format!("{n} {unit}{}", if n == 1 { "" } else { "s" }));
    prop_oneof![written, Just("the limit prompt examination".to_owned())]
}

fn cond() -> impl Strategy<Value = String> {
    let atom = prop_oneof![
        event().prop_map(|e| format!("{e} has happened")),
        event().prop_map(|e| format!("{e} has not happened")),
        Just("the person is a child".to_owned()),
        Just("the person is not a child".to_owned()),
        Just("best-interests decision in force".to_owned()),
        Just("the purpose of the removed from facility is one of (medical emergency, court hearing)".to_owned()),
        Just("the born of the person is known".to_owned()),
    ];
    atom.prop_recursive(3, 12, 3, |inner| {
        (prop::collection::vec(inner, 2..4), any::<bool>()).prop_map(|(parts, all)| {
            let parts: Vec<String> =
                parts.into_iter().map(|p| if p.contains(" and ") || p.contains(" or ") { format!("({p})") } else { p }).collect();
            parts.join(if all { " and " } else { " or " })
        })
    })
}

fn body() -> impl Strategy<Value = String> {
    let which = prop::sample::select(&["after", "after the first", "after the latest"][..]);
    let limit = prop_oneof![
        length().prop_map(|l| format!("within {l}")),
        event().prop_map(|e| format!("before {e}")),
        Just("as long as interview under way".to_owned()),
    ];
    let bound = prop::sample::select(&["at least", "at most", "exactly"][..]);
    prop_oneof![
        (which.clone(), event(), event(), limit.clone()).prop_map(|(w, a, b, l)| format!("{w} {a}, {b} must happen {l}")),
        (which, event(), event(), limit).prop_map(|(w, a, b, l)| format!("{w} {a}, no {b} may happen {l}")),
        (event(), event()).prop_map(|(a, b)| format!("before {a}, {b} must have happened")),
        (event(), event(), length()).prop_map(|(a, b, l)| format!("before {a}, {b} must have happened not more than {l} earlier")),
        (length(), length())
            .prop_map(|(l, b)| format!("while interview under way, it must not last longer than {l} without a break of at least {b}")),
        (length(), length()).prop_map(|(l, w)| format!("while isolated, it must not last longer than {l} in any {w}")),
        Just("while isolated, it is forbidden".to_owned()),
        event().prop_map(|e| format!("while interview under way, no {e} may happen")),
        (bound, 0u32..4)
            .prop_map(|(b, n)| format!("while interview under way, there must be {b} {n} companion present where the role is lawyer")),
        (event(), length(), length())
            .prop_map(|(e, p, f)| format!("while isolated, {e} must happen at least every {p}, the first within {f}")),
        Just("every removed from facility must record purpose and destination".to_owned()),
        cond().prop_map(|c| format!("every arrived must satisfy {c}")),
        length().prop_map(|l| format!(
            "every removed from facility must rest on removal authorised by procurator or court given not more than {l} earlier"
        )),
        event().prop_map(|e| format!("no {e} may happen")),
    ]
}

fn rule() -> impl Strategy<Value = String> {
    let then = prop_oneof![
        Just("the rule does not apply".to_owned()),
        Just("a breach is excused".to_owned()),
        length().prop_map(|l| format!("the limit is {l}")),
    ];
    let exceptions = prop::collection::vec((cond(), then).prop_map(|(c, t)| format!("Unless {c}, {t}. ")), 0..3);
    let days = prop::sample::select(&["", "Days are counted as working days. ", "Days are counted as whole days. "][..]);
    let recorded = prop::option::of(length().prop_map(|l| format!("It must be recorded within {l}. ")));
    (body(), prop::option::of(cond()), exceptions, days, recorded, any::<bool>(), any::<bool>()).prop_map(
        |(body, condition, exceptions, days, recorded, outlasts, until)| {
            let subject = condition.map_or_else(|| "custody".to_owned(), |c| format!("custody where {c}"));
            format!(
                "rule by-chance\n  Cites \"CAT/C/SR.2087\" paragraph 2 and \"PACE Code C\" note 12B. \
                 In force from 2024-01-01{}. Severity serious.\n  \
                 For each {subject}, {body}.\n  {}{days}{}{}On breach, tell ombudsman and procurator within 2 hours.",
                if until { " until 2031-05-06" } else { "" },
                exceptions.concat(),
                recorded.unwrap_or_default(),
                if outlasts { "It outlasts the custody. The time does not run while isolated. " } else { "" },
            )
        },
    )
}

fn conformance() -> &'static PackSource {
    static SOURCE: OnceLock<PackSource> = OnceLock::new();
    SOURCE.get_or_init(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/conformance");
        let mut source = PackSource::from_folder(&folder).expect("the conformance codebook stands beside the crates");
        let toml = source.files.iter_mut().find(|f| f.path == "codebook.toml").expect("the manifest");
        toml.text = toml.text.replace("chapters = [", "chapters = [\"05-chance.md\", ");
        source
    })
}

/// The rule as the parser reads it, whatever a careful reader would object to.
fn parsed(text: &str) -> Option<(crate::tree::Codebook, crate::tree::Rule)> {
    let mut source = conformance().clone();
    source.files.push(SourceFile { path: "chapters/05-chance.md".to_owned(), text: format!("# Chance\n\n```rule\n{text}\n```\n") });
    let codebook = crate::reading::read_without_objections(&source, &|_| None)?;
    let rule = codebook.rules.iter().find(|r| r.id == "by-chance")?.clone();
    Some((codebook, rule))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn what_is_read_aloud_is_read_back_as_the_same_rule(text in rule()) {
        let Some((codebook, rule)) = parsed(&text) else { return Err(TestCaseError::fail(format!("not read: {text}"))) };
        let aloud = super::rule(&codebook, &rule);
        let Some((_, again)) = parsed(&aloud) else { return Err(TestCaseError::fail(format!("not read back: {aloud}"))) };
        prop_assert_eq!(&rule, &again, "{}", aloud);
    }
}
