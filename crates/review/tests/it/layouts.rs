//! Headings and openings as committees have printed them from 1999 to 2022 and as converters leave them: what is on the first page is
//! found, and a chair who gives the floor asks nothing. All persons and States are fictional.

use habeas_review::model::{DocumentKind, Kind, Review, SymbolSource};

fn read(name: &str) -> Review {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/records").join(name);
    habeas_review::import(&std::fs::read(path).expect("a record")).expect("recognised")
}

fn kinds(review: &Review) -> Vec<Kind> {
    review.paragraphs.iter().map(|paragraph| paragraph.kind).collect()
}

fn asked(review: &Review) -> Vec<&str> {
    review.questions.iter().map(|question| question.text.as_str()).collect()
}

#[test]
fn a_footnote_before_the_title_and_a_chairman_who_has_the_report_presented() {
    let review = read("torture-1999-opening.txt");
    let document = &review.document;
    assert_eq!((document.symbol.as_deref(), document.session, document.meeting), (Some("CAT/C/SR.412"), Some(23), Some(412)));
    assert_eq!((document.date.as_deref(), document.called_to_order.as_deref()), (Some("1999-11-15"), Some("10:18")));
    assert_eq!((document.distributed.as_deref(), document.rose.as_deref()), (Some("1999-11-18"), Some("12:30")));
    assert_eq!(kinds(&review), [Kind::Procedure, Kind::Procedure, Kind::Statement, Kind::Question, Kind::Reply]);
    assert_eq!(asked(&review), ["asked whether torture was a separate offence", "how many persons had been convicted of it in 1998"]);
}

#[test]
fn a_session_whose_hyphen_was_lost_and_a_delegation_asked_to_go_on() {
    let review = read("racial-1999-opening.txt");
    let document = &review.document;
    assert_eq!((document.session, document.meeting, document.chair.as_deref()), (Some(55), Some(1349), Some("Mr. ABUL")));
    assert_eq!((document.state.as_deref(), document.continued), (Some("Arvenia"), true));
    assert_eq!(document.documents, ["CERD/C/320/Add.3", "CERD/C/226/Add.1", "HRI/CORE/1/Add.7"]);
    assert_eq!(review.paragraphs[5].kind, Kind::Procedure);
    assert_eq!(review.questions.len(), 2);
}

#[test]
fn numbers_lost_articles_as_headings_and_a_chairperson_who_takes_it_that_all_agree() {
    let review = read("women-2011-opening.txt");
    let document = &review.document;
    assert!(document.numbers_inferred);
    assert_eq!((document.symbol.as_deref(), document.symbol_source), (Some("CEDAW/C/SR.1013"), Some(SymbolSource::Printed)));
    assert_eq!((document.called_to_order.as_deref(), document.rose.as_deref()), (Some("12:05"), Some("13:05")));
    assert_eq!(document.documents, ["CEDAW/C/ARV/3-4", "CEDAW/C/ARV/Q/3-4 and Add.1"]);
    assert_eq!(kinds(&review)[8..], [Kind::Procedure, Kind::Procedure]);
}

#[test]
fn a_meeting_by_video_of_which_a_part_is_covered() {
    let review = read("disappearances-2022-opening.txt");
    let document = &review.document;
    assert_eq!((document.meeting, document.date.as_deref(), document.place.as_deref()), (Some(383), Some("2022-03-28"), None));
    assert_eq!((document.called_to_order.as_deref(), document.rose.as_deref()), (Some("12:35"), Some("14:30")));
    assert_eq!((document.suspensions[0].from.as_deref(), document.suspensions[0].to.as_deref()), (Some("13:20"), Some("13:40")));
    assert_eq!(kinds(&review), [Kind::Procedure, Kind::Procedure, Kind::Statement, Kind::Question, Kind::Reply]);
    assert_eq!(asked(&review).len(), 3);
}

#[test]
fn a_list_of_issues_that_speaks_of_earlier_observations_asks_its_questions() {
    let review = read("torture-2022-issues.txt");
    assert_eq!(review.document.kind, DocumentKind::ListOfIssues);
    assert_eq!(
        asked(&review),
        [
            "requested the State party to provide information on its follow-up to the Committee's recommendations on fundamental legal \
             safeguards (para. 13)",
            "Please indicate whether the State party has amended its Criminal Code to include a definition of torture",
            "Please provide data on the number of persons convicted",
            "please describe the measures taken to: (a)Ensure that all detained persons have prompt access to a lawyer",
            "(b)Guarantee an independent medical examination on arrival",
            "Please comment on reports that lawyers are harassed",
            "What steps have been taken to protect them?",
        ]
    );
}

#[test]
fn points_whose_letters_stick_to_their_words_are_points() {
    let review = read("torture-2024-observations.txt");
    assert!(review.recommendations[0].text.ends_with("article 1 of the Convention."), "the heading below is no part of it");
    assert!(review.figures.iter().all(|figure| figure.paragraph != 1), "`23 and 24 April` are days: {:?}", review.figures);
    let document = &review.document;
    assert_eq!((document.adopted.as_deref(), document.next_report.as_deref()), (Some("2024-05-08"), Some("2028-05-10")));
    let points: Vec<(&str, bool, Option<&str>)> =
        review.recommendations.iter().map(|found| (found.cited.as_str(), found.follow_up, found.due.as_deref())).collect();
    let due = Some("2025-05-10");
    let expected = [
        ("5", true, due),
        ("7 (a)", false, None),
        ("7 (b)", true, due),
        ("8", false, None),
        ("10", false, None),
        ("11", false, None),
        ("12", false, None),
    ];
    assert_eq!(points, expected);
}

/// The paragraph of questions printed twice under one number: each question has an id of its own all the same.
#[test]
fn a_number_that_comes_twice_gives_no_two_questions_one_id() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/records/torture-1999-opening.txt");
    let text = std::fs::read_to_string(path).expect("a record");
    let asked_at = text.split("\n\n").find(|block| block.contains("asked whether torture")).expect("it asks");
    let other = asked_at.replace("whether torture was a separate offence", "whether flogging was still lawful");
    let review = habeas_review::import(text.replace(asked_at, &format!("{asked_at}\n\n{other}")).as_bytes()).expect("recognised");
    assert!(review.diagnostics.iter().any(|found| found.code == "number_repeat"));
    let ids: std::collections::BTreeSet<&str> = review.questions.iter().map(|question| question.id.as_str()).collect();
    assert_eq!((review.questions.len(), ids.len()), (4, 4), "{ids:?}");
}
