//! The report in a terminal: one table, then the few lists that an inspector asks for first.

use super::findings::{Ranked, RuleCounts, WORST};
use super::{COLUMNS, Report, missing, thousands, verdict_words};
use crate::terminal::Paint;
use crate::verdicts::timestamps::Timestamps;
use crate::verdicts::{durations, wording};
use habeas_monitor::Verdict;
use std::fmt::Write as _;

/// Lines written to a `String` cannot fail.
macro_rules! line {
    ($out:expr) => { $out.push('\n') };
    ($out:expr, $($arg:tt)*) => {{ let _ = writeln!($out, $($arg)*); }};
}

/// The whole report as text.
#[must_use]
pub fn write(report: &Report<'_>, rules: &[RuleCounts], paint: Paint) -> String {
    let mut out = String::new();
    let now = Timestamps::new(&report.codebook.almanac.zone).text(report.asked.now);
    line!(out, "{} against {}, as of {now}\n", report.sources.join(", "), report.codebook.name);
    table(&mut out, rules, paint);
    if report.idle > 0 {
        line!(out, "{}", report.idle_words());
    }
    worst_places(&mut out, report, paint);
    could_not_tell(&mut out, report, rules, paint);
    longest(&mut out, report, paint);
    late_entries(&mut out, report, paint);
    explanations(&mut out, report, paint);
    out
}

fn table(out: &mut String, rules: &[RuleCounts], paint: Paint) {
    let shown: Vec<Verdict> =
        COLUMNS.into_iter().filter(|v| *v as usize >= Verdict::Undetermined as usize || total(rules, *v) > 0).collect();
    let name_width = rules.iter().map(|rule| rule.id.chars().count()).max().unwrap_or(0).max(5);
    let width = |v: Verdict| verdict_words(v).len().max(thousands(total(rules, v)).len()) + 2;
    let mut head = format!("{:<name_width$}", "rule");
    for verdict in &shown {
        let _ = write!(head, "{:>1$}", verdict_words(*verdict), width(*verdict));
    }
    line!(out, "{}", paint.bold(&head));
    for rule in rules {
        let _ = write!(out, "{:<name_width$}", rule.id);
        for verdict in &shown {
            out.push_str(&count(rule.of(*verdict), *verdict, width(*verdict), paint));
        }
        line!(out);
    }
    if rules.len() > 1 {
        let _ = write!(out, "{:<name_width$}", "total");
        for verdict in &shown {
            out.push_str(&count(total(rules, *verdict), *verdict, width(*verdict), paint));
        }
        line!(out);
    }
}

fn total(rules: &[RuleCounts], verdict: Verdict) -> u64 {
    rules.iter().map(|rule| rule.of(verdict)).sum()
}

fn count(number: u64, verdict: Verdict, width: usize, paint: Paint) -> String {
    let text = format!("{:>width$}", thousands(number));
    match verdict {
        Verdict::Breached | Verdict::MetLate if number > 0 => paint.bad(&text),
        Verdict::Undetermined if number > 0 => paint.unsure(&text),
        Verdict::Breached | Verdict::MetLate | Verdict::Undetermined => text,
        Verdict::NotApplicable | Verdict::Met | Verdict::Excused | Verdict::Pending => text,
    }
}

fn worst_places(out: &mut String, report: &Report<'_>, paint: Paint) {
    let places = report.findings.worst_places();
    if places.is_empty() {
        return;
    }
    line!(out, "\n{}", paint.bold("Worst places (breached or met late)"));
    for (place, breaches) in places.iter().take(WORST) {
        line!(out, "{:>10}  {place}", thousands(*breaches));
    }
    if places.len() > WORST {
        line!(out, "            and {} more places", thousands((places.len() - WORST) as u64));
    }
}

fn could_not_tell(out: &mut String, report: &Report<'_>, rules: &[RuleCounts], paint: Paint) {
    let undetermined = total(rules, Verdict::Undetermined);
    let ranked = report.findings.wants.ranked();
    if undetermined == 0 {
        return;
    }
    line!(out, "\n{}", paint.bold(&format!("{} could not be told; what would tell", thousands(undetermined))));
    for (wanted, times, event) in ranked.iter().take(WORST) {
        let column = (report.column)(wanted).map_or_else(String::new, |column| format!(" (column `{column}`)"));
        let example = missing::example(report.names, report.log, *event);
        let example = if example.is_empty() { example } else { format!(", first in {example}") };
        line!(out, "{:>10}  {}{column}{example}", thousands(*times), wanted.words(report.codebook));
    }
}

fn longest(out: &mut String, report: &Report<'_>, paint: Paint) {
    let longest = report.findings.longest();
    if longest.is_empty() {
        return;
    }
    line!(out, "\n{}", paint.bold("Longest late or over"));
    let mut times = Timestamps::new(&report.codebook.almanac.zone);
    for ranked in longest {
        let limit = ranked.row.due_at.or(ranked.row.since);
        let since = limit.map_or_else(String::new, |moment| format!(", limit {}", times.text(moment)));
        line!(out, "{:>10}  {} {}{since}", durations::spoken(ranked.overdue), subject(report, ranked), rule_name(report, ranked));
    }
}

fn subject(report: &Report<'_>, ranked: &Ranked) -> String {
    let class = &report.codebook.class(report.log.class_of(ranked.row.subject)).name;
    report.names.subject(report.log, ranked.row.subject, |id| format!("{class} {id}"))
}

fn rule_name(report: &Report<'_>, ranked: &Ranked) -> String {
    wording::rule_id(report.codebook, &ranked.row)
}

fn late_entries(out: &mut String, report: &Report<'_>, paint: Paint) {
    if report.findings.late_rows == 0 {
        return;
    }
    line!(
        out,
        "\n{}",
        paint.bold(&format!("Verdicts that rest on an entry made late: {}; the latest entries", thousands(report.findings.late_rows)))
    );
    for entry in &report.findings.late_entries {
        let id = report.names.event(report.log, entry.event, str::to_owned);
        let kind = &report.codebook.kind(report.log.kind(entry.event)).name;
        line!(out, "{:>10}  {id} {kind}", durations::spoken(entry.lag));
    }
}

fn explanations(out: &mut String, report: &Report<'_>, paint: Paint) {
    let Some(explain) = report.explain else { return };
    for rows in report.findings.opened.values() {
        let Some(first) = rows.first() else { continue };
        line!(out, "\n{}", paint.bold(&rule_name(report, first)));
        for ranked in rows {
            line!(out, "\n{}", explain(&ranked.row).trim_end());
        }
        let all = report.findings.counts.breaches_of(first.row.rule, first.row.record);
        if all > rows.len() as u64 {
            line!(out, "\n  and {} more; `--format json --explain` explains each", thousands(all - rows.len() as u64));
        }
    }
}
