//! A draft of a reply: each open question with the figures that the register has for it, from when they are and what they rest on. As text,
//! as a page, and as a document for a word processor. What the State says to them is for its delegation to write.

use std::fmt::Write as _;

/// A figure offered for a question.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// What is counted: table, column, period.
    pub what: String,
    /// The number, or the mark that stands for it.
    pub value: String,
    /// From what it was counted: as-of, law, checkpoint.
    pub lineage: String,
}

/// A question with what there is to say to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Paragraph of the record.
    pub paragraph: u32,
    /// Who asked.
    pub asked_by: String,
    /// The words that ask.
    pub question: String,
    /// How far it was answered: `none`, `partial`, `declined`, `full`.
    pub status: String,
    /// Figures of the register.
    pub figures: Vec<Given>,
}

/// A draft.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// The document that asks.
    pub symbol: String,
    /// As of when the figures are.
    pub as_of: String,
    /// Question by question.
    pub answers: Vec<Answer>,
}

/// A piece of the draft, for whoever lays it out.
enum Piece {
    Title(String),
    Heading(String),
    Words(String),
    Quoted(String),
}

/// How far a question was answered, as one reads it.
fn in_words(status: &str) -> &str {
    match status {
        "none" => "not taken up",
        "partial" => "answered in part",
        "declined" => "an answer was declined",
        "full" => "answered",
        other => other,
    }
}

/// The marks that stand behind numbers, and what they say.
const MARKS: [(&str, &str); 5] =
    [("p", "provisional"), ("r", "revised"), ("u", "of low coverage"), ("t", "typed in"), (":", "not available")];

impl Reply {
    /// What the marks say that stand behind numbers here.
    fn marks(&self) -> String {
        let figures = || self.answers.iter().flat_map(|answer| &answer.figures);
        let stands = |mark: &str| figures().any(|given| given.value.split_whitespace().skip(1).any(|word| word == mark));
        let told: Vec<String> = MARKS.iter().filter(|(mark, _)| stands(mark)).map(|(mark, says)| format!("{mark} {says}")).collect();
        if told.is_empty() { String::new() } else { format!(" Behind a number: {}.", told.join(", ")) }
    }

    fn pieces(&self) -> Vec<Piece> {
        let mut pieces = vec![Piece::Title(format!("Draft reply to {}", self.symbol))];
        pieces.push(Piece::Words(format!(
            "Figures of the register as known at {}. Text between square brackets is to be written.{}",
            self.as_of,
            self.marks()
        )));
        for answer in &self.answers {
            let by = if answer.asked_by.is_empty() { String::new() } else { format!(", {}", answer.asked_by) };
            pieces.push(Piece::Heading(format!("Paragraph {}{by}: {}", answer.paragraph, in_words(&answer.status))));
            pieces.push(Piece::Quoted(answer.question.clone()));
            // Figures with one lineage stand together, with it behind them.
            for alike in answer.figures.chunk_by(|one, next| one.lineage == next.lineage) {
                pieces.extend(alike.iter().map(|given| Piece::Words(format!("{}: {}", given.what, given.value))));
                pieces.extend(alike.first().map(|given| Piece::Words(given.lineage.clone())));
            }
            if answer.figures.is_empty() {
                pieces.push(Piece::Words("The register has no table for this question.".to_owned()));
            }
            pieces.push(Piece::Words("[Reply]".to_owned()));
        }
        pieces
    }

    /// As text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        for piece in self.pieces() {
            // Writing to a string does not fail.
            let _ = match piece {
                Piece::Title(text) => writeln!(out, "{text}\n{}\n", "=".repeat(text.chars().count())),
                Piece::Heading(text) => writeln!(out, "\n{text}\n"),
                Piece::Words(text) => writeln!(out, "{text}\n"),
                Piece::Quoted(text) => writeln!(out, "> {text}\n"),
            };
        }
        out
    }

    /// As one page.
    #[must_use]
    pub fn html(&self) -> String {
        let title = escaped(&format!("Draft reply to {}", self.symbol));
        let mut out =
            format!("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title></head><body><main>\n");
        for piece in self.pieces() {
            // Writing to a string does not fail.
            let _ = match piece {
                Piece::Title(text) => writeln!(out, "<h1>{}</h1>", escaped(&text)),
                Piece::Heading(text) => writeln!(out, "<h2>{}</h2>", escaped(&text)),
                Piece::Words(text) => writeln!(out, "<p>{}</p>", escaped(&text)),
                Piece::Quoted(text) => writeln!(out, "<blockquote>{}</blockquote>", escaped(&text)),
            };
        }
        out.push_str("</main></body></html>\n");
        out
    }

    /// As a document for a word processor (Office Open XML), the same bytes each time.
    #[must_use]
    pub fn docx(&self) -> Vec<u8> {
        let mut body = String::new();
        for piece in self.pieces() {
            let (style, text) = match piece {
                Piece::Title(text) => ("<w:b/><w:sz w:val=\"36\"/>", text),
                Piece::Heading(text) => ("<w:b/><w:sz w:val=\"26\"/>", text),
                Piece::Words(text) => ("", text),
                Piece::Quoted(text) => ("<w:i/>", text),
            };
            // Writing to a string does not fail.
            let _ = write!(body, "<w:p><w:r><w:rPr>{style}</w:rPr><w:t xml:space=\"preserve\">{}</w:t></w:r></w:p>", escaped(&text));
        }
        let document = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<w:document \
             xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body>{body}</w:body></w:document>"
        );
        crate::formats::packed(&[("[Content_Types].xml", CONTENT_TYPES), ("_rels/.rels", RELATIONS), ("word/document.xml", &document)])
    }
}

const CONTENT_TYPES: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<Types \
xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" \
ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Override PartName=\"/word/document.xml\" \
ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/></Types>";

const RELATIONS: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<Relationships \
xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" \
Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" \
Target=\"word/document.xml\"/></Relationships>";

/// Text safe inside HTML and XML, without the control characters that neither can hold.
pub(crate) fn escaped(text: &str) -> String {
    let plain: String = text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    plain.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply() -> Reply {
        let figures =
            vec![Given { what: "R06 deaths, 2029".to_owned(), value: "3 p".to_owned(), lineage: "as known at 2030-01-01".to_owned() }];
        let question = "How many <persons> died & of what?".to_owned();
        let answer = Answer { paragraph: 7, asked_by: "Ms. Orde".to_owned(), question, status: "none".to_owned(), figures };
        Reply { symbol: "CAT/C/SR.1".to_owned(), as_of: "2030-01-01".to_owned(), answers: vec![answer] }
    }

    #[test]
    fn every_form_says_the_question_the_figure_and_what_it_rests_on() {
        for text in [reply().text(), reply().html()] {
            assert!(text.contains("Paragraph 7, Ms. Orde: not taken up") && text.contains("Behind a number: p provisional."), "{text}");
            assert!(
                text.contains("R06 deaths, 2029: 3 p") && text.contains("as known at 2030-01-01") && text.contains("[Reply]"),
                "{text}"
            );
        }
        assert!(reply().html().contains("&lt;persons&gt;"));
    }

    #[test]
    fn a_word_processor_opens_the_document_and_the_importer_reads_its_words() {
        let bytes = reply().docx();
        assert_eq!(bytes, reply().docx());
        let text = crate::formats::text_of(&bytes).expect("a document");
        // Entities are undone when the text is cleaned, as in every other document.
        assert!(text.contains("How many &lt;persons&gt; died &amp; of what?"), "{text}");
    }
}
