//! Text out of tagged text: HTML pages and the XML inside .docx files. Only what breaks lines and what is not text is known of the tags.

use crate::cleaning::floor;

/// What a tag does to the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    /// A blank line before and after.
    Block,
    /// The next line.
    Line,
    /// A space or a tab.
    Gap,
    /// All up to the closing tag is no text.
    Skip,
    /// Bold begins or ends.
    Bold,
    /// Nothing.
    Pass,
}

fn html_effect(name: &str) -> Effect {
    match name {
        "p" | "div" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "li" | "tr" | "table" | "ul" | "ol" | "section" | "article"
        | "blockquote" | "hr" => Effect::Block,
        "br" => Effect::Line,
        "td" | "th" => Effect::Gap,
        "script" | "style" | "head" | "noscript" | "template" => Effect::Skip,
        "b" | "strong" => Effect::Bold,
        _ => Effect::Pass,
    }
}

fn word_effect(name: &str) -> Effect {
    match name {
        "w:p" => Effect::Block,
        "w:br" | "w:cr" => Effect::Line,
        "w:tab" | "w:tc" => Effect::Gap,
        "w:instrtext" | "w:deltext" | "w:pict" | "mc:fallback" => Effect::Skip,
        _ => Effect::Pass,
    }
}

/// The text of an HTML page; bold words keep `**`, since records print speakers so.
#[must_use]
pub fn of_html(page: &str) -> String {
    text(page, html_effect)
}

/// The text of a word processor's `document.xml`.
#[must_use]
pub fn of_word(xml: &str) -> String {
    text(xml, word_effect)
}

/// How long a tag may be: what is longer is text that holds a `<`.
const LONGEST_TAG: usize = 20_000;

fn text(source: &str, effect: fn(&str) -> Effect) -> String {
    let mut out = String::with_capacity(source.len() / 2);
    let mut rest = source;
    while let Some(open) = rest.find('<') {
        words(&rest[..open], &mut out);
        rest = &rest[open..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
            continue;
        }
        let is_tag = rest[1..].starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'));
        let Some(close) = floor(rest, LONGEST_TAG).find('>').filter(|_| is_tag) else {
            out.push_str("&lt;");
            rest = &rest[1..];
            continue;
        };
        let tag = rest[1..close].trim_start_matches('/');
        let name: String = tag.chars().take_while(|c| !c.is_whitespace() && *c != '/').collect::<String>().to_ascii_lowercase();
        let alone = tag.ends_with('/');
        let closing = rest[1..].starts_with('/');
        rest = &rest[close + 1..];
        match effect(&name) {
            Effect::Block => out.push_str("\n\n"),
            Effect::Line => out.push('\n'),
            Effect::Gap => out.push('\t'),
            Effect::Bold => out.push_str("**"),
            Effect::Skip if !alone && !closing => rest = after_closing(rest, &name),
            Effect::Skip | Effect::Pass => {}
        }
    }
    words(rest, &mut out);
    out
}

/// Words between tags: their line ends are spaces, and their asterisks no emphasis.
fn words(between: &str, out: &mut String) {
    for c in between.chars() {
        match c {
            '\n' | '\r' => out.push(' '),
            '*' => out.push_str("\\*"),
            c => out.push(c),
        }
    }
}

/// What follows `</name>`; nothing where it is not closed.
fn after_closing<'a>(rest: &'a str, name: &str) -> &'a str {
    let mut from = 0;
    while let Some(at) = rest[from..].find("</") {
        let start = from + at + 2;
        let inner = &rest[start..];
        if inner.len() >= name.len() && inner.is_char_boundary(name.len()) && inner[..name.len()].eq_ignore_ascii_case(name) {
            return inner.find('>').map_or("", |end| &inner[end + 1..]);
        }
        from = start;
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_its_blocks() {
        let page =
            "<html><head><title>x</title></head><p>1.\n<b>Ms. Orde</b> said &amp; asked.</p><script>no()</script><p>2. 3 < 4<br/>there";
        let text = of_html(page);
        assert!(text.contains("1. **Ms. Orde** said &amp; asked."), "{text}");
        assert!(!text.contains("no()") && !text.contains("title"), "{text}");
        assert!(text.contains("2. 3 &lt; 4\nthere"), "{text}");
    }
}
