//! Records as PDF: a fictional record of 1998, printed in one column and in two, says what its text says; what cannot be read is told.

use lopdf::{Document, EncryptionState, EncryptionVersion, Object, Permissions};

const TEXT: &str = include_str!("../records/children-1998.txt");
const ONE: &[u8] = include_bytes!("../records/children-1998.pdf");
const COLUMNS: &[u8] = include_bytes!("../records/children-1998-columns.pdf");

#[test]
fn a_printed_record_says_what_its_text_says() {
    let text = habeas_review::import(TEXT.as_bytes()).expect("text");
    for (layout, bytes) in [("one column", ONE), ("two columns", COLUMNS)] {
        let printed = habeas_review::import(bytes).unwrap_or_else(|error| panic!("{layout}: {error}"));
        assert_eq!(text.document, printed.document, "{layout}");
        assert_eq!(text.questions, printed.questions, "{layout}");
        assert_eq!(text.figures, printed.figures, "{layout}");
        assert_eq!(text.turns, printed.turns, "{layout}");
        for (own, other) in text.paragraphs.iter().zip(&printed.paragraphs) {
            assert_eq!(own.text, other.text, "{layout}");
        }
    }
}

#[test]
fn the_text_layer_has_its_pages_own_lines_taken_out_and_its_words_whole() {
    let text = habeas_review::text_of(COLUMNS).expect("a PDF");
    assert_eq!(text.matches("GE.31-00912").count(), 1, "the footer stays where it stands first: {text}");
    let (at, behind) = (text.find("4. The islands had").expect("paragraph 4"), text.find("9. The CHAIRPERSON").expect("paragraph 9"));
    assert!(at < behind, "the left column comes first");
}

#[test]
fn a_file_that_is_cut_short_is_refused_with_the_byte() {
    for end in (8..ONE.len() - 8).step_by(1_499) {
        let error = habeas_review::import(&ONE[..end]).expect_err("a part of a PDF");
        assert!(error.to_string().contains(&format!("byte {end} is the last")), "{error}");
    }
}

#[test]
fn a_locked_file_says_that_it_is_locked() {
    let mut document = Document::load_mem(ONE).expect("a PDF");
    let id = Object::string_literal("0123456789abcdef");
    document.trailer.set("ID", Object::Array(vec![id.clone(), id]));
    let version = EncryptionVersion::V2 {
        document: &document,
        owner_password: "owner",
        user_password: "reader",
        key_length: 128,
        permissions: Permissions::all(),
    };
    let state = EncryptionState::try_from(version).expect("a key");
    document.encrypt(&state).expect("locked");
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).expect("memory");
    let error = habeas_review::import(&bytes).expect_err("a locked PDF");
    assert!(error.to_string().contains("locked with a password"), "{error}");
}

#[test]
fn a_scan_without_text_says_so() {
    let mut document = Document::load_mem(ONE).expect("a PDF");
    let pages: Vec<_> = document.page_iter().collect();
    for page in pages {
        document.change_page_content(page, b"q 500 0 0 700 0 0 cm /X Do Q".to_vec()).expect("a page");
    }
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).expect("memory");
    let error = habeas_review::import(&bytes).expect_err("a scan");
    assert!(error.to_string().contains("so a scan"), "{error}");
}

#[test]
fn bytes_changed_anywhere_never_end_in_a_panic() {
    let mut state = 11_u64;
    let mut chance = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).expect("31 bits") % below
    };
    for _ in 0..60 {
        let mut bytes = ONE.to_vec();
        for _ in 0..=chance(40) {
            let at = chance(bytes.len());
            match chance(3) {
                0 => bytes[at] = u8::try_from(chance(256)).expect("a byte"),
                1 => drop(bytes.drain(at..bytes.len().min(at + chance(200)))),
                _ => {
                    let from = chance(bytes.len());
                    let piece = bytes[from..bytes.len().min(from + chance(200))].to_vec();
                    bytes.splice(at..at, piece);
                }
            }
        }
        let _ = habeas_review::import(&bytes);
    }
}
