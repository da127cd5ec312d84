//! Lines that fit a page: a sentence that is longer goes on, two blanks deeper.

/// What a line of a chapter may hold.
pub(super) const LINE_LETTERS: usize = 140;

/// Words that a line may begin with.
const JOINTS: [&str; 6] = ["and", "because", "given", "or", "until", "within"];

/// Each line of a declaration broken where it is too long: in its second half after a stop, else before a word that joins, else at
/// the last blank; never inside a quotation.
pub(super) fn folded(said: &str) -> String {
    said.lines().map(folded_line).collect::<Vec<_>>().join("\n")
}

fn folded_line(line: &str) -> String {
    let blanks = line.len() - line.trim_start().len();
    let deeper = format!("\n{}", " ".repeat(blanks + 2));
    let mut lines: Vec<Vec<&str>> = vec![Vec::new()];
    let mut width = blanks;
    for word in words(line.trim_start()) {
        let letters = word.chars().count();
        let full = width + 1 + letters > LINE_LETTERS;
        if let Some(last) = lines.last_mut().filter(|last| full && !last.is_empty()) {
            let moved = last.split_off(break_at(last));
            width = blanks + 2 + moved.iter().map(|word| word.chars().count() + 1).sum::<usize>();
            lines.push(moved);
        }
        width += letters + 1;
        lines.last_mut().expect("one line at least").push(word);
    }
    let lines: Vec<String> = lines.into_iter().map(|words| words.join(" ")).collect();
    format!("{}{}", &line[..blanks], lines.join(&deeper))
}

/// How many words of a full line stay on it.
fn break_at(line: &[&str]) -> usize {
    let half = line.iter().map(|word| word.chars().count() + 1).sum::<usize>() / 2;
    let (mut letters, mut brackets) = (0, 0);
    let (mut stop, mut joint) = (None, None);
    for (n, word) in line.iter().enumerate() {
        letters += word.chars().count() + 1;
        brackets += word.matches('(').count();
        brackets = brackets.saturating_sub(word.matches(')').count());
        if letters < half {
            continue;
        }
        if brackets == 0 && word.ends_with([',', ';', '.']) {
            stop = Some(n + 1);
        } else if JOINTS.contains(word) {
            joint = Some(n);
        }
    }
    stop.or(joint).unwrap_or(line.len())
}

/// The words of a line; a quotation, with what sticks to it, is one.
fn words(line: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let (mut start, mut quoted) = (0, false);
    for (at, letter) in line.char_indices() {
        if letter == '"' {
            quoted = !quoted;
        } else if letter == ' ' && !quoted {
            words.push(&line[start..at]);
            start = at + 1;
        }
    }
    words.push(&line[start..]);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_line_stays() {
        assert_eq!(folded("rule x\n  For each custody, it is forbidden."), "rule x\n  For each custody, it is forbidden.");
    }

    #[test]
    fn a_long_line_goes_on_two_blanks_deeper_after_a_comma() {
        let (duty, condition) = ("while held ".repeat(9), "lawyer or ".repeat(7));
        let line = format!("  For each custody, {}, {}or both.", duty.trim_end(), condition);
        assert_eq!(folded(&line), format!("  For each custody, {},\n    {}or both.", duty.trim_end(), condition));
    }

    #[test]
    fn a_quotation_is_never_broken() {
        let quotation = format!("\"{}\"", "so they say ".repeat(20));
        assert_eq!(
            folded(&format!("limit x is 2 hours, set by source, because {quotation}.")),
            format!("limit x is 2 hours, set by source,\n  because {quotation}.")
        );
    }
}
