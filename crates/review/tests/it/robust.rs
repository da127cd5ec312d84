//! Odd files: cut anywhere, shuffled, binary. None may panic; what cannot be read is refused with a reason.

const RECORD: &str = include_str!("../records/children-1998.txt");

#[test]
fn a_record_cut_at_any_byte_is_read_or_refused() {
    for end in (0..RECORD.len()).filter(|end| *end < 1_200 || end % 31 == 0) {
        let _ = habeas_review::import(&RECORD.as_bytes()[..end]);
    }
}

#[test]
fn shuffled_lines_and_binary_bytes_are_read_or_refused() {
    let mut lines: Vec<&str> = RECORD.lines().collect();
    let mut state = 7_usize;
    for round in 0..40 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(round);
        let (a, b) = ((state >> 33) % lines.len(), (state >> 13) % lines.len());
        lines.swap(a, b);
        let _ = habeas_review::import(lines.join("\n").as_bytes());
        let noise: Vec<u8> = (0..600_usize).map(|at| u8::try_from((at.wrapping_mul(state) >> 7) % 256).expect("below 256")).collect();
        let _ = habeas_review::import(&noise);
        let _ = habeas_review::import(&[b"PK\x03\x04".as_slice(), &noise].concat());
    }
}

#[test]
fn what_is_no_treaty_text_is_refused_with_a_reason() {
    let error = habeas_review::import(b"Dear Sir,\n\n1. Thank you.\n").expect_err("a letter");
    assert!(error.to_string().starts_with("not a text of a treaty body"), "{error}");
    let error = habeas_review::import(b"%PDF-1.7").expect_err("a PDF");
    assert!(error.to_string().contains("cut short"), "{error}");
}

#[test]
fn a_page_of_html_says_what_its_text_says() {
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
    let page: String = RECORD.split("\n\n").map(|block| format!("<p>{}</p>\n", escape(block).replace('\n', "<br>"))).collect();
    let page = format!("<!DOCTYPE html>\n<html><head><title>x</title></head><body>{page}</body></html>");
    let (text, html) = (habeas_review::import(RECORD.as_bytes()).expect("text"), habeas_review::import(page.as_bytes()).expect("HTML"));
    assert_eq!(text.questions, html.questions);
    assert_eq!(text.document, html.document);
}

/// A megabyte each; `HABEAS_MEGABYTES=50 cargo test --release -p habeas-review --test it robust` takes fifty.
#[test]
fn megabytes_of_anything_are_read_or_refused() {
    let asked = std::env::var_os("HABEAS_MEGABYTES").and_then(|text| text.to_str()?.parse::<usize>().ok());
    let size = asked.unwrap_or(1) << 20;
    let filled = |piece: &[u8]| piece.iter().copied().cycle().take(size).collect::<Vec<u8>>();
    let mut state = 11_u64;
    let noise: Vec<u8> = (0..size)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            u8::try_from(state >> 56).expect("eight bits")
        })
        .collect();
    let question = b"Ms. Orde asked whether the guidelines, the visits and the number of transfers in 2016, and, if so, who paid. ";
    // Behind the last paragraph, before the line that says when the meeting rose.
    let (before, _) = RECORD.split_once("The meeting rose").expect("the end of the record");
    let headed = |piece: &[u8]| [before.as_bytes(), b"14. ", &filled(piece)].concat();
    let mut numbered = before.to_owned();
    for number in 14.. {
        if numbered.len() >= size {
            break;
        }
        let who = if number % 2 == 0 { "Ms. ORDE asked" } else { "Mr. TORVALDSEN (Vesmark Islands) said" };
        numbered.push_str(&format!("{number}.\t{who} that {} of the schools of ward {} were inspected.\n\n", number % 97, number % 31));
    }
    let numbered = numbered.into_bytes();
    let asked =
        |number: u32| format!("{number}. Ms. Orde asked whether the schools of ward {} were inspected, how many and why.\n\n", number % 31);
    let many: String = (14..100).map(asked).collect();
    let reply = b"In 2016, none of the schools of ward 12 were inspected, and 40 were. ";
    let endless = [before.as_bytes(), many.as_bytes(), b"100. Mr. TORVALDSEN (Vesmark Islands) said that ", &filled(reply)].concat();
    for (what, bytes) in [
        ("one long word", filled(b"a")),
        ("noise", noise),
        ("open brackets", filled(b"([{")),
        ("open tags", filled(b"<p><b><!--")),
        ("empty lines", filled(b"\n")),
        ("the record over and over", filled(RECORD.as_bytes())),
        ("one endless question", headed(question)),
        ("one endless number", headed(b"9")),
        ("nothing but the same numbers", headed(b"\n1. A\n\n2. B\n\n")),
        ("ever more paragraphs", numbered),
        ("one endless reply to many questions", endless),
    ] {
        let read = habeas_review::import(&bytes);
        let said = read.map_or_else(|error| error.to_string(), |review| format!("{} paragraphs", review.paragraphs.len()));
        println!("{what}: {said:.100}");
    }
}

/// An archive with one stored file, as the format lays it out.
fn archive(name: &str, body: &[u8]) -> Vec<u8> {
    let size = u32::try_from(body.len()).expect("a small file").to_le_bytes();
    let named = u16::try_from(name.len()).expect("a short name").to_le_bytes();
    let mut local = b"PK\x03\x04".to_vec();
    local.extend([0; 14]);
    local.extend(size.iter().chain(&size).chain(&named).chain(&[0, 0]));
    local.extend(name.bytes().chain(body.iter().copied()));
    let start = u32::try_from(local.len()).expect("a small file").to_le_bytes();
    let mut list = b"PK\x01\x02".to_vec();
    list.extend([0; 16]);
    list.extend(size.iter().chain(&size).chain(&named));
    list.extend([0; 16]);
    list.extend(name.bytes());
    let mut end = b"PK\x05\x06".to_vec();
    end.extend([0, 0, 0, 0, 1, 0, 1, 0]);
    end.extend(u32::try_from(list.len()).expect("a short list").to_le_bytes().iter().chain(&start).chain(&[0, 0]));
    [local, list, end].concat()
}

#[test]
fn a_document_of_a_word_processor_says_what_its_text_says() {
    let blocks =
        RECORD.split("\n\n").map(|block| format!("<w:p><w:r><w:t>{}</w:t></w:r></w:p>", block.replace('\n', "</w:t><w:br/><w:t>")));
    let xml = format!("<?xml version=\"1.0\"?><w:document><w:body>{}</w:body></w:document>", blocks.collect::<String>());
    let word = habeas_review::import(&archive("word/document.xml", xml.as_bytes())).expect("a document");
    let text = habeas_review::import(RECORD.as_bytes()).expect("text");
    assert_eq!(text.questions, word.questions);
    let error = habeas_review::import(&archive("other.xml", b"x")).expect_err("no text document");
    assert!(error.to_string().contains("without a text document"), "{error}");
}
