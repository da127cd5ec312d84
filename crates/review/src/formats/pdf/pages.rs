//! From runs with places to lines in the order of reading: rows, columns, blocks, running headers, footnotes, words cut at a line's end.

use super::page::Run;
use std::collections::{HashMap, HashSet};

/// A line of a column.
#[derive(Clone, Debug, Default)]
struct Row {
    x: f32,
    end: f32,
    y: f32,
    size: f32,
    text: String,
}

/// Runs on one base line may differ by this part of their size.
const LEVEL: f32 = 0.35;
/// A gap of this part of the size parts a row into pieces that are lines of their own.
const WIDE: f32 = 2.4;
/// Lines further apart than this many times the usual distance belong to different blocks.
const LOOSE: f32 = 1.35;
/// Letters smaller than this part of the usual are a footnote's, or a mark's.
const SMALL: f32 = 0.93;
/// A raised mark is smaller than this part of the letters beside it.
const RAISED: f32 = 0.8;

/// The text of all pages.
pub fn text(pages: &[Vec<Run>]) -> String {
    let usual = usual_size(pages);
    let (gutters, levels): (Vec<Option<f32>>, Vec<Vec<Vec<&Run>>>) = pages
        .iter()
        .map(|runs| {
            let levels = levels(runs);
            let gutter = gutter(&levels);
            (gutter, levels)
        })
        .unzip();
    let shared = gutters.iter().flatten().copied().next();
    let gutters: Vec<Option<f32>> = gutters.iter().zip(&levels).map(|(own, levels)| own.or_else(|| borrowed(levels, shared?))).collect();
    let part = |(page, gutter): (Vec<Vec<&Run>>, &Option<f32>)| page.into_iter().flat_map(|level| parted(level, *gutter)).collect();
    let mut read: Vec<Vec<Row>> = levels.into_iter().zip(&gutters).map(part).collect();
    without_running(&mut read);
    let lines: Vec<Vec<String>> = read.into_iter().zip(gutters).map(|(page, gutter)| lines(columns(page, gutter), usual)).collect();
    joined(&lines)
}

/// The size of most letters.
fn usual_size(pages: &[Vec<Run>]) -> f32 {
    let mut counts: HashMap<i32, usize> = HashMap::new();
    for run in pages.iter().flatten() {
        *counts.entry(tenths(run.size)).or_default() += run.text.len();
    }
    let most = counts.into_iter().max_by_key(|(size, count)| (*count, *size)).map_or(100, |(size, _)| size);
    f32::from(i16::try_from(most).unwrap_or(100)) / 10.0
}

#[expect(clippy::cast_possible_truncation, reason = "clamped to what a letter's size may be")]
fn tenths(size: f32) -> i32 {
    (size.clamp(0.0, 3_000.0) * 10.0).round() as i32
}

/// The runs of a page by their base lines, from top to bottom.
fn levels(runs: &[Run]) -> Vec<Vec<&Run>> {
    let mut runs: Vec<&Run> = runs.iter().filter(|run| run.y.is_finite() && run.x.is_finite() && !run.text.trim().is_empty()).collect();
    runs.sort_by(|a, b| b.y.total_cmp(&a.y).then(a.x.total_cmp(&b.x)));
    let mut levels: Vec<Vec<&Run>> = Vec::new();
    for run in runs {
        let near = |level: &Vec<&Run>| {
            let lead = level.iter().max_by(|a, b| a.size.total_cmp(&b.size)).copied().unwrap_or(run);
            (lead.y - run.y).abs() < LEVEL * lead.size.max(run.size)
        };
        match levels.last_mut().filter(|level| near(level)) {
            Some(level) => level.push(run),
            None => levels.push(vec![run]),
        }
    }
    levels
}

/// Where the page is parted into two columns: a place that many rows leave open, and few cross.
fn gutter(levels: &[Vec<&Run>]) -> Option<f32> {
    let all = || levels.iter().flatten();
    let left = all().map(|run| run.x).fold(f32::MAX, f32::min);
    let right = all().map(|run| run.end).fold(f32::MIN, f32::max);
    let places = (30_u8..=70).map(|part| left + (right - left) * f32::from(part) / 100.0);
    let counted = places.map(|x| {
        let (open, crossed) = open_at(levels, x);
        (x, open, crossed)
    });
    let best = counted.max_by_key(|(_, open, crossed)| (i64::from(*open) - 2 * i64::from(*crossed), *open))?;
    (best.1 >= 6 && best.1 >= 2 * best.2).then_some(best.0)
}

/// How many rows have text on both sides of a place and a gap there, and how many go over it.
fn open_at(levels: &[Vec<&Run>], x: f32) -> (u32, u32) {
    let (mut open, mut crossed) = (0, 0);
    for level in levels {
        let before = level.iter().filter(|run| run.end <= x).map(|run| run.end).fold(f32::MIN, f32::max);
        let behind = level.iter().filter(|run| run.x >= x).map(|run| run.x).fold(f32::MAX, f32::min);
        let size = level.first().map_or(1.0, |run| run.size);
        let across = level.iter().any(|run| run.x < x && run.end > x);
        crossed += u32::from(across);
        open += u32::from(!across && before > f32::MIN && behind < f32::MAX && behind - before > 0.8 * size);
    }
    (open, crossed)
}

/// A short page of a document in columns has them where the other pages do.
fn borrowed(levels: &[Vec<&Run>], x: f32) -> Option<f32> {
    let (open, crossed) = open_at(levels, x);
    (open > 0 && open >= 2 * crossed).then_some(x)
}

/// One level of runs as rows: joined where they are near, marks of footnotes raised, bold words marked.
fn parted(mut level: Vec<&Run>, gutter: Option<f32>) -> Vec<Row> {
    level.sort_by(|a, b| a.x.total_cmp(&b.x));
    let size = level.iter().map(|run| run.size).fold(0.0, f32::max);
    let base = level.iter().find(|run| run.size >= size * SMALL).map_or(0.0, |run| run.y);
    let mut found: Vec<Row> = Vec::new();
    let mut bold = false;
    for run in level {
        let gap = found.last().map_or(0.0, |row| run.x - row.end);
        let over = found.last().is_some_and(|row| gutter.is_some_and(|x| row.end <= x && run.x >= x));
        let far = over || found.last().is_none_or(|row| gap > WIDE * size && !is_lead(&row.text));
        if far {
            close(&mut found, &mut bold);
            found.push(Row { x: run.x, end: run.end, y: base, size, text: String::new() });
        }
        let Some(row) = found.last_mut() else { continue };
        let between = !row.text.is_empty() && !row.text.ends_with(' ') && !run.text.starts_with(' ') && gap > 0.17 * size;
        if run.bold != bold && !run.text.trim().is_empty() {
            bold = run.bold;
            mark(&mut row.text, bold);
        }
        if between {
            row.text.push(' ');
        }
        let raised = run.size < size * RAISED && run.y > base + 0.1 * size;
        let is_mark = raised && run.text.trim().len() <= 3 && !row.text.is_empty();
        let words = escaped(&run.text);
        row.text.push_str(&if is_mark { format!("<sup>{}</sup>", words.trim()) } else { words });
        row.end = row.end.max(run.end);
    }
    close(&mut found, &mut bold);
    found.retain(|row| !row.text.trim().is_empty());
    found
}

fn close(found: &mut [Row], bold: &mut bool) {
    if *bold && let Some(row) = found.last_mut() {
        mark(&mut row.text, false);
        *bold = false;
    }
}

/// Bold begins before a word and ends behind one: a space between goes outside.
fn mark(text: &mut String, opens: bool) {
    if opens {
        text.push_str("**");
        return;
    }
    let kept = text.trim_end().len();
    let spaces = text.split_off(kept);
    text.push_str("**");
    text.push_str(&spaces);
}

/// `12.`, `(a)`, `•`: a wide gap behind it parts nothing.
fn is_lead(text: &str) -> bool {
    let bare = text.trim().trim_matches('*');
    bare.chars().count() <= 6 && (bare.ends_with(['.', ')']) || bare.chars().all(|c| !c.is_alphabetic()))
}

/// Signs that mean something to a reader of Markdown.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '*' => out.push_str("\\*"),
            '_' => out.push_str("\\_"),
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            c => out.push(c),
        }
    }
    out
}

/// What stands at the head or foot of most pages, its numbers aside, is the page's own. It stays where it comes first.
fn without_running(pages: &mut [Vec<Row>]) {
    const EDGE: usize = 3;
    let shape = |row: &Row| row.text.chars().filter(|c| !c.is_ascii_digit() && !c.is_whitespace()).collect::<String>();
    let mut seen: HashMap<String, usize> = HashMap::new();
    for page in pages.iter() {
        let edges = page.iter().take(EDGE).chain(page.iter().skip(EDGE).rev().take(EDGE)).map(shape);
        edges.collect::<HashSet<String>>().into_iter().for_each(|shape| *seen.entry(shape).or_default() += 1);
    }
    let least = (pages.len() / 3).max(2);
    let mut met: HashSet<String> = HashSet::new();
    for page in pages.iter_mut() {
        let count = page.len();
        let mut at = 0;
        page.retain(|row| {
            let edge = at < EDGE || at + EDGE >= count;
            at += 1;
            let own = shape(row);
            let runs = edge && seen.get(&own).is_some_and(|times| *times >= least);
            !runs || !own.is_empty() && met.insert(own)
        });
    }
}

/// Two columns are read one after the other; a row that goes over both ends what stands above it.
fn columns(page: Vec<Row>, gutter: Option<f32>) -> Vec<Row> {
    let Some(gutter) = gutter else { return page };
    let side = |row: &Row| (row.end <= gutter, row.x >= gutter);
    let mut found = Vec::with_capacity(page.len());
    let mut waiting = Vec::new();
    for row in page {
        match side(&row) {
            (true, _) => found.push(row),
            (false, true) => waiting.push(row),
            (false, false) => {
                found.append(&mut waiting);
                found.push(row);
            }
        }
    }
    found.append(&mut waiting);
    found
}

/// The lines of a page: a blank one between blocks, footnotes last, each marked.
fn lines(page: Vec<Row>, usual: f32) -> Vec<String> {
    let mut steps: Vec<f32> = page.windows(2).map(|pair| pair[0].y - pair[1].y).filter(|step| *step > 0.5 * usual).collect();
    steps.sort_by(f32::total_cmp);
    let step = steps.get(steps.len() / 3).copied().unwrap_or(usual * 1.2);
    let notes = notes_from(&page, usual);
    let mut found: Vec<String> = Vec::new();
    for (at, row) in page.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| page.get(at));
        let gap = before.map_or(0.0, |before| before.y - row.y);
        let text = row.text.trim();
        if at >= notes {
            let opens = note_mark(text);
            match (opens, found.last_mut().filter(|_| at > notes)) {
                (None, Some(last)) => {
                    last.push(' ');
                    last.push_str(text);
                }
                (mark, _) => {
                    found.push(String::new());
                    let (mark, words) = mark.unwrap_or(("1", text));
                    found.push(format!("[^{mark}]: {words}"));
                }
            }
            continue;
        }
        if before.is_some() && (gap > LOOSE * step || gap < -step) {
            found.push(String::new());
        }
        found.push(text.to_owned());
    }
    found
}

/// Where the footnotes of a page begin: the rows at its foot whose letters are small, the first of them with a mark.
fn notes_from(page: &[Row], usual: f32) -> usize {
    let small = page.iter().rev().take_while(|row| row.size < usual * SMALL || row.text.trim().len() < 4).count();
    let from = page.len() - small;
    page[from..].iter().position(|row| note_mark(row.text.trim()).is_some()).map_or(page.len(), |first| from + first)
}

/// The mark that a footnote begins with, and its words.
fn note_mark(text: &str) -> Option<(&str, &str)> {
    let marked = text.strip_prefix("<sup>").and_then(|rest| rest.split_once("</sup>"));
    let (mark, words) = marked.or_else(|| {
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '*' && c != '\\')?;
        (end > 0).then(|| text.split_at(end))
    })?;
    let plain = mark.trim_matches(|c: char| c == '\\');
    let known = plain.len() <= 3 && !plain.is_empty() && (plain.bytes().all(|byte| byte.is_ascii_digit()) || plain.starts_with('*'));
    (known && words.trim().chars().filter(|c| c.is_alphabetic()).count() > 3)
        .then(|| (if plain.starts_with('*') { "1" } else { plain }, words.trim()))
}

/// All pages as one text. A word cut at a line's end is put together where the document has it whole, or cuts words as a habit.
fn joined(pages: &[Vec<String>]) -> String {
    let mut whole: HashSet<&str> = HashSet::new();
    let (mut cut, mut ends) = (0_usize, 0_usize);
    for line in pages.iter().flatten().filter(|line| !line.is_empty()) {
        whole.extend(line.split(|c: char| !c.is_alphanumeric() && c != '-').filter(|word| !word.is_empty()));
        cut += usize::from(is_cut(line));
        ends += 1;
    }
    let habit = cut * 25 > ends;
    let mut out = String::new();
    for (at, page) in pages.iter().enumerate() {
        if at > 0 {
            out.push_str("\n\n");
        }
        let mut lines = page.iter().peekable();
        while let Some(line) = lines.next() {
            let next = lines.peek().filter(|next| is_cut(line) && next.starts_with(char::is_lowercase));
            match next {
                Some(next) => out.push_str(head_of_cut(line, next, habit, &whole)),
                None => {
                    out.push_str(line);
                    out.push('\n');
                }
            }
        }
    }
    out
}

fn is_cut(line: &str) -> bool {
    let mut ends = line.chars().rev();
    ends.next().is_some_and(|c| matches!(c, '-' | '\u{ad}' | '\u{2010}')) && ends.next().is_some_and(char::is_alphabetic)
}

/// The first half of a cut word's line, with or without its hyphen.
fn head_of_cut<'a>(line: &'a str, next: &str, habit: bool, whole: &HashSet<&str>) -> &'a str {
    let bare = line.trim_end_matches(['-', '\u{ad}', '\u{2010}']);
    if line.ends_with('\u{ad}') {
        return bare;
    }
    let inner = |c: char| !c.is_alphanumeric() && c != '-';
    let first = bare.rsplit(inner).next().unwrap_or_default();
    let second = next.split(inner).next().unwrap_or_default();
    if whole.contains(format!("{first}-{second}").as_str()) {
        line
    } else if habit || whole.contains(format!("{first}{second}").as_str()) {
        bare
    } else {
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(x: f32, y: f32, size: f32, text: &str) -> Run {
        let wide = size * 0.5 * f32::from(u16::try_from(text.len()).unwrap());
        Run { x, end: x + wide, y, size, bold: false, text: text.to_owned() }
    }

    #[test]
    fn columns_are_read_one_after_the_other() {
        let mut runs = vec![run(60.0, 760.0, 10.0, "The title of the document goes over both of its columns, as titles do")];
        for line in 0_u16..20 {
            let y = 740.0 - 12.0 * f32::from(line);
            runs.push(run(60.0, y, 10.0, &format!("left {line} and some more of the words")));
            runs.push(run(310.0, y, 10.0, &format!("right {line} and some more of words")));
        }
        let text = text(&[runs]);
        assert!(text.find("left 19").unwrap() < text.find("right 0").unwrap(), "{text}");
    }

    #[test]
    fn a_cut_word_is_whole_again_and_a_joined_one_keeps_its_hyphen() {
        let page = |lines: &[&str]| vec![lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>()];
        let few = [["the inspec-", "tion of well-", "known cells; an inspection"].as_slice(), &["a line"; 60]].concat();
        assert!(joined(&page(&few)).starts_with("the inspection of well-known cells; an inspection\n"));
        let habit = ["the regu-", "lar visits"];
        assert_eq!(joined(&page(&habit)), "the regular visits\n");
    }

    #[test]
    fn running_headers_go_and_footnotes_are_marked() {
        let page = |number: u16| {
            let mut runs = vec![run(60.0, 800.0, 9.0, "Committee of Committees"), run(480.0, 800.0, 9.0, &format!("page {number}"))];
            runs.push(run(60.0, 700.0, 10.0, &format!("{number}. The words of a paragraph that is long enough.")));
            runs.push(run(60.0, 60.0, 8.0, "1"));
            runs.push(run(75.0, 60.0, 8.0, "Adopted by everybody at once."));
            runs
        };
        let text = text(&[page(1), page(2), page(3)]);
        assert_eq!(text.matches("Committee of Committees").count(), 1, "{text}");
        assert!(text.contains("[^1]: Adopted by everybody at once."), "{text}");
    }
}
