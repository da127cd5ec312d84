//! What is wrong with a sentence is told with its place, and no sentence is ever half accepted.

use crate::{errors, folder, line, read_alone, with_chapter};
use habeas_codebook::diagnostic::Severity;
use habeas_codebook::tree::{Body, Cond, Term, Test};

const HEAD: &str = "Cites \"Mandela Rules\" rule 1. In force from 2020-01-01. Severity record.";
const DUTY: &str = "For each visit, no entry refused may happen.";
const TELL: &str = "On breach, tell minister.";

/// A chapter of one rule: line 4 names it, line 5 has the duty and line 6 the rest.
fn rule(duty: &str, rest: &str) -> String {
    format!("# Specimen\n\n```rule\nrule specimen {HEAD}\n{duty}\n{rest}\n```\n")
}

fn block(fence: &str, lines: &str) -> String {
    format!("# Specimen\n\n```{fence}\n{lines}\n```\n")
}

/// Reads a chapter that must be refused, and gives its errors.
fn refused(chapter: &str) -> Vec<String> {
    let reading = read_alone(&with_chapter(chapter));
    assert!(reading.codebook.is_none(), "accepted: {chapter}");
    errors(&reading)
}

fn help_of(chapter: &str) -> String {
    let reading = read_alone(&with_chapter(chapter));
    let told = reading.diagnostics.into_iter().find(|d| d.severity == Severity::Error);
    told.and_then(|d| d.help).expect("an error with a help")
}

#[test]
fn the_conformance_codebook_is_read_without_an_error() {
    let reading = read_alone(&folder("tests/conformance"));
    assert_eq!(errors(&reading), Vec::<String>::new());
    assert_eq!(reading.codebook.expect("no error").rules.len(), 28);
}

#[test]
fn each_bad_chapter_is_refused_with_the_code_at_the_line() {
    let expected =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/conformance/bad/expected.json")).expect("the list");
    let mut seen = 0;
    for entry in expected.lines().filter(|l| l.contains("\"file\"")) {
        let member = |name: &str| {
            let rest = entry.split(&format!("\"{name}\": ")).nth(1).expect("the member");
            rest.split([',', '}']).next().expect("its value").trim_matches('"').to_owned()
        };
        let path = format!("{}/../../tests/conformance/bad/{}", env!("CARGO_MANIFEST_DIR"), member("file"));
        let reading = read_alone(&with_chapter(&std::fs::read_to_string(path).expect("the chapter")));
        let (code, at) = (member("code"), member("line"));
        let found = reading.diagnostics.iter().any(|d| d.code == code && line(&reading, d).to_string() == at);
        assert!(found && reading.codebook.is_none(), "{}: {:?}", member("file"), errors(&reading));
        seen += 1;
    }
    assert_eq!(seen, 8);
}

#[test]
fn a_rule_whose_last_clause_has_no_full_stop_is_not_dropped_unsaid() {
    assert_eq!(refused(&rule(DUTY, "On breach, tell minister")), ["6 E100 minister"]);
    assert_eq!(refused(&rule("For each visit, no entry refused may happen", "")), ["5 E100 happen"]);
    assert_eq!(refused(&rule("For each visit, no entry refused may happen", TELL)), ["6 E100 On"]);
}

#[test]
fn a_declaration_without_its_full_stop_is_refused() {
    assert_eq!(refused(&block("event", "event door opened of custody")), ["4 E100 custody"]);
    assert_eq!(refused(&block("event", "event door opened of custody\nevent door shut of custody.")), ["5 E100 event"]);
}

#[test]
fn half_a_rule_is_refused() {
    assert_eq!(refused(&rule("For each visit, no entry", "")), ["5 E101 entry"]);
    assert_eq!(refused(&rule("For each visit, after", "")), ["5 E100 after"]);
    assert_eq!(refused(&rule("For each visit", "")), ["5 E100 visit"]);
    assert_eq!(refused(&block("rule", "rule specimen")), ["4 E106 rule specimen"]);
    assert_eq!(refused(&block("rule", "rule")), ["4 E100 rule", "4 E106 rule"]);
}

#[test]
fn a_rule_has_exactly_one_duty_and_a_first_day() {
    assert_eq!(refused(&rule(TELL, "")), ["4 E106 rule specimen"]);
    assert_eq!(refused(&rule(DUTY, &format!("{DUTY} {TELL}"))), ["4 E106 rule specimen"]);
    let undated = rule(DUTY, TELL).replace(" In force from 2020-01-01.", "");
    assert_eq!(refused(&undated), ["4 E111 rule specimen"]);
}

#[test]
fn of_two_clauses_that_contradict_each_other_neither_wins_unsaid() {
    assert_eq!(refused(&rule(DUTY, &format!("Severity critical. {TELL}"))), ["6 E100 Severity"]);
    assert_eq!(refused(&rule(DUTY, &format!("In force from 2021-01-01. {TELL}"))), ["6 E100 In force from"]);
}

#[test]
fn several_errors_are_told_in_one_run() {
    let duty = "For each custody, while interview undr way, no entry refused may happen.";
    let rest = "Unless fugitve, the rule does not apply. On breach, tell minster. It outlasts the custdy.";
    assert_eq!(refused(&rule(duty, rest)), ["5 E101 interview undr way", "6 E101 fugitve", "6 E101 minster", "6 E100 It"]);
    let two = format!(
        "rule first {HEAD}\nFor each custdy, no entry refused may happen. {TELL}\n\
         rule second {HEAD}\nFor each visit, no entry refsed may happen. {TELL}"
    );
    assert_eq!(refused(&block("rule", &two)), ["5 E101 custdy", "7 E101 entry refsed"]);
    let event = "event door opened of custdy: why text; by whom nosuch; how choice(key, force; when time.";
    assert_eq!(refused(&block("event", event)), ["4 E101 custdy", "4 E100 by", "4 E100 ;"]);
}

#[test]
fn an_unknown_name_is_told_with_the_three_nearest() {
    let help = help_of(&rule("For each custody, while interview undr way, it is forbidden.", TELL));
    assert!(help.starts_with("nearest: `interview under way`, "), "{help}");
    assert_eq!(help.matches('`').count(), 6);
    assert!(help_of(&rule("For each visit, no entry", "")).starts_with("nearest: `entry refused`"));
    let help = help_of(&rule("For each visit, after breach found whose safeguard is zz, entry refused must happen within 1 day.", TELL));
    assert_eq!(help, "declare the rule in a block of this codebook or of one that it builds on");
}

#[test]
fn a_name_may_not_hide_the_language_or_another_name() {
    for name in ["unless", "after hours", "whose turn", "must happen", "has happened", "given not more than once", "severity", "by night"] {
        assert_eq!(refused(&block("event", &format!("event {name} of custody."))), [format!("4 E105 {name}")]);
    }
    assert_eq!(refused(&block("event", "event arrested of custody.")), ["4 E105 arrested"]);
    assert_eq!(refused(&block("event", "event correction of custody.")), ["4 E105 correction"]);
    assert_eq!(refused(&block("event", "alias arrested is released.")), ["4 E105 arrested"]);
    assert_eq!(
        refused(&block("event", "alias here is there.\nalias there is here.")),
        ["4 E105 alias here is there", "5 E105 alias there is here"]
    );
}

#[test]
fn a_word_may_stand_in_two_classes_and_the_place_in_the_sentence_decides() {
    let chapter = "# Specimen\n\n```event\nevent lawyer seen of custody: lawyer choice(lawyer, other); custody custody.\n\
                   list custody: custody, lawyer.\n```\n\n\
                   ```rule\nrule lawyer Cites \"Mandela Rules\" rule 1. In force from 2020-01-01. Severity record.\n\
                   For each custody, every lawyer seen must satisfy the lawyer is lawyer. On breach, tell lawyer.\n```\n";
    let reading = read_alone(&with_chapter(chapter));
    assert_eq!(errors(&reading), Vec::<String>::new());
}

#[test]
fn letters_of_either_size_and_line_breaks_mean_the_same() {
    let plain = read_alone(&with_chapter(&rule(DUTY, TELL))).codebook.expect("good");
    let loud = rule(&DUTY.to_uppercase(), "on\nbreach ,\n\ttell   Minister .");
    assert_eq!(read_alone(&with_chapter(&loud)).codebook.expect("good").rules, plain.rules);
}

#[test]
fn a_measure_of_the_wrong_kind_is_refused() {
    let present = "For each interview, while interview under way, there must be at most 2 hours officers present.";
    assert_eq!(refused(&rule(present, TELL)), ["5 E103 2 hours"]);
    let longer = "For each interview, while interview under way, it must not last longer than 4 square metres.";
    assert_eq!(refused(&rule(longer, TELL)), ["5 E103 4 square metres"]);
    let half = "For each interview, while interview under way, it must not last longer than 1.5 hours.";
    assert_eq!(refused(&rule(half, TELL)), ["5 E100 1.5"]);
}

#[test]
fn conditions_without_brackets_and_brackets_without_end_are_refused() {
    let mixed = "For each custody where the person is a child and isolated or fugitive, no entry refused may happen.";
    assert_eq!(refused(&rule(mixed, TELL)), ["5 E107 or"]);
    let deep = format!("For each visit, every entry refused must satisfy {}isolated{}.", "(".repeat(5000), ")".repeat(5000));
    assert_eq!(refused(&rule(&deep, TELL)), ["5 E100 ("]);
}

#[test]
fn a_fence_or_a_quotation_that_is_never_closed_is_told_where_it_opens() {
    let open = rule(DUTY, TELL).replace("\n```\n", "\n");
    assert_eq!(refused(&open), ["3 E100 ```rule"]);
    let quotation = rule(DUTY, TELL).replace("Mandela Rules\"", "Mandela Rules");
    assert_eq!(refused(&quotation).len(), 1);
    assert!(refused(&quotation)[0].starts_with("4 E100 \"Mandela Rules rule 1."));
}

#[test]
fn other_fences_are_prose() {
    let chapter = "# Specimen\n\n```text\nrule of thumb\n```\n\n```json\n{}\n```\n\n    rule indented\n\n\
                   ```\nrule bare\n```\n\n```figure\nfigure deaths\n```\n";
    assert_eq!(errors(&read_alone(&with_chapter(chapter))), Vec::<String>::new());
}

#[test]
fn a_choice_that_declares_yes_or_no_is_tested_by_its_own_value() {
    let chapter = "# Specimen\n\n```event\nevent door seen of custody: camera choice(yes, no, off); lit yes/no.\n```\n\n\
                   ```rule\nrule seen Cites \"Mandela Rules\" rule 1. In force from 2020-01-01. Severity record.\n\
                   For each custody, every door seen must satisfy the camera is not no and the lit is yes.\n\
                   On breach, tell minister.\n```\n";
    let codebook = read_alone(&with_chapter(chapter)).codebook.expect("good");
    let rule = codebook.rules.iter().find(|rule| rule.id == "seen").expect("the rule");
    let Body::EverySatisfies { cond: Cond::All(parts), .. } = &rule.body else { panic!("another duty: {:?}", rule.body) };
    let terms: Vec<bool> = parts.iter().map(is_declared_value).collect();
    assert_eq!(terms, [true, false], "the choice has a value of its own, the answer yes/no has the one built in");
}

fn is_declared_value(cond: &Cond) -> bool {
    matches!(cond, Cond::Field(_, Test::Is(_, Term::Value(..))))
}

#[test]
fn a_value_may_not_be_a_word_that_a_test_needs() {
    assert_eq!(refused(&block("event", "event door seen of custody: came back choice(late, not).")), ["4 E105 not"]);
    assert_eq!(refused(&block("event", "list times: at least, at noon.")), ["4 E105 at least"]);
    assert!(help_of(&block("event", "event door seen of custody: came back choice(late, not).")).contains("`not_so`"));
}

/// What an author is told first of a chapter, with its help.
fn told_first(chapter: &str) -> (String, String) {
    let reading = read_alone(&with_chapter(chapter));
    let mut errors = reading.diagnostics.iter().filter(|d| d.severity == Severity::Error);
    let first = errors.next().expect("an error");
    (format!("{} {}", first.code, first.message), first.help.clone().unwrap_or_default())
}

#[test]
fn a_name_with_of_in_it_is_told_where_it_ends() {
    let (told, help) = told_first("# More\n\n```event\nevent report of injury of custody: text text.\n```\n");
    assert_eq!(told, "E105 a name ends at the first `of`, so this event would be called `report`, not `report of injury`");
    assert_eq!(help, "leave `of` out of the name: `report injury`");
    let (told, _) = told_first("# More\n\n```state\nstate out of sight of custody: from arrested until released.\n```\n");
    assert_eq!(told, "E105 a name ends at the first `of`, so this state would be called `out`, not `out of sight`");
}

#[test]
fn a_comma_in_the_name_of_an_alias_or_limit_is_told_as_such() {
    let (told, help) = told_first("# More\n\n```event\nalias met, alone is lawyer met whose confidential is yes.\n```\n");
    assert_eq!((told.as_str(), help.contains("ends at `is`")), ("E105 the name of an alias cannot hold `,`", true));
    let (told, _) = told_first("# More\n\n```limit\nlimit soon, at once is 1 hour, set by operator, because \"none\".\n```\n");
    assert_eq!(told, "E105 the name of a limit cannot hold `,`");
}

#[test]
fn so_long_before_a_time_is_written_out() {
    let rule = |limit: &str| {
        format!(
            "# More\n\n```rule\nrule back-early\n  Cites \"CAT/C/SR.2087\" paragraph 25. In force from 2024-01-01. Severity notable.\n  \
             For each custody, after removal authorised, returned to facility must happen {limit}.\n  On breach, tell ombudsman.\n```\n"
        )
    };
    for limit in ["by the limit removal time before the valid until", "by removal time before the valid until"] {
        let (told, help) = told_first(&rule(limit));
        assert!(told.starts_with("E129 `by` takes a field of the event, and before it a length written out"), "{told}");
        assert!(help.contains("by 30 minutes before the FIELD"), "{help}");
    }
    assert_eq!(errors(&read_alone(&with_chapter(&rule("by 1 hour before the valid until")))), Vec::<String>::new());
}
