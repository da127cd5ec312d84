//! A small codebook and log for the tests: one station, persons held and restrained.

use habeas_codebook::log::{Entry, EventId, Log, Value};
use habeas_codebook::moment::{At, Moment};
use habeas_codebook::pack::PackSource;
use habeas_codebook::tree::{Codebook, FieldId, FieldType, KindId};
use habeas_codebook::value;
use habeas_returns::cells::Return;
use habeas_returns::period::Period;

const MANIFEST: &str = r#"
id = "station"
name = "A station"
version = "1"
zone = "UTC"
chapters = ["10.md"]
subjects = ["custody", "measure", "person", "place", "interview", "officer"]
things = ["person", "place", "officer"]
[[sources]]
name = "Questions"
section = ["1-9"]
"#;

const CHAPTER: &str = r#"# A station

```event
event arrested of custody, person, place, opens custody, as arrest:
  ground choice(caught, suspicion);
  done by list of officer.
event brought in of custody, person, place, as arrival.
event told rights of custody, place, as rights:
  understood yes/no;
  done by list of officer.
event noted of custody, place:
  trait choices(intoxicated, foreign).
event lawyer wanted of custody, place, as lawyer-request.
event lawyer called of custody, place, as engagement:
  lawyer text.
event lawyer let in of custody, place, as engagement:
  lawyer text;
  admitted at time.
event gave up of custody, place, as waiver:
  right choice(lawyer, doctor).
event sealed of interview, custody, place:
  length duration.
event forced of custody, place, as force:
  done by list of officer;
  statement text.
event hurt of custody, place, as injury:
  age of injury choice(fresh, old).
event fell of custody, place, as incident.
event went on of officer, place, as shift-start.
event went off of officer, place, as shift-end.
event visited of place, as visit-start.
event examined of custody, place, as examination.
event led out of custody, place, as outing-start.
event led back of custody, place, as outing-end.
event signed of custody, place:
  signed signature;
  done by list of officer.
event reviewed of custody, place:
  mode choice(in_person, phone);
  asleep yes/no;
  representations by choices(person, lawyer);
  done by list of officer.
event died of custody, place, as death.
event described of person, describes person:
  born date identity;
  sex choice(female, male) identity.
event restrained of measure, custody, person, place:
  means choice(belt, cuffs);
  reasons choices(escape, self_harm).
event freed of measure, custody, person, place.
event awarded of custody, person:
  sum money.
event released of custody, person, place, closes custody.
event built of place, describes place:
  type choice(police, prison) public.
event looked in of custody, place, as check:
  done by officer;
  note text.
event interview begun of interview, custody, place, as interview-start.
event interview over of interview, custody, place, as interview-end.
event amended of custody, corrects:
  corrects ref.
event struck of custody, withdraws:
  corrects ref.
```

```state
state held of custody: from arrested until released.
state tied of measure: from restrained until freed.
state child of person: age below 18 years.
```

```table
table HELD
  Title "Held". Cites "Questions" section 1. In force from 2000-01-01. Class conduct.
  Column arrests: number of arrested. Column custodies: number of custody with arrested. Column persons: number of person with arrested.
  Column at the start: number of custody while held at the start. Column at the end: number of custody while held at the end.
  Column average: average daily number of custody while held. Column days: days of custody while held.
  Column released: of custodies, number with released by as-of. Column released in time: of custodies, number with released by the end.
  Column share: share of released in custodies. Column median: median time from arrested to released.
  Column ninetieth: ninetieth time from arrested to released. Column over a day: number over 1 day of time from arrested to released.
  Column beyond ten: total over 10 days of time from arrested to released.
  Column again: number of person with at least 2 arrested. Column once: number of person with exactly 1 arrested.
  Column again let go: of again, number with released by as-of.
  Column seldom: number of person with at most 2 arrested where the person is a child.
  By sex of the person, ground of the arrested, place, child.
```

```table
table DAYS
  Title "By day". Cites "Questions" section 1. In force from 2000-01-01. Class conduct.
  Column arrests: number of arrested. Column days: days of custody while held.
  By day.
```

```table
table WHO
  Title "Who". Cites "Questions" section 1. In force from 2000-01-01. Class person.
  Column persons: number of person with arrested. Column released: of persons, number with released by as-of.
  Column share: share of released in persons. Column sum: total of the sum of awarded.
  By sex of the person, place.
```

```table
table AGES
  Title "Ages". Cites "Questions" section 1. In force from 2000-01-01. Class person.
  Column persons: number of person with arrested.
  By age of the person in bands 0-13/14-15/16-17/18-20/21-24/25-39/40-59/60+.
```

```table
table SEXES
  Title "Sexes". Cites "Questions" section 1. In force from 2000-01-01. Class person.
  Column persons: number of person with arrested.
  By sex of the person. Linked to table PLACES.
```

```table
table PLACES
  Title "Places". Cites "Questions" section 1. In force from 2000-01-01. Class person.
  Column persons: number of person with arrested.
  By sex of the person, place.
```

```table
table TIED
  Title "Restraint". Cites "Questions" section 1. In force from 2000-01-01. Class conduct.
  Column uses: number of restrained. Column belts: number of restrained whose means is belt.
  Column cuffs: number of restrained whose means is cuffs.
  Column total: total length of tied. Column longest: longest length of tied.
  Column mean: mean length of tied. Column least: least length of tied.
  Column of children: number of restrained where the person is a child. Column sum: total of the sum of awarded.
  Parts of uses: belts, cuffs.
  By means of the restrained, reasons of the restrained, month, hour, kind of place.
```
"#;

/// The codebook.
pub fn codebook() -> Codebook {
    let file = |path: &str, text: &str| habeas_codebook::diagnostic::SourceFile { path: path.to_owned(), text: text.to_owned() };
    let source = PackSource { files: vec![file("codebook.toml", MANIFEST), file("chapters/10.md", CHAPTER)] };
    let reading = habeas_codebook::read(&source, &|_| None);
    let errors: Vec<String> =
        reading.diagnostics.iter().map(|d| format!("{} {}", d.code, d.message)).filter(|d| d.starts_with('E')).collect();
    assert_eq!(errors, Vec::<String>::new());
    reading.codebook.expect("a codebook")
}

/// One entry, as a test writes it.
#[derive(Clone, Debug)]
pub struct Told {
    pub id: String,
    pub kind: &'static str,
    pub at: String,
    pub recorded: String,
    /// Who entered it.
    pub by: Option<String>,
    pub subjects: Vec<(&'static str, String)>,
    pub fields: Vec<(&'static str, String)>,
}

/// An entry recorded as it happens. Subjects and fields as `class=id field=value`.
pub fn told(id: &str, kind: &'static str, at: &str, rest: &str) -> Told {
    const CLASSES: [&str; 6] = ["custody", "measure", "person", "place", "interview", "officer"];
    let mut one = Told {
        id: id.to_owned(),
        kind,
        at: format!("{at}:00Z"),
        recorded: format!("{at}:00Z"),
        by: None,
        subjects: vec![],
        fields: vec![],
    };
    for part in rest.split_whitespace() {
        let (name, value) = part.split_once('=').expect("name=value");
        let value = value.replace('+', " ");
        match CLASSES.iter().find(|class| **class == name) {
            Some(class) => one.subjects.push((class, value)),
            None => {
                let name = name.replace('_', " ");
                let known = [
                    "ground",
                    "born",
                    "sex",
                    "means",
                    "reasons",
                    "sum",
                    "type",
                    "corrects",
                    "at",
                    "done by",
                    "understood",
                    "trait",
                    "lawyer",
                    "admitted at",
                    "right",
                    "length",
                    "statement",
                    "age of injury",
                    "mode",
                    "asleep",
                    "note",
                    "signed",
                ];
                let field = known.into_iter().find(|f| *f == name);
                one.fields.push((field.expect("a field"), value));
            }
        }
    }
    one
}

impl Told {
    pub fn recorded(mut self, at: &str) -> Self {
        self.recorded = format!("{at}:00Z");
        self
    }
}

pub fn moment(text: &str) -> Moment {
    value::moment(text).expect("a time")
}

/// A log of entries in the order given; an id met again is passed over, as a delivery that comes twice.
pub fn log(codebook: &Codebook, entries: &[Told]) -> Log {
    let mut log = Log::with_authors();
    for entry in entries {
        let kind = codebook.kinds.iter().position(|k| k.name == entry.kind).map(|i| KindId(i as u16)).expect("a kind");
        let fields: Vec<(FieldId, Value)> = entry
            .fields
            .iter()
            .map(|(name, text)| {
                let field = codebook.field_names.iter().position(|f| f == name).map(|i| FieldId(i as u16)).expect("a field");
                let plain = habeas_codebook::tree::Field {
                    name: field,
                    list: false,
                    of: FieldType::Time,
                    sensitivity: Default::default(),
                    required: habeas_codebook::tree::Required::No,
                    mark: Default::default(),
                };
                let declared = codebook
                    .field(kind, field)
                    .or_else(|| codebook.kinds.iter().find_map(|k| k.fields.iter().find(|f| f.name == field && *name != "at")));
                let declared = declared.unwrap_or(&plain);
                (field, value::parse(codebook, declared, text, &mut |t| log.text(t)).expect("a value"))
            })
            .collect();
        let class = |name: &str| codebook.class_named(name).expect("a class");
        let subjects: Vec<_> = entry.subjects.iter().map(|(name, id)| (class(name), id.as_str())).collect();
        let (at, recorded_at) = (At::exact(moment(&entry.at)), moment(&entry.recorded));
        let pushed =
            log.push(&Entry { id: &entry.id, kind, at, recorded_at, by: entry.by.as_deref(), subjects: &subjects, fields: &fields });
        let _: Option<EventId> = pushed.ok();
    }
    log
}

/// A table counted.
pub fn counted(codebook: &Codebook, log: &Log, id: &str, period: &str, as_of: &str) -> Return {
    let table = codebook.tables.iter().find(|t| t.id == id).expect("a table");
    let period = Period::parse(period, &codebook.almanac).expect("a period");
    habeas_returns::count(codebook, log, table, &period, moment(&format!("{as_of}T00:00:00Z")))
}

/// A cell's number as text; `by` as `dimension=code`, several separated by blanks.
pub fn number(made: &Return, column: &str, by: &str) -> String {
    let column = made.columns.iter().position(|c| c.name == column).expect("a column");
    let mut key = vec![0u16; made.dimensions.len()];
    for part in by.split_whitespace() {
        let (dimension, code) = part.split_once('=').expect("dimension=code");
        let dimension = made.dimension_named(dimension).expect("a dimension");
        key[dimension] = made.code_named(dimension, code).expect("a code");
    }
    let cells: Vec<String> = made
        .cells_at(column, &key)
        .map(|cell| match (cell.value, cell.open) {
            (Some(value), None) => value.normalize().to_string(),
            (Some(value), Some((open, _))) => format!("{} and {open} open", value.normalize()),
            (None, _) => cell.observed.mark().to_owned(),
        })
        .collect();
    cells.join(", ")
}
