//! Bars as inline SVG, each with a title, a description that says the same in a sentence, and a table beside it: nothing is
//! told by the drawing alone.

use super::thousands;
use habeas_returns::write::html::escape;
use std::fmt::Write as _;

/// One bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// What is counted.
    pub name: String,
    /// How many.
    pub count: u64,
}

/// What a chart is about.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// Unique in the page; ids of title and description are made from it.
    pub id: &'a str,
    /// Heading.
    pub title: &'a str,
    /// What the names are: head of the first column of the table.
    pub names: &'a str,
    /// What the numbers are: head of the second.
    pub counts: &'a str,
}

/// The chart and its table, as one `<section>`.
#[must_use]
pub fn section(subject: Subject<'_>, bars: &[Bar]) -> String {
    let Subject { id, title, .. } = subject;
    let mut out =
        format!("<section class=\"sheet stack-s\" aria-labelledby=\"{id}\"><h3 id=\"{id}\">{}</h3>\n<div class=\"pair\">", escape(title));
    out.push_str(&if bars.len() > 14 { columns(subject, bars) } else { rows(subject, bars) });
    out.push_str(&table(subject, bars));
    out.push_str("</div></section>\n");
    out
}

/// Bars lying, the number at the end of each.
fn rows(subject: Subject<'_>, bars: &[Bar]) -> String {
    const NAME: usize = 208;
    const LENGTH: u64 = 300;
    let height = bars.len() * 28 + 8;
    let most = bars.iter().map(|bar| bar.count).max().unwrap_or(0).max(1);
    let mut out = frame(subject, bars, 592, height);
    for (place, bar) in bars.iter().enumerate() {
        let y = place * 28 + 4;
        let width = (bar.count * LENGTH).div_ceil(most);
        let _ = writeln!(
            out,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\
             <rect class=\"bar\" x=\"{NAME}\" y=\"{y}\" width=\"{width}\" height=\"20\"/>\
             <text class=\"b\" x=\"{}\" y=\"{}\">{}</text>",
            NAME - 8,
            y + 15,
            escape(&shorten(&bar.name, 28)),
            NAME as u64 + width + 6,
            y + 15,
            thousands(bar.count)
        );
    }
    out.push_str("</svg></div>");
    out
}

/// Bars standing, for a long run of months; every few of them are named.
fn columns(subject: Subject<'_>, bars: &[Bar]) -> String {
    const HIGH: u64 = 180;
    let step = (720 / bars.len()).clamp(3, 24);
    let most = bars.iter().map(|bar| bar.count).max().unwrap_or(0).max(1);
    let every = bars.len().div_ceil(9);
    let mut out = frame(subject, bars, bars.len() * step + 96, 236);
    let _ = writeln!(
        out,
        "<line class=\"grid\" x1=\"48\" x2=\"{0}\" y1=\"20\" y2=\"20\"/><line class=\"grid\" x1=\"48\" x2=\"{0}\" y1=\"200\" y2=\"200\"/>\
         <text x=\"42\" y=\"24\" text-anchor=\"end\">{1}</text><text x=\"42\" y=\"204\" text-anchor=\"end\">0</text>",
        48 + bars.len() * step,
        thousands(most)
    );
    for (place, bar) in bars.iter().enumerate() {
        let x = 48 + place * step;
        let height = (bar.count * HIGH).div_ceil(most);
        let _ = writeln!(out, "<rect class=\"bar\" x=\"{x}\" y=\"{}\" width=\"{}\" height=\"{height}\"/>", 200 - height, step - 1);
        if place.is_multiple_of(every) {
            let _ = writeln!(out, "<text x=\"{x}\" y=\"220\">{}</text>", escape(&bar.name));
        }
    }
    out.push_str("</svg></div>");
    out
}

fn frame(subject: Subject<'_>, bars: &[Bar], width: usize, height: usize) -> String {
    let Subject { id, title, counts, .. } = subject;
    let most = bars.iter().max_by_key(|bar| bar.count);
    let sum: u64 = bars.iter().map(|bar| bar.count).sum();
    let most = most.map_or_else(String::new, |bar| format!(" Most: {}, {}.", bar.name, thousands(bar.count)));
    format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"{0}\"><svg viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" role=\"img\" aria-labelledby=\"{id}-t {id}-d\"><title id=\"{id}-t\">{0}</title>\
         <desc id=\"{id}-d\">{1}: {2} in {3} bars.{4}</desc>\n",
        escape(title),
        escape(counts),
        thousands(sum),
        bars.len(),
        escape(&most)
    )
}

fn table(subject: Subject<'_>, bars: &[Bar]) -> String {
    let mut out = format!(
        "<div class=\"scroll beside\" tabindex=\"0\" role=\"group\" aria-label=\"{0}, as a table\">\
         <table><caption class=\"vh\">{0}</caption>\
         <thead><tr><th scope=\"col\">{1}</th><th scope=\"col\" class=\"num\">{2}</th></tr></thead><tbody>\n",
        escape(subject.title),
        escape(subject.names),
        escape(subject.counts)
    );
    for bar in bars {
        let _ = writeln!(out, "<tr><th scope=\"row\">{}</th><td class=\"num\">{}</td></tr>", escape(&bar.name), thousands(bar.count));
    }
    out.push_str("</tbody></table></div>");
    out
}

fn shorten(name: &str, letters: usize) -> String {
    if name.chars().count() <= letters { name.to_owned() } else { name.chars().take(letters - 1).chain(['…']).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_from_a_register_cannot_become_markup() {
        let bars = [Bar { name: "<script>alert('1')</script>\u{1}".to_owned(), count: 3 }];
        let page = section(Subject { id: "x", title: "Breaches & \"more\"", names: "Place", counts: "Breaches" }, &bars);
        assert!(!page.contains("<script"));
        assert!(page.contains("&lt;script&gt;alert(&#39;1&#39;)"));
        assert!(page.contains("Breaches &amp; &quot;more&quot;"));
    }

    #[test]
    fn the_table_says_what_the_bars_say() {
        let bars: Vec<Bar> = (0..20).map(|n| Bar { name: format!("month {n}"), count: n * 1000 }).collect();
        let page = section(Subject { id: "x", title: "By month", names: "Month", counts: "Breaches" }, &bars);
        assert_eq!(page.matches("<rect class=\"bar\"").count(), 20);
        assert!(bars.iter().all(|bar| page.contains(&format!(
            "<th scope=\"row\">{}</th><td class=\"num\">{}</td>",
            bar.name,
            thousands(bar.count)
        ))));
        assert!(page.contains("Most: month 19, 19,000."));
    }
}
