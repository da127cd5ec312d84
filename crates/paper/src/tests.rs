//! The same record as text, as a page and as PDF.

use crate::{Bar, Block, Document, Paper, html, pdf, text};

fn record() -> Document {
    Document {
        language: "az".to_owned(),
        title: "Saxlama protokolu C1 <gizli>".to_owned(),
        foot: "C1, 3 mart 2026, 14:30".to_owned(),
        blocks: vec![
            Block::Section("Kim".to_owned()),
            Block::Facts(vec![("Ad".to_owned(), "Əli Şükür oğlu Ğ".to_owned()), ("Имя".to_owned(), "Али".to_owned())]),
            Block::Part("10:00 gətirilib".to_owned()),
            Block::Text("Bir & iki".to_owned()),
            Block::Alert("Həkim 30 dəqiqə gec".to_owned()),
            Block::Table { heads: vec!["a".into(), "b".into()], rows: vec![vec!["1".into()], vec!["2".into(), "3".into()]] },
            Block::Lines("log\n15\nabc=".to_owned()),
            Block::Bars {
                title: "Custodies by place".to_owned(),
                bars: vec![
                    Bar { name: "Sahil".to_owned(), length: 1000, said: "12".to_owned() },
                    Bar { name: "Harrow".to_owned(), length: 0, said: "0".to_owned() },
                ],
            },
            Block::Squares { alt: "QR".to_owned(), side: 2, dark: vec![true, false, false, true] },
        ],
    }
}

#[test]
fn a_terminal_shows_names_beside_what_is_said() {
    let said = text(&record());
    assert!(said.starts_with("Saxlama protokolu C1 <gizli>\n============================\n"), "{said}");
    assert!(said.contains("  Ad   Əli Şükür oğlu Ğ\n  Имя  Али\n"), "{said}");
    assert!(said.contains("! Həkim 30 dəqiqə gec"), "{said}");
}

#[test]
fn a_page_escapes_what_a_record_says() {
    let page = html(&record());
    assert!(page.contains("<h1>Saxlama protokolu C1 &lt;gizli&gt;</h1>") && page.contains("Bir &amp; iki"), "{page}");
    assert!(page.contains("lang=\"az\"") && !page.contains("<script"), "{page}");
}

#[test]
fn a_pdf_is_the_same_each_time_and_has_a_page_for_what_does_not_fit() {
    let mut document = record();
    let first = pdf(&document, Paper::A4).expect("PDF/UA-1");
    assert_eq!(first, pdf(&document, Paper::A4).expect("PDF/UA-1"));
    assert!(first.starts_with(b"%PDF-1.7"));
    let pages = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace("/Type/Pages", "").matches("/Type/Page").count();
    assert_eq!(pages(&first), 1);
    document.blocks.extend((0..200).map(|number| Block::Part(format!("{number}"))));
    document.blocks.push(Block::Facts(vec![("word".repeat(60), "x".repeat(20_000))]));
    assert!(pages(&pdf(&document, Paper::Letter).expect("PDF/UA-1")) > 5);
}

#[test]
fn what_the_fonts_lack_and_what_is_empty_is_printed_too() {
    let odd = "日本 \u{202e}abc\u{0} 🙂 \u{301}";
    let document = Document {
        language: "en".to_owned(),
        title: odd.to_owned(),
        foot: String::new(),
        blocks: vec![
            Block::Text(String::new()),
            Block::Text(odd.to_owned()),
            Block::Facts(vec![(String::new(), String::new()), (odd.to_owned(), String::new())]),
            Block::Facts(vec![]),
            Block::Table { heads: vec![], rows: vec![] },
            Block::Table { heads: vec![odd.to_owned(); 40], rows: vec![vec![odd.to_owned(); 41]] },
            Block::Squares { alt: String::new(), side: 0, dark: vec![] },
        ],
    };
    pdf(&document, Paper::A4).expect("PDF/UA-1");
}

/// The words of a PDF's lines are glyphs; what a reader sees is asked of the layout before it.
#[test]
fn heads_of_narrow_columns_keep_their_words_whole_and_stand_again_on_the_next_page() {
    let heads = ["", "случаи содержания (содержание под стражей)", "освобождено (содержание под стражей)", "медиана содержания (минуты)"];
    let heads: Vec<String> =
        heads.iter().chain(&["продолжительность", "правонарушители", "дольше 72 часов"]).map(ToString::to_string).collect();
    let row = |number: usize| -> Vec<String> {
        std::iter::once(format!("пол мужской, возраст {number}, место Harrow district station, каким образом не записано"))
            .chain((1..heads.len()).map(|place| format!("{} p", number * place)))
            .collect()
    };
    let rows: Vec<Vec<String>> = (0..40).map(row).collect();
    let words: std::collections::BTreeSet<&str> = heads.iter().chain(rows.iter().flatten()).flat_map(|text| text.split(' ')).collect();
    let document = Document {
        language: "ru".to_owned(),
        title: "Год".to_owned(),
        foot: "Год".to_owned(),
        blocks: vec![Block::Table { heads: heads.clone(), rows: rows.clone() }],
    };
    let sheets = pdf::said(&document, Paper::A4);
    assert!(sheets.len() > 1);
    let (right, sheets): (Vec<_>, Vec<_>) =
        sheets.iter().map(|lines| (lines.iter().map(|(end, _)| *end).fold(0.0, f32::max), lines)).unzip();
    assert!(right.iter().all(|end| *end < 595.28 - 56.0 + 0.1), "nothing leaves the page: {right:?}");
    let broken: Vec<&String> = sheets
        .iter()
        .flat_map(|lines| lines.iter().map(|(_, line)| line))
        .filter(|line| line.split(' ').any(|word| !words.contains(word) && word != "Год" && word != "/" && word.parse::<u8>().is_err()))
        .collect();
    assert!(broken.is_empty(), "{broken:?}");
    assert!(
        sheets.iter().all(|lines| lines.iter().any(|(_, line)| line.starts_with("случаи") || line.starts_with("дольше"))),
        "each page says what its numbers are"
    );
}
