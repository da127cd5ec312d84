//! The lanes as a drawing and as a table that says the same. Positions are whole units of a box 1296 wide; colours are the style sheet's.

use super::{LANES, Look, Piece};
use crate::clock::Teller;
use habeas_codebook::moment::Moment;

const MINUTE: i64 = 60_000_000;
const HOUR: i64 = 60 * MINUTE;
/// What one drawing shows, in hours.
pub const SHOWN: i64 = 36;
/// The least that it shows, so that the limits of the first hours are seen coming.
const LEAST: i64 = 12;
/// Width of the box, where names end, and where the hours end.
const WIDTH: i64 = 1296;
const NAMES: i64 = 108;
const END: i64 = 1288;
/// Where lanes begin, and how high one is.
const TOP: i64 = 40;
const LANE: i64 = 32;
/// A letter of a label is about so wide.
const LETTER: i64 = 7;

/// A rectangle.
pub struct Rect {
    /// Class.
    pub class: &'static str,
    /// Left edge.
    pub x: i64,
    /// Upper edge.
    pub y: i64,
    /// Width.
    pub w: i64,
    /// Height.
    pub h: i64,
    /// Said when it is pointed at.
    pub title: String,
}

/// Any other shape.
pub struct Shape {
    /// Class.
    pub class: &'static str,
    /// Its outline.
    pub d: String,
    /// Said when it is pointed at.
    pub title: String,
}

/// Words.
pub struct Label {
    /// Class.
    pub class: &'static str,
    /// Where they stand.
    pub x: i64,
    /// Their line.
    pub y: i64,
    /// `start`, `middle` or `end`.
    pub anchor: &'static str,
    /// The words.
    pub text: String,
}

/// The drawing.
#[derive(Default)]
pub struct Drawing {
    /// Height of the box.
    pub height: i64,
    /// In sentences, for who cannot see it.
    pub said: Vec<String>,
    /// Nights and spans, then what is past its limit.
    pub rects: Vec<Rect>,
    /// Points, and upright lines.
    pub shapes: Vec<Shape>,
    /// Words.
    pub labels: Vec<Label>,
    /// From when.
    pub from: String,
    /// Until when.
    pub until: String,
    /// Hours before these, if there are any: the end of that drawing.
    pub earlier: Option<String>,
    /// Hours after these.
    pub later: Option<String>,
}

/// The same as a table: lane, what, from, until, how long, address.
pub type Table = Vec<[String; 6]>;

/// What is drawn: from when until when.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    from: Moment,
    end: Moment,
}

impl Window {
    /// The hours up to `until`, but not before the record begins.
    #[must_use]
    pub fn up_to(until: Moment, opened: Moment) -> Self {
        let from = Moment(opened.0.max(until.0 - SHOWN * HOUR));
        Self { from, end: Moment(until.0.max(from.0 + LEAST * HOUR)) }
    }

    fn x(self, at: Moment) -> i64 {
        let passed = (at.0.clamp(self.from.0, self.end.0) - self.from.0) / 1_000;
        NAMES + passed * (END - NAMES) / ((self.end.0 - self.from.0) / 1_000).max(1)
    }

    fn shows(self, piece: &Piece) -> bool {
        piece.to.0 >= self.from.0 && piece.from.0 <= self.end.0
    }
}

/// Draws the pieces of a record that began at `opened`, over the hours up to `until`.
#[must_use]
pub fn drawn(teller: &Teller<'_>, pieces: &[Piece], (opened, until): (Moment, Moment)) -> (Drawing, Table) {
    let window = Window::up_to(until, opened);
    let shown: Vec<&Piece> = pieces.iter().filter(|piece| window.shows(piece)).collect();
    let lanes = i64::try_from(LANES.len()).unwrap_or(0);
    let mut drawing = Drawing {
        height: TOP + LANE * lanes + LANE,
        said: said(teller, &shown),
        from: teller.instant(window.from),
        until: teller.instant(Moment(window.end.0.min(until.0))),
        earlier: (window.from.0 > opened.0).then(|| teller.stamp(window.from)),
        later: (until.0 < teller.now.0).then(|| teller.stamp(Moment((until.0 + SHOWN * HOUR).min(teller.now.0)))),
        ..Drawing::default()
    };
    drawing.hours(teller, window);
    for (place, lane) in (0..).zip(&LANES) {
        let y = TOP + LANE * place;
        drawing.labels.push(label("b", 2, y + 23, "start", say(teller, lane.text)));
        drawing.shapes.push(Shape { class: "grid", d: format!("M0 {0}H{WIDTH}", y + 33), title: String::new() });
    }
    for piece in &shown {
        drawing.piece(teller, window, piece);
    }
    drawing.words(teller, window, &shown);
    if teller.now.0 <= window.end.0 {
        let x = window.x(teller.now);
        drawing.shapes.push(Shape { class: "now", d: format!("M{x} 16V{}", TOP + LANE * lanes + 8), title: String::new() });
        let anchor = if x > WIDTH / 2 { "end" } else { "start" };
        drawing.labels.push(label("b", x, drawing.height - 6, anchor, with(teller, "lanes-now", "time", &teller.hour(teller.now))));
    }
    if teller.is_mirrored() {
        drawing.mirror();
    }
    let table = shown.into_iter().map(|piece| line(teller, piece)).collect();
    (drawing, table)
}

fn say(teller: &Teller<'_>, id: &str) -> String {
    teller.texts.say(teller.language, id, &[])
}

fn with(teller: &Teller<'_>, id: &str, name: &str, value: &str) -> String {
    teller.texts.say(teller.language, id, &[(name, value)])
}

fn label(class: &'static str, x: i64, y: i64, anchor: &'static str, text: String) -> Label {
    Label { class, x, y, anchor, text }
}

impl Drawing {
    /// Nights, every second hour, and the names of days.
    fn hours(&mut self, teller: &Teller<'_>, window: Window) {
        let bottom = self.height - LANE;
        let mut named = None;
        self.labels.push(label("b", NAMES + 4, 16, "start", teller.day(window.from)));
        let first = window.from.0 - window.from.0.rem_euclid(HOUR) + HOUR;
        for at in (0..SHOWN + LEAST).map(|hour| Moment(first + hour * HOUR)).take_while(|at| at.0 < window.end.0) {
            let (hour, x) = (teller.hour_of_day(at), window.x(at));
            if !(6..22).contains(&hour) {
                let w = (window.x(Moment(at.0 + HOUR)) - x).max(0);
                self.rects.push(Rect { class: "band", x, y: TOP, w, h: bottom - TOP, title: String::new() });
            }
            if hour == 0 {
                self.shapes.push(Shape { class: "axis", d: format!("M{x} 16V{bottom}"), title: String::new() });
                if x > NAMES + 150 {
                    self.labels.push(label("b", x + 4, 16, "start", teller.day(at)));
                }
            }
            if hour % 2 == 0 {
                self.shapes.push(Shape { class: "grid", d: format!("M{x} {TOP}V{bottom}"), title: String::new() });
                if named.is_none_or(|before| x - before > 3 * LETTER) {
                    self.labels.push(label("soft", x, 34, "middle", format!("{hour:02}")));
                    named = Some(x);
                }
            }
        }
    }

    fn piece(&mut self, teller: &Teller<'_>, window: Window, piece: &Piece) {
        let y = TOP + LANE * i64::try_from(piece.lane).unwrap_or(0);
        let (x, to, middle) = (window.x(piece.from), window.x(piece.to), y + 18);
        let title = format!("{}, {}", piece.words, times(teller, piece));
        let rest = LANES[piece.lane].text == "lane-rest";
        match piece.look {
            Look::Span => {
                let class = if rest { "rest" } else { "blk" };
                self.rects.push(Rect { class, x, y: y + 10, w: (to - x).max(2), h: 16, title });
            }
            Look::Point if LANES[piece.lane].text == "lane-check" => {
                self.rects.push(Rect { class: "tick", x: x - 1, y: y + 12, w: 3, h: 12, title });
            }
            Look::Point => {
                self.shapes.push(Shape { class: "tick", d: format!("M{} {middle}a6 6 0 1 0 12 0a6 6 0 1 0-12 0z", x - 6), title })
            }
            Look::Asked => {
                self.shapes.push(Shape { class: "axis", d: format!("M{} {middle}a6 6 0 1 0 12 0a6 6 0 1 0-12 0z", x - 6), title });
            }
            Look::Late => self.shapes.push(Shape { class: "odd", d: format!("M{x} {}l6 9l-6 9l-6-9z", middle - 9), title }),
            Look::Limit => self.shapes.push(Shape { class: "lim", d: format!("M{x} {}V{}", y + 4, y + 30), title }),
            Look::Over if piece.to.0 == piece.from.0 => {
                let d = format!("M{} {}l12 12m0-12l-12 12", x - 6, middle - 6);
                self.shapes.push(Shape { class: "lim past", d, title });
            }
            Look::Over => self.rects.push(Rect { class: "bad", x, y: y + 10, w: (to - x).max(3), h: 16, title }),
        }
    }

    /// Words beside what is past its limit, then beside limits, as long as there is room.
    fn words(&mut self, teller: &Teller<'_>, window: Window, shown: &[&Piece]) {
        let mut taken: Vec<(usize, i64, i64)> = Vec::new();
        let mut put = |lane: usize, x: i64, class: &'static str, text: String| {
            let width = i64::try_from(text.chars().count()).unwrap_or(0) * LETTER;
            let is_free = |from: i64| taken.iter().all(|(other, start, end)| *other != lane || from + width < *start || from > *end);
            let from = [x + 4, x - width - 12].into_iter().find(|from| *from > NAMES && from + width < END && is_free(*from))?;
            taken.push((lane, from, from + width));
            Some(label(class, from, TOP + LANE * i64::try_from(lane).unwrap_or(0) + 23, "start", text))
        };
        for piece in shown.iter().filter(|piece| piece.look == Look::Over && piece.to.0 > piece.from.0) {
            let text = with(teller, "lanes-over", "length", &teller.length(piece.to.0 - piece.from.0));
            self.labels.extend(put(piece.lane, window.x(piece.to), "bad-t", text));
        }
        for piece in shown.iter().filter(|piece| piece.look == Look::Span) {
            let (x, to, text) = (window.x(piece.from), window.x(piece.to), teller.length(piece.to.0 - piece.from.0));
            if LANES[piece.lane].text == "lane-rest" && to - x > 100 {
                let y = TOP + LANE * i64::try_from(piece.lane).unwrap_or(0) + 23;
                self.labels.push(label("", i64::midpoint(x, to), y, "middle", text));
            }
        }
        for piece in shown.iter().filter(|piece| piece.look == Look::Limit) {
            let Some(length) = piece.length.filter(|length| *length > 0) else { continue };
            self.labels.extend(put(piece.lane, window.x(piece.from), "soft", teller.length(length)));
        }
    }

    /// In a language that is written from right to left time runs that way too; letters do not turn. An anchor `start` is the right hand
    /// there by itself.
    fn mirror(&mut self) {
        for rect in &mut self.rects {
            rect.x = WIDTH - rect.x - rect.w;
        }
        for label in &mut self.labels {
            label.x = WIDTH - label.x;
        }
        for shape in &mut self.shapes {
            let numbers = shape.d[1..].find(|c: char| !c.is_ascii_digit() && c != '-').map_or(shape.d.len(), |end| end + 1);
            let Ok(x) = shape.d[1..numbers].parse::<i64>() else { continue };
            let is_round = shape.d.contains('a');
            let is_cross = shape.d.contains('m');
            let turned = match (is_round, is_cross, shape.d.contains('H')) {
                (true, ..) | (_, true, _) => WIDTH - x - 12,
                (.., true) => x,
                _ => WIDTH - x,
            };
            shape.d = format!("M{turned}{}", &shape.d[numbers..]);
        }
    }
}

/// When a piece was, in words.
fn times(teller: &Teller<'_>, piece: &Piece) -> String {
    if piece.to.0 == piece.from.0 {
        return teller.instant(piece.from);
    }
    let (from, length) = (teller.instant(piece.from), teller.length(piece.to.0 - piece.from.0));
    let to = if piece.runs { say(teller, "lanes-so-far") } else { teller.instant(piece.to) };
    format!("{from} \u{2013} {to} ({length})")
}

/// The lanes in sentences, one a lane, then what is past its limit.
fn said(teller: &Teller<'_>, shown: &[&Piece]) -> Vec<String> {
    const MOST: usize = 6;
    let sentence = |name: String, pieces: Vec<String>| {
        let more = pieces.len().saturating_sub(MOST);
        let mut list = pieces.into_iter().take(MOST).collect::<Vec<_>>().join("; ");
        if more > 0 {
            list = format!("{list}; {}", with(teller, "lanes-more", "n", &more.to_string()));
        }
        teller.texts.say(teller.language, "lanes-sentence", &[("name", &name), ("list", &list)])
    };
    let happened = |look: Look| !matches!(look, Look::Limit | Look::Over);
    let mut sentences: Vec<String> = (0..)
        .zip(&LANES)
        .filter_map(|(place, lane)| {
            let own = shown.iter().filter(|piece| piece.lane == place && happened(piece.look));
            let own: Vec<String> = own.map(|piece| times(teller, piece)).collect();
            (!own.is_empty()).then(|| sentence(say(teller, lane.text), own))
        })
        .collect();
    let over = shown.iter().filter(|piece| piece.look == Look::Over).map(|piece| format!("{}, {}", piece.words, times(teller, piece)));
    let over: Vec<String> = over.collect();
    sentences.push(if over.is_empty() { say(teller, "lanes-none-over") } else { sentence(say(teller, "not-honoured"), over) });
    sentences
}

fn line(teller: &Teller<'_>, piece: &Piece) -> [String; 6] {
    let lasted = piece.to.0 > piece.from.0;
    let what = match piece.look {
        Look::Limit => with(teller, "lanes-limit-of", "what", &piece.words),
        Look::Over => with(teller, "lanes-past", "what", &piece.words),
        Look::Late => with(teller, "lanes-late", "what", &piece.words),
        Look::Span | Look::Point | Look::Asked => piece.words.clone(),
    };
    let until = match (piece.runs, lasted) {
        (true, _) => say(teller, "lanes-so-far"),
        (false, true) => teller.instant(piece.to),
        (false, false) => String::new(),
    };
    let length = if lasted {
        teller.length(piece.to.0 - piece.from.0)
    } else {
        piece.length.map(|length| teller.length(length)).unwrap_or_default()
    };
    [say(teller, LANES[piece.lane].text), what, teller.instant(piece.from), until, length, piece.href.clone()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts::{Language, Texts};
    use jiff::tz::TimeZone;

    fn piece(lane: usize, look: Look, from: i64, to: i64) -> Piece {
        let (from, to) = (Moment(from * HOUR), Moment(to * HOUR));
        Piece { lane, look, from, to, runs: false, words: "Interview".to_owned(), length: None, href: "#e1".to_owned() }
    }

    fn teller(texts: &Texts, language: Language) -> Teller<'_> {
        Teller { texts, language, zone: TimeZone::UTC, now: Moment(20 * HOUR) }
    }

    #[test]
    fn an_interview_that_went_past_its_limit_is_drawn_in_red_from_the_limit_on_and_told_in_the_table() {
        let texts = Texts::default();
        let pieces = [piece(1, Look::Span, 2, 5), piece(1, Look::Limit, 4, 4), piece(1, Look::Over, 4, 5)];
        let (drawing, table) = drawn(&teller(&texts, Language::En), &pieces, (Moment(0), Moment(20 * HOUR)));
        let red = drawing.rects.iter().find(|rect| rect.class == "bad").expect("it is red");
        let bar = drawing.rects.iter().find(|rect| rect.class == "blk").expect("it is drawn");
        assert_eq!((red.x + red.w, red.y), (bar.x + bar.w, bar.y));
        assert!(drawing.shapes.iter().any(|shape| shape.class == "lim" && shape.d.starts_with(&format!("M{} ", red.x))));
        assert!(drawing.said.iter().any(|said| said.contains("Not honoured")), "{:?}", drawing.said);
        assert_eq!(table.len(), 3);
    }

    #[test]
    fn a_record_of_days_is_drawn_a_day_and_a_half_at_a_time() {
        let texts = Texts::default();
        let told = Teller { now: Moment(100 * HOUR), ..teller(&texts, Language::En) };
        let (drawing, table) = drawn(&told, &[piece(1, Look::Span, 2, 5)], (Moment(0), Moment(100 * HOUR)));
        assert!(table.is_empty() && drawing.earlier.is_some() && drawing.later.is_none());
        let (drawing, table) = drawn(&told, &[piece(1, Look::Span, 2, 5)], (Moment(0), Moment(36 * HOUR)));
        assert!(table.len() == 1 && drawing.earlier.is_none() && drawing.later.is_some());
    }

    #[test]
    fn from_right_to_left_time_runs_the_other_way() {
        let texts = Texts::default();
        let pieces = [piece(1, Look::Span, 2, 5), piece(3, Look::Point, 2, 2)];
        let over = (Moment(0), Moment(20 * HOUR));
        let (one, _) = drawn(&teller(&texts, Language::En), &pieces, over);
        let (other, _) = drawn(&teller(&texts, Language::Mirrored), &pieces, over);
        for (one, other) in one.rects.iter().zip(&other.rects) {
            assert_eq!(one.x, WIDTH - other.x - other.w);
        }
        let centre = |drawing: &Drawing| {
            let dot = drawing.shapes.iter().find(|shape| shape.d.contains('a')).expect("a dot");
            dot.d[1..].split(' ').next().and_then(|x| x.parse::<i64>().ok()).expect("its place") + 6
        };
        assert_eq!(centre(&one), WIDTH - centre(&other));
    }
}
