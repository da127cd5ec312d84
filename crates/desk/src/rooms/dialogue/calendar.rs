//! The plan as a calendar: one month at a time, each day with what is due on it.

use crate::account::Visitor;
use crate::desk::Desk;
use crate::error::{Answer, show};
use crate::shell::Shell;
use askama::Template;
use axum::extract::{Query, State};
use habeas_review::tracker::{KINDS, Plan};
use jiff::civil::Date;
use serde::Deserialize;

/// Something due.
struct Item {
    reference: String,
    what: String,
    is_overdue: bool,
}

/// A day of the month.
struct Day {
    number: i8,
    is_today: bool,
    items: Vec<Item>,
}

/// A month in which something is due.
struct Month {
    href: String,
    name: String,
    count: usize,
    is_here: bool,
}

#[derive(Template)]
#[template(path = "pages/calendar.html")]
struct Page {
    shell: Shell,
    name: String,
    before: String,
    after: String,
    weekdays: Vec<String>,
    weeks: Vec<Vec<Option<Day>>>,
    months: Vec<Month>,
}

/// Which month is asked for, `2031-12`.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    month: String,
}

/// A month of the plan, for everybody: the one asked for, else that of the next due day.
pub async fn page(State(desk): State<Desk>, visitor: Visitor, Query(asked): Query<Asked>) -> Answer {
    let shell = desk.public_shell(&visitor, "plan-calendar").at("/plan/calendar");
    let page = desk.work(move |desk| {
        let (_, plan) = desk.plan()?;
        let today = desk.codebook.almanac.date(desk.now());
        Ok(made(shell, &plan, today, &asked.month))
    });
    show(&page.await?)
}

fn first_of(month: &str) -> Option<Date> {
    format!("{month}-01").parse().ok()
}

fn made(shell: Shell, plan: &Plan, today: Date, asked: &str) -> Page {
    let now = today.to_string();
    let dues = plan.dues();
    let next = dues.iter().find(|due| due.due >= now.as_str()).or(dues.last()).and_then(|due| due.due.parse::<Date>().ok());
    let first = first_of(asked).unwrap_or_else(|| next.unwrap_or(today).first_of_month());
    let month = |day: Date| day.to_string().chars().take(7).collect::<String>();
    let here = month(first);
    let names: Vec<String> = shell.say("plan-months").split(' ').map(str::to_owned).collect();
    let named = |day: Date| {
        let name = usize::try_from(day.month() - 1).ok().and_then(|at| names.get(at)).cloned().unwrap_or_default();
        format!("{name} {}", day.year())
    };
    let mut months: Vec<Month> = Vec::new();
    for due in &dues {
        let Ok(day) = due.due.parse::<Date>() else { continue };
        let own = month(day);
        let href = format!("/plan/calendar?month={own}");
        match months.last_mut().filter(|last| last.href == href) {
            Some(last) => last.count += 1,
            None => months.push(Month { href, name: named(day), count: 1, is_here: own == here }),
        }
    }
    let day = |date: Date| {
        let text = date.to_string();
        let items = dues.iter().filter(|due| due.due == text).map(|due| Item {
            reference: format!("{} {}", KINDS[due.kind].one, due.reference),
            what: due.what.to_owned(),
            is_overdue: text < now,
        });
        Day { number: date.day(), is_today: date == today, items: items.collect() }
    };
    let blank = usize::try_from(first.weekday().to_monday_zero_offset()).unwrap_or(0);
    let mut cells: Vec<Option<Day>> = (0..blank).map(|_| None).collect();
    let days = std::iter::successors(Some(first), |day| day.tomorrow().ok()).take_while(|day| day.month() == first.month());
    cells.extend(days.map(|date| Some(day(date))));
    while !cells.len().is_multiple_of(7) {
        cells.push(None);
    }
    let mut weeks: Vec<Vec<Option<Day>>> = Vec::new();
    let mut cells = cells.into_iter().peekable();
    while cells.peek().is_some() {
        weeks.push(cells.by_ref().take(7).collect());
    }
    let link = |day: Option<Date>| day.map(|day| format!("/plan/calendar?month={}", month(day))).unwrap_or_default();
    let before = link(first.yesterday().ok());
    let after = link(first.last_of_month().tomorrow().ok());
    let weekdays = shell.say("plan-weekdays").split(' ').map(str::to_owned).collect();
    Page { name: named(first), before, after, weekdays, weeks, months, shell }
}
