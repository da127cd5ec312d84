//! Corrections that a file brings along: behind its corrigendum, paragraph by paragraph, `for … read …`. They are made where the words to
//! be corrected stand, and told.

use crate::lines::Line;
use crate::model::Diagnostic;
use crate::paragraphs::{Block, Body};
use crate::patterns::Pattern;
use std::sync::LazyLock;

/// What stands above corrections.
const HEADS: [&str; 4] = ["corrigendum", "corrigenda", "correction", "corrections"];

static PLACE: LazyLock<Pattern> = LazyLock::new(|| Pattern::new(r"(?i-u)\bpara(?:graph)?\.?\s+(\d{1,4})\b"));
static READ: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::new(r"(?i)\b(?:for\s+(\S.{0,300}?)\s+(?:read|substitute)|replace\s+(\S.{0,300}?)\s+(?:by|with))\s+(\S.{0,300}?)[.;]?$")
});

/// Makes the corrections that stand behind the last head of a corrigendum.
pub fn apply(lines: &[Line], body: &mut Body) {
    let Some(head) = lines.iter().rposition(|line| is_head(line.plain.trim())) else { return };
    let mut place: Option<u32> = None;
    for line in &lines[head + 1..] {
        let plain = line.plain.trim();
        if let Some(number) = PLACE.captures(plain).and_then(|found| found[1].parse().ok()) {
            place = Some(number);
        }
        let Some(found) = READ.captures(plain) else { continue };
        let (wrong, right) = (bare(found.get(1).or(found.get(2)).unwrap_or_default()), bare(&found[3]));
        let block = place.and_then(|number| body.blocks.iter_mut().find(|block| block.number == number));
        if let Some(block) = block.filter(|_| !wrong.is_empty())
            && correct(block, wrong, right)
        {
            let message = format!("`{wrong}` was made `{right}`, as the corrigendum says");
            let code = "correction_applied".to_owned();
            body.diagnostics.push(Diagnostic { code, line: Some(line.number), paragraph: Some(block.number), message });
        }
    }
}

fn is_head(line: &str) -> bool {
    let words = line.strip_suffix([':', '.']).unwrap_or(line);
    HEADS.iter().any(|head| words.eq_ignore_ascii_case(head))
}

/// Words without the marks of quotation around them.
fn bare(words: &str) -> &str {
    words.trim_matches(|c: char| c.is_whitespace() || "\"“”‘’'".contains(c))
}

/// Puts words in the place of others that stand in a paragraph as words of their own; whether they do.
fn correct(block: &mut Block, wrong: &str, right: &str) -> bool {
    let Some(at) = place(&block.text, wrong) else { return false };
    block.text.replace_range(at..at + wrong.len(), right);
    // Among marks of emphasis the words may stand otherwise: then the names that are seen there stay as they are.
    if let Some(at) = place(&block.raw, wrong) {
        block.raw.replace_range(at..at + wrong.len(), right);
    }
    true
}

fn place(text: &str, words: &str) -> Option<usize> {
    let inner = |c: char| c.is_alphanumeric();
    text.match_indices(words).map(|(at, _)| at).find(|at| !text[..*at].ends_with(inner) && !text[at + words.len()..].starts_with(inner))
}

#[cfg(test)]
mod tests {
    use crate::import_text;

    fn record(corrigendum: &str) -> String {
        format!(
            "Committee against Torture\nSummary record of the 9th meeting\nThe meeting was called to order at 10 a.m.\n\n\
             1. The Chair opened the meeting.\n\n2. Ms. Orde asked why 631 letters had not been sent.\n\n\
             3. A representative of Arvenia said that 16310 letters and 631 parcels had been sent.\n\n\
             The meeting rose at 1 p.m.\n\n{corrigendum}"
        )
    }

    #[test]
    fn a_corrigendum_in_the_file_is_applied_and_told() {
        let text = record(
            "Corrigendum\n\nParagraph 3, line 1\nFor 631 read 613\n\n2. Paragraph 2: for “letters” read “notes”.\n\n\
             Paragraph 2\nFor nothing of it read all",
        );
        let review = import_text(&text).expect("a record");
        assert!(review.paragraphs[2].text.ends_with("16310 letters and 613 parcels had been sent."), "{}", review.paragraphs[2].text);
        assert!(review.questions[0].text.contains("631 notes"), "{:?}", review.questions);
        let told = review.diagnostics.iter().filter(|found| found.code == "correction_applied");
        assert_eq!(told.map(|found| (found.line, found.paragraph)).collect::<Vec<_>>(), [(Some(16), Some(3)), (Some(18), Some(2))]);
    }

    #[test]
    fn without_a_corrigendum_nothing_is_corrected() {
        let review = import_text(&record("This record is subject to correction.\nFor 631 read 613\n")).expect("a record");
        assert!(review.paragraphs[2].text.contains("631 parcels"));
        assert!(review.diagnostics.iter().all(|found| found.code != "correction_applied"));
    }
}
