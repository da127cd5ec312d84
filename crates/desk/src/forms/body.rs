//! A mark on the body: where on the figure, which named place that is, what is seen. A point on the figure and a place chosen from the list
//! are equal answers; the point names its place.
//!
//! The figure is one outline in front and one from behind, each in a box of its own; a mark's coordinates are parts of that box, so
//! that the drawing can change. Left and right are the person's own.

use super::posted::Posted;
use crate::clock::Teller;

/// Size of the drawing, and of the box of each figure in it.
const HEIGHT: f64 = 486.0;
const WIDTH: f64 = 220.0;
/// Where the box of the figure seen from behind begins.
const BACK: f64 = 260.0;
/// The middle of a figure in its box.
const MIDDLE: f64 = 110.0;

/// Places that have names, in the order of the list: those of the front, those of the back, those that the figure does not show.
pub const PLACES: [&str; 31] = [
    "face",
    "neck",
    "shoulder",
    "upper_chest",
    "ribs",
    "abdomen",
    "groin",
    "upper_arm",
    "forearm",
    "hand",
    "thigh",
    "knee",
    "shin",
    "foot",
    "back_of_head",
    "nape",
    "shoulder_blade",
    "mid_back",
    "lower_back",
    "buttock",
    "back_of_upper_arm",
    "back_of_forearm",
    "back_of_hand",
    "back_of_thigh",
    "hollow_of_knee",
    "calf",
    "heel",
    "ear",
    "mouth",
    "genitals",
    "sole",
];
/// What can be seen, as the vocabulary has it.
pub const KINDS: [&str; 13] = [
    "bruise",
    "abrasion",
    "laceration",
    "incised",
    "burn",
    "fracture",
    "swelling",
    "tenderness",
    "ligature",
    "scar",
    "needle",
    "electrical",
    "other",
];
/// Sides, the person's own.
pub const SIDES: [&str; 3] = ["left", "right", "midline"];
/// Views that marks are recorded in.
pub const VIEWS: [&str; 14] = [
    "front",
    "back",
    "left",
    "right",
    "head_front",
    "head_back",
    "head_left",
    "head_right",
    "hand_l",
    "hand_r",
    "foot_l",
    "foot_r",
    "soles",
    "genital",
];

/// A mark, part by part; what was not said is empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mark {
    /// Its parts by name: `region`, `side`, `view`, `kind`, `length`, `width`, `x`, `y`, `colour` …
    pub parts: Vec<(String, String)>,
}

/// Where a mark is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Pin {
    /// In the drawing.
    pub x: f64,
    /// In the drawing.
    pub y: f64,
    /// Base line of its number.
    pub text_y: f64,
    /// Its number in the list.
    pub number: usize,
}

/// Words in the drawing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// Under the figure seen from the front.
    pub front: String,
    /// Under the figure seen from behind.
    pub back: String,
    /// Beside each.
    pub left: String,
    /// Beside each.
    pub right: String,
}

impl Words {
    /// In a language.
    #[must_use]
    pub fn new(teller: &Teller<'_>) -> Self {
        let say = |id: &str| teller.texts.say(teller.language, id, &[]);
        Self { front: say("body-front"), back: say("body-back"), left: say("body-left"), right: say("body-right") }
    }
}

/// A point of the drawing: which figure, and where in its box.
#[must_use]
pub fn point(x: f64, y: f64) -> (&'static str, f64, f64) {
    let (view, origin) = if x < (BACK + WIDTH) / 2.0 { ("front", 0.0) } else { ("back", BACK) };
    (view, ((x - origin) / WIDTH).clamp(0.0, 1.0), (y / HEIGHT).clamp(0.0, 1.0))
}

/// The named place of a point in a figure's box, and its side.
#[must_use]
pub fn place(view: &str, x: f64, y: f64) -> (&'static str, &'static str) {
    let (off, down) = (x * WIDTH - MIDDLE, y * HEIGHT);
    let is_front = view != "back";
    // The person's right is at the left of the front figure, and at the right of the one seen from behind.
    let side = match off {
        -9.0..=9.0 if down < 250.0 => "midline",
        _ if (off < 0.0) == is_front => "right",
        _ => "left",
    };
    let is_arm = off.abs() > 41.0 && down > 126.0;
    let bands: &[(f64, &str, &str)] = if is_arm {
        &[(182.0, "upper_arm", "back_of_upper_arm"), (236.0, "forearm", "back_of_forearm"), (HEIGHT, "hand", "back_of_hand")]
    } else if off.abs() > 30.0 && (88.0..126.0).contains(&down) {
        &[(HEIGHT, "shoulder", "shoulder")]
    } else {
        &[
            (66.0, "face", "back_of_head"),
            (91.0, "neck", "nape"),
            (138.0, "upper_chest", "shoulder_blade"),
            (176.0, "ribs", "mid_back"),
            (222.0, "abdomen", "lower_back"),
            (248.0, "groin", "buttock"),
            (322.0, "thigh", "back_of_thigh"),
            (346.0, "knee", "hollow_of_knee"),
            (428.0, "shin", "calf"),
            (HEIGHT, "foot", "heel"),
        ]
    };
    let (_, front, back) = bands.iter().find(|(end, ..)| down <= *end).or(bands.last()).copied().unwrap_or((0.0, "other", "other"));
    (if is_front { front } else { back }, side)
}

impl Mark {
    /// As a form writes it (`region=…; view=…`) or as a log may have it (an object); anything else is a place in somebody's words.
    #[must_use]
    pub fn read(text: &str) -> Self {
        if let Ok(serde_json::Value::Object(members)) = serde_json::from_str(text) {
            let word = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            return Self { parts: members.iter().map(|(name, value)| (name.clone(), word(value))).collect() };
        }
        if !text.contains('=') {
            return Self { parts: vec![("region".to_owned(), text.to_owned())] };
        }
        let pairs = text.split(';').filter_map(|pair| pair.trim().split_once('='));
        Self { parts: pairs.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).collect() }
    }

    /// Whether a text is a mark and not somebody's sentence.
    #[must_use]
    pub fn is_one(text: &str) -> bool {
        (text.starts_with("region=") || text.starts_with("view=") || text.starts_with('{')) && !Self::read(text).part("region").is_empty()
    }

    /// A part; empty where it was not said.
    #[must_use]
    pub fn part(&self, name: &str) -> &str {
        self.parts.iter().find(|(one, _)| one == name).map_or("", |(_, value)| value)
    }

    /// Where it is drawn; nothing for a mark that is told by its place alone.
    #[must_use]
    pub fn pin(&self, number: usize) -> Option<Pin> {
        let (x, y): (f64, f64) = (self.part("x").parse().ok()?, self.part("y").parse().ok()?);
        let origin = match self.part("view") {
            "front" => 0.0,
            "back" => BACK,
            _ => return None,
        };
        let inside = |part: f64| (0.0..=1.0).contains(&part);
        let round = |value: f64| (value * 10.0).round() / 10.0;
        (inside(x) && inside(y)).then(|| Pin {
            x: round(origin + x * WIDTH),
            y: round(y * HEIGHT),
            text_y: round(y * HEIGHT + 4.5),
            number,
        })
    }

    /// The place in words.
    #[must_use]
    pub fn place_words(&self, teller: &Teller<'_>) -> String {
        place_words(teller, self.part("region"), self.part("side"))
    }

    /// What is seen, in words: kind and size.
    #[must_use]
    pub fn seen_words(&self, teller: &Teller<'_>) -> String {
        let kind = match self.part("kind") {
            "" => String::new(),
            kind if KINDS.contains(&kind) => teller.texts.say(teller.language, &format!("mark-{kind}"), &[]),
            other => other.replace('_', " "),
        };
        let size = match (self.part("length"), self.part("width")) {
            ("", _) => String::new(),
            (length, "") => format!("{length}\u{a0}mm"),
            (length, width) => format!("{length}\u{a0}×\u{a0}{width}\u{a0}mm"),
        };
        let rest = [self.part("shape"), self.part("colour")].map(str::to_owned);
        [kind, size].into_iter().chain(rest).filter(|one| !one.is_empty()).collect::<Vec<_>>().join(", ")
    }

    /// Place and kind in one line.
    #[must_use]
    pub fn words(&self, teller: &Teller<'_>) -> String {
        [self.place_words(teller), self.seen_words(teller)].into_iter().filter(|one| !one.is_empty()).collect::<Vec<_>>().join("; ")
    }
}

/// A place and a side in words; a place that has no name here is in somebody's own words.
#[must_use]
pub fn place_words(teller: &Teller<'_>, region: &str, side: &str) -> String {
    if !PLACES.contains(&region) {
        return region.replace('_', " ");
    }
    let say = |id: &str| teller.texts.say(teller.language, id, &[]);
    let place = say(&format!("body-{}", region.replace('_', "-")));
    if SIDES.contains(&side) { format!("{place}, {}", say(&format!("side-{side}"))) } else { place }
}

impl Posted {
    /// Does what a press on the figure asks: `NAME.map.x` and `NAME.map.y` become the point, its figure, its place and its side. A press
    /// from the keyboard says no point and asks nothing.
    pub fn press_figure(&mut self) -> bool {
        let pressed = self.0.iter().find_map(|(name, _)| name.strip_suffix(".map.x")).map(str::to_owned);
        let Some(name) = pressed else { return false };
        let read = |part: &str| self.one(&format!("{name}.map.{part}")).parse::<f64>().ok();
        let (x, y) = (read("x").unwrap_or(0.0), read("y").unwrap_or(0.0));
        self.0.retain(|(one, _)| !one.starts_with(&format!("{name}.map.")));
        if x > 0.0 || y > 0.0 {
            let (view, x, y) = point(x, y);
            let (region, side) = place(view, x, y);
            for (part, value) in [
                ("view", view.to_owned()),
                ("x", format!("{x:.3}")),
                ("y", format!("{y:.3}")),
                ("region", region.to_owned()),
                ("side", side.to_owned()),
            ] {
                self.set(&format!("{name}.{part}"), &value);
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn left_and_right_are_the_persons_own_seen_from_both_sides() {
        assert_eq!(place("front", 60.0 / WIDTH, 118.0 / HEIGHT), ("shoulder", "right"));
        assert_eq!(place("back", 60.0 / WIDTH, 118.0 / HEIGHT), ("shoulder", "left"));
        assert_eq!(place("front", 168.0 / WIDTH, 206.0 / HEIGHT), ("forearm", "left"));
        assert_eq!(place("back", 130.0 / WIDTH, 36.0 / HEIGHT), ("back_of_head", "right"));
        assert_eq!(place("front", 0.5, 200.0 / HEIGHT), ("abdomen", "midline"));
    }

    #[test]
    fn a_press_on_the_figure_names_the_place_and_a_press_from_the_keyboard_names_none() {
        let mut posted = Posted::read("f.mark.map.x=380&f.mark.map.y=36&f.mark.kind=swelling");
        assert!(posted.press_figure());
        assert_eq!((posted.one("f.mark.view"), posted.one("f.mark.region"), posted.one("f.mark.side")), ("back", "back_of_head", "right"));
        assert_eq!(posted.one("f.mark.kind"), "swelling");
        let mut keyed = Posted::read("f.mark.map.x=0&f.mark.map.y=0");
        assert!(keyed.press_figure());
        assert_eq!(keyed.one("f.mark.region"), "");
    }

    #[test]
    fn a_mark_is_read_as_forms_and_as_logs_write_it_and_drawn_where_it_has_a_point() {
        let form = Mark::read("region=shin; side=left; view=front; kind=scar; length=50; x=0.623; y=0.765");
        let log = Mark::read(r#"{"view":"front","x":0.623,"y":0.765,"region":"shin","side":"left","kind":"scar","length":50}"#);
        assert_eq!((form.part("region"), form.pin(1)), (log.part("region"), log.pin(1)));
        assert!(Mark::read("region=left cheek").pin(1).is_none());
        assert!(Mark::is_one("region=shin") && !Mark::is_one("a kick; it hurt = much"));
    }
}
