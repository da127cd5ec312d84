//! One self-contained page that an inspector can hand over: no script, nothing loaded, readable on paper and with a screen
//! reader. The look is the desk's: a state is a word, then a shape, then a colour.

use super::charts::{self, Bar, Subject};
use super::findings::{Ranked, RuleCounts, STEPS, WORST};
use super::{COLUMNS, Report, capital, missing, thousands, verdict_words};
use crate::verdicts::timestamps::Timestamps;
use crate::verdicts::{durations, wording};
use habeas_codebook::log::EventId;
use habeas_codebook::moment::{At, Moment, Precision};
use habeas_codebook::tree::{RuleId, SetBy};
use habeas_monitor::Verdict;
use habeas_returns::write::html::escape;
use std::fmt::Write as _;

const STYLE: &str = concat!(include_str!("../../../../web/tokens.css"), include_str!("page.css"));
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const PLACES: usize = 14;

/// Lines written to a `String` cannot fail.
macro_rules! line {
    ($out:expr, $($arg:tt)*) => {{ let _ = writeln!($out, $($arg)*); }};
}

/// The whole page.
#[must_use]
pub fn write(report: &Report<'_>, rules: &[RuleCounts]) -> String {
    let mut page = Page { report, times: Timestamps::new(&report.codebook.almanac.zone), out: String::with_capacity(1 << 16) };
    page.head();
    page.summary(rules);
    page.charts(rules);
    page.could_not_tell(rules);
    page.late_entries();
    for rule in rules {
        page.rule(rule);
    }
    shell(&report.codebook.name, "Report of findings", &page.out)
}

struct Page<'r, 'a> {
    report: &'r Report<'a>,
    times: Timestamps,
    out: String,
}

impl Page<'_, '_> {
    fn head(&mut self) {
        let report = self.report;
        let now = self.time(report.asked.now);
        let known = self.time(report.asked.known_at);
        line!(
            self.out,
            "<header class=\"stack-s\"><h1>The register against {}</h1>\n<dl class=\"facts sheet\"><div><dt>Register</dt><dd>{}</dd></div>\
             <div><dt>Entries</dt><dd>{}</dd></div><div><dt>Judged as of</dt><dd>{now}</dd></div>\
             <div><dt>As known at</dt><dd>{known}</dd></div><div><dt>Codebook</dt><dd>{} {}</dd></div></dl></header>",
            escape(&report.codebook.name),
            escape(&report.sources.join(", ")),
            thousands(report.log.len() as u64),
            escape(&report.codebook.id),
            escape(&report.codebook.version)
        );
        if report.names.redacted() {
            self.out.push_str("<p class=\"note\">Ids are pseudonyms drawn for this report, and texts are left out.</p>\n");
        }
    }

    fn summary(&mut self, rules: &[RuleCounts]) {
        self.out.push_str(
            "<section class=\"stack-s\" aria-labelledby=\"summary\"><h2 id=\"summary\">What was found</h2>\n\
             <div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-labelledby=\"summary\"><table>\
             <thead><tr><th scope=\"col\">Safeguard</th><th scope=\"col\">Severity</th>",
        );
        for verdict in COLUMNS {
            line!(self.out, "<th scope=\"col\" class=\"num\">{}</th>", capital(verdict_words(verdict)));
        }
        self.out.push_str("</tr></thead><tbody>\n");
        for rule in rules {
            let severity = wording::grade_word(self.report.codebook.rules[rule.rule.index()].severity);
            line!(self.out, "<tr><th scope=\"row\"><a href=\"#{0}\">{0}</a></th><td>{severity}</td>", escape(&rule.id));
            for verdict in COLUMNS {
                let class = if rule.of(verdict) > 0 { cell_class(verdict) } else { "num soft" };
                line!(self.out, "<td class=\"{class}\">{}</td>", thousands(rule.of(verdict)));
            }
            self.out.push_str("</tr>\n");
        }
        self.out.push_str("</tbody><tfoot><tr><th scope=\"row\">All</th><td></td>");
        for verdict in COLUMNS {
            line!(self.out, "<td class=\"num\">{}</td>", thousands(rules.iter().map(|rule| rule.of(verdict)).sum()));
        }
        line!(
            self.out,
            "</tr></tfoot></table></div>\n<p class=\"soft prose\">A duty met late is a cured breach and counts as one. \
             What cannot be told from the register is never counted as met. {}</p></section>",
            self.report.idle_words()
        );
    }

    fn charts(&mut self, rules: &[RuleCounts]) {
        let findings = self.report.findings;
        let breaches = |rule: &RuleCounts| rule.of(Verdict::Breached) + rule.of(Verdict::MetLate);
        let mut by_rule: Vec<Bar> = rules.iter().map(|rule| Bar { name: rule.id.clone(), count: breaches(rule) }).collect();
        by_rule.sort_by_key(|bar| std::cmp::Reverse(bar.count));
        by_rule.retain(|bar| bar.count > 0);
        by_rule.truncate(PLACES);
        if by_rule.is_empty() {
            return;
        }
        self.out.push_str("<section class=\"stack\" aria-labelledby=\"charts\"><h2 id=\"charts\">Where, when and by how much</h2>\n");
        let subject = |id, title, names| Subject { id, title, names, counts: "Breaches" };
        self.out.push_str(&charts::section(subject("by-rule", "Breaches by safeguard", "Safeguard"), &by_rule));
        self.out.push_str(&charts::section(subject("by-month", "Breaches by month", "Month"), &months(&findings.months)));
        let places = findings.worst_places();
        if !places.is_empty() {
            let bars: Vec<Bar> = places.iter().take(PLACES).map(|(name, count)| Bar { name: (*name).to_owned(), count: *count }).collect();
            self.out.push_str(&charts::section(subject("by-place", "Places with most breaches", "Place"), &bars));
            if places.len() > PLACES {
                line!(self.out, "<p class=\"soft\">{} more places have breaches; the CSV has them all.</p>", places.len() - PLACES);
            }
        }
        let mut steps: Vec<Bar> =
            STEPS.iter().zip(findings.lateness).map(|((_, name), count)| Bar { name: (*name).to_owned(), count }).collect();
        steps.push(Bar { name: "not a matter of time".to_owned(), count: findings.untimed });
        self.out.push_str(&charts::section(subject("by-lateness", "By how much late or over", "Late or over by"), &steps));
        self.out.push_str("</section>\n");
    }

    fn could_not_tell(&mut self, rules: &[RuleCounts]) {
        let undetermined: u64 = rules.iter().map(|rule| rule.of(Verdict::Undetermined)).sum();
        if undetermined == 0 {
            return;
        }
        line!(
            self.out,
            "<section class=\"stack-s\" aria-labelledby=\"untold\"><h2 id=\"untold\">What could not be told</h2>\n<p>{} could not be \
                told from what \
             was recorded. This is what would tell:</p>\
             <div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-labelledby=\"untold\"><table><thead><tr><th scope=\"col\">What \
             is not recorded</th>\
             <th scope=\"col\">Column of the source</th><th scope=\"col\">First in entry</th><th scope=\"col\" \
             class=\"num\">Verdicts</th></tr>\
             </thead><tbody>",
            thousands(undetermined)
        );
        for (wanted, times, event) in self.report.findings.wants.ranked() {
            let column = (self.report.column)(&wanted).unwrap_or_default();
            line!(
                self.out,
                "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td class=\"num\">{}</td></tr>",
                escape(&wanted.words(self.report.codebook)),
                escape(&column),
                escape(&missing::example(self.report.names, self.report.log, event)),
                thousands(times)
            );
        }
        self.out.push_str("</tbody></table></div></section>\n");
    }

    fn late_entries(&mut self) {
        let findings = self.report.findings;
        if findings.late_rows == 0 {
            return;
        }
        line!(
            self.out,
            "<section class=\"stack-s\" aria-labelledby=\"late\"><h2 id=\"late\">Entries made late</h2>\n<p>Verdicts that rest on an \
                entry made later \
             than the codebook tolerates: {}. The {} latest entries:</p>{ENTRIES}",
            thousands(findings.late_rows),
            findings.late_entries.len().min(WORST)
        );
        for entry in &findings.late_entries {
            self.entry(entry.event);
        }
        self.out.push_str("</tbody></table></div></section>\n");
    }

    fn rule(&mut self, rule: &RuleCounts) {
        let report = self.report;
        let law = &report.codebook.rules[rule.rule.index()];
        let cites: Vec<String> = law.cites.iter().map(wording::cite).collect();
        line!(
            self.out,
            "<section class=\"stack-s rulebox\" aria-labelledby=\"{0}\"><h2 id=\"{0}\">{0}</h2>\n<div class=\"law\">\
             <blockquote class=\"law-text\">{1}</blockquote><p class=\"cite\">{2}. In force from {3}.</p>{4}</div>",
            escape(&rule.id),
            paragraphs(&wording::law(report.codebook, law)),
            escape(&cites.join("; ")),
            law.from,
            self.limits(rule.rule)
        );
        let rows = opened(report, &rule.id);
        let all = rule.of(Verdict::Breached) + rule.of(Verdict::MetLate);
        if all == 0 {
            self.out.push_str("<p>No breach.</p></section>\n");
            return;
        }
        if (rows.len() as u64) < all {
            line!(
                self.out,
                "<p class=\"note\">{} of {} breaches are opened here, those with most time in them; <code>--format csv</code> has \
                    them all.</p>",
                thousands(rows.len() as u64),
                thousands(all)
            );
        }
        for ranked in rows {
            self.breach(ranked);
        }
        self.out.push_str("</section>\n");
    }

    /// Numbers of the rule that an operator, not the law, has set.
    fn limits(&self, rule: RuleId) -> String {
        let codebook = self.report.codebook;
        let names = wording::operator_limits_of(codebook, &codebook.rules[rule.index()], false, None);
        let reasons = names.iter().filter_map(|name| {
            let limit = codebook.limits.iter().find(|limit| limit.name == *name)?;
            let version = limit.versions.iter().rfind(|version| version.set_by == SetBy::Operator)?;
            Some(format!("<p class=\"cite\">The limit “{}” is the operator’s own: {}.</p>", escape(name), escape(&version.because)))
        });
        reasons.collect()
    }

    fn breach(&mut self, ranked: &Ranked) {
        let (report, row) = (self.report, &ranked.row);
        let class = &report.codebook.class(report.log.class_of(row.subject)).name;
        let subject = report.names.subject(report.log, row.subject, |id| format!("{} {}", capital(class), id));
        let state = if row.verdict == Verdict::MetLate { "late-met" } else { "breached" };
        let amount = if ranked.overdue > 0 { format!(" by {}", durations::spoken(ranked.overdue)) } else { String::new() };
        line!(
            self.out,
            "<details><summary><span class=\"duty\" data-state=\"{state}\">{}{amount}</span> {}</summary>\n<div class=\"stack-s \
                inside\"><dl class=\"facts\">",
            capital(verdict_words(row.verdict)),
            escape(&subject)
        );
        for (name, moment) in [("Due", row.due_at), ("Breached since", row.since), ("Until", row.until)] {
            if let Some(moment) = moment {
                let text = self.time(moment);
                line!(self.out, "<div><dt>{name}</dt><dd>{text}</dd></div>");
            }
        }
        for (name, micros) in [("Late by", row.late_by), ("Over by", row.over_by)] {
            if let Some(micros) = micros {
                line!(self.out, "<div><dt>{name}</dt><dd>{} ({})</dd></div>", durations::spoken(micros), durations::text(micros));
            }
        }
        for flag in row.flags.names() {
            line!(self.out, "<div><dt>Note</dt><dd>{}</dd></div>", flag.replace('_', " "));
        }
        self.out.push_str("</dl>");
        if let Some(explain) = report.explain {
            line!(self.out, "<pre tabindex=\"0\" class=\"why\">{}</pre>", escape(explain(row).trim_end()));
        }
        self.out.push_str(ENTRIES);
        row.events.iter().for_each(|event| self.entry(*event));
        self.out.push_str("</tbody></table></div></div></details>\n");
    }

    fn entry(&mut self, event: EventId) {
        let (report, log) = (self.report, self.report.log);
        let at = self.happened(log.at(event));
        let recorded = self.time(log.recorded_at(event));
        line!(
            self.out,
            "<tr><td>{at}</td><th scope=\"row\">{}</th><td>{}</td><td>{recorded}</td></tr>",
            escape(&report.names.event(log, event, str::to_owned)),
            escape(&report.codebook.kind(log.kind(event)).name)
        );
    }

    fn happened(&mut self, at: At) -> String {
        match at.precision {
            Precision::Exact => self.time(at.earliest),
            Precision::Day => day(self.report.codebook.almanac.date(at.earliest)),
            Precision::Range => format!("{} to {}", self.time(at.earliest), self.time(at.latest)),
            Precision::Unknown => "not known".to_owned(),
        }
    }

    /// An instant as people write it, with the exact one for machines.
    fn time(&mut self, moment: Moment) -> String {
        let exact = self.times.text(moment);
        let wall = self.report.codebook.almanac.zone.to_datetime(moment.timestamp());
        let seconds = if wall.second() == 0 { String::new() } else { format!(":{:02}", wall.second()) };
        format!("<time datetime=\"{exact}\">{}, {:02}:{:02}{seconds}</time>", day(wall.date()), wall.hour(), wall.minute())
    }
}

/// A whole page around `main`: nothing is loaded and nothing runs.
#[must_use]
pub fn shell(title: &str, kind: &str, main: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\" dir=\"ltr\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{0}: {1} - Habeas</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#main\">Skip to the main content</a>\n\
         <header class=\"top\"><p class=\"mark\">Habeas</p><p class=\"soft\">{1}</p></header>\n<main id=\"main\" \
         class=\"stack-l\">\n{main}</main>\n\
         <footer class=\"foot\"><p>Made by Habeas {2}. A verdict holds for what was recorded, not for what happened.</p></footer>\n\
         </body>\n</html>\n",
        escape(title),
        escape(kind),
        env!("CARGO_PKG_VERSION")
    )
}

const ENTRIES: &str = "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Entries\"><table><caption class=\"vh\">The \
    entries this rests on</caption><thead><tr><th scope=\"col\">Happened</th>\
                       <th scope=\"col\">Entry</th><th scope=\"col\">Kind</th><th scope=\"col\">Recorded</th></tr></thead><tbody>\n";

/// Breaches to open, of every version of the rule with this id.
fn opened<'r>(report: &'r Report<'_>, id: &str) -> Vec<&'r Ranked> {
    report.findings.opened.values().flatten().filter(|ranked| wording::rule_id(report.codebook, &ranked.row) == id).collect()
}

fn cell_class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Breached | Verdict::MetLate => "num bad",
        Verdict::Undetermined => "num unsure",
        Verdict::NotApplicable | Verdict::Met | Verdict::Excused | Verdict::Pending => "num",
    }
}

/// Lines of law as paragraphs.
#[must_use]
pub fn paragraphs(text: &str) -> String {
    text.lines().filter(|line| !line.trim().is_empty()).map(|line| format!("<p>{}</p>", escape(line.trim()))).collect()
}

/// `3 Mar 2026`.
fn day(date: jiff::civil::Date) -> String {
    format!("{} {} {}", date.day(), MONTHS[(date.month() - 1) as usize % 12], date.year())
}

/// Every month from the first to the last, also those without a breach, so that a gap is seen as one.
fn months(counted: &std::collections::BTreeMap<(i16, i8), u64>) -> Vec<Bar> {
    let (Some(first), Some(last)) = (counted.keys().next(), counted.keys().next_back()) else { return Vec::new() };
    let number = |(year, month): (i16, i8)| i32::from(year) * 12 + i32::from(month) - 1;
    let (first, last) = (number(*first), number(*last));
    // A log of a mistyped century would be all gap: then years are shown.
    if last - first >= 360 {
        let mut years = std::collections::BTreeMap::new();
        counted.iter().for_each(|((year, _), count)| *years.entry(*year).or_insert(0) += count);
        return years.into_iter().map(|(year, count)| Bar { name: year.to_string(), count }).collect();
    }
    (first..=last)
        .map(|n| {
            let (year, month) = (n.div_euclid(12), n.rem_euclid(12));
            let count = counted.get(&(year as i16, month as i8 + 1)).copied().unwrap_or(0);
            Bar { name: format!("{} {year}", MONTHS[month as usize]), count }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_without_breaches_is_a_gap_and_not_left_out() {
        let bars = months(&[((2025, 11), 2), ((2026, 2), 1)].into_iter().collect());
        let told: Vec<(&str, u64)> = bars.iter().map(|bar| (bar.name.as_str(), bar.count)).collect();
        assert_eq!(told, [("Nov 2025", 2), ("Dec 2025", 0), ("Jan 2026", 0), ("Feb 2026", 1)]);
    }
}
