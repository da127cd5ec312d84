//! A made-up codebook, log and rows for tests of what prints rows: the values are arbitrary, only their shapes matter.

use habeas_codebook::diagnostic::Mark;
use habeas_codebook::log::{Entry, EventId, Log};
use habeas_codebook::moment::{Almanac, At, Calendar, Length, Moment, TimeUnit};
use habeas_codebook::tree::{
    Body, Citation, Class, ClassId, Codebook, DayCounting, EventName, FieldId, Grade, Kind, KindId, LabelKind, Limit, LimitId, LimitValue,
    LimitVersion, Pattern, Role, RoleId, RoleIs, Rule, RuleId, Sensitivity, SetBy, Span, Telling, Which, Within,
};
use habeas_monitor::{Flags, Missing, MissingWhat, Reason, Row, Verdict};
use jiff::civil::date;
use proptest::prelude::*;

fn rule(id: &str, limit: u16) -> Rule {
    let mark = Mark::default;
    let pattern = || Pattern { event: EventName::Kind(KindId(0)), tests: vec![], mark: mark() };
    Rule {
        id: id.to_owned(),
        pack: "specimen".to_owned(),
        cites: vec![Citation { source: "A \"quoted\" law".to_owned(), kind: LabelKind::Note, label: "12B".to_owned(), mark: mark() }],
        from: date(2000, 1, 1),
        until: None,
        severity: Grade::Critical,
        subject: ClassId(0),
        condition: None,
        body: Body::After {
            which: Which::Each,
            trigger: pattern(),
            answer: pattern(),
            forbidden: false,
            limit: Within::Span(Span::Limit(LimitId(limit), mark())),
        },
        exceptions: vec![],
        pauses: vec![],
        days: DayCounting::default(),
        recorded_within: None,
        outlasts: false,
        irrespective: vec![],
        tell: vec![Telling { roles: vec![RoleId(0), RoleId(0)], within: None, mark: mark() }],
        chapter: 0,
        mark: mark(),
    }
}

fn kind() -> Kind {
    Kind {
        name: "arrested".to_owned(),
        subjects: vec![ClassId(0), ClassId(1)],
        once_per: vec![],
        opens: vec![],
        closes: vec![],
        describes: vec![],
        by_role: false,
        corrects: false,
        withdraws: false,
        seen_as: Sensitivity::Custody,
        screens: vec![],
        fields: vec![],
        mark: Mark::default(),
    }
}

/// A codebook with one rule whose limit an operator set until 2000, and one of the source's own.
pub fn codebook() -> Codebook {
    let mark = Mark::default;
    let version = |from, set_by| LimitVersion {
        from,
        value: LimitValue::Length(Length { amount: 4, unit: TimeUnit::Hour }),
        set_by,
        because: String::new(),
        mark: mark(),
    };
    Codebook {
        id: "specimen".to_owned(),
        name: String::new(),
        version: "1".to_owned(),
        zone_name: "Asia/Baku".to_owned(),
        almanac: Almanac { zone: jiff::tz::TimeZone::get("Asia/Baku").expect("bundled"), calendar: Calendar::default() },
        languages: vec![],
        builds_on: vec![],
        is_vocabulary: false,
        late_entry_after: 0,
        sources: vec![],
        classes: ["custody", "person"].map(|name| Class { name: name.to_owned(), thing: false }).to_vec(),
        kinds: vec![kind()],
        field_names: vec!["born".to_owned(), "the \\ field".to_owned()],
        value_names: vec![],
        aliases: vec![],
        states: vec![],
        items: vec![],
        clocks: vec![],
        limits: vec![
            Limit {
                name: "changing".to_owned(),
                versions: vec![version(None, SetBy::Operator), version(Some(date(2000, 1, 1)), SetBy::Source)],
            },
            Limit { name: "chosen".to_owned(), versions: vec![version(None, SetBy::Operator)] },
        ],
        lists: vec![],
        roles: vec![Role {
            name: "head of custody".to_owned(),
            is: RoleIs::Addressee { entry: "head".to_owned(), language: "en".to_owned() },
            mark: mark(),
        }],
        rooms: vec![],
        rules: vec![rule("first-rule", 0), rule("second-rule", 1)],
        flows: vec![],
        access: vec![],
        tables: Vec::new(),
        chapters: vec![],
        labels: Default::default(),
        files: vec![],
    }
}

fn moment() -> impl Strategy<Value = Option<Moment>> {
    proptest::option::of((0_i64..2_000_000_000, prop_oneof![Just(0_i64), 0_i64..1_000_000]).prop_map(|(s, f)| Moment(s * 1_000_000 + f)))
}

fn elapsed() -> impl Strategy<Value = Option<i64>> {
    proptest::option::of(0_i64..1_000_000_000_000_000)
}

fn reason() -> impl Strategy<Value = Option<Reason>> {
    proptest::option::of(prop_oneof![Just(Reason::ClosedBeforeLimit), any::<u8>().prop_map(Reason::Exception), Just(Reason::Sealed)])
}

/// A codebook, a log with odd ids, and rows over it.
pub fn rows() -> impl Strategy<Value = (Codebook, Log, Vec<Row>)> {
    let names = proptest::collection::btree_set("\\PC{1,8}|[\"\\\\\n\u{1}]{1,3}", 4);
    let times = (moment(), moment(), moment(), moment(), elapsed(), elapsed());
    let row =
        (0_u16..2, any::<bool>(), 0..7_usize, 0..32_u8, times, reason(), 0..4_u32, proptest::collection::vec(0..4_u32, 0..5), 0..4_usize);
    (names, proptest::collection::vec(row, 1..8)).prop_map(|(names, rows)| {
        let mut log = Log::new();
        let person = log.subject(ClassId(1), "P\"1");
        for name in &names {
            let subjects = [(ClassId(0), name.as_str())];
            let at = At::exact(Moment(0));
            log.push(&Entry { id: name, kind: KindId(0), at, recorded_at: Moment(0), by: None, subjects: &subjects, fields: &[] })
                .expect("ids of a set differ");
        }
        let rows = rows.into_iter().map(|(rule, record, verdict, flags, times, reason, subject, events, missing)| Row {
            rule: RuleId(rule),
            record,
            subject: log.subjects(EventId(subject))[0],
            trigger: events.first().map(|e| EventId(*e)),
            trigger_at: times.0,
            verdict: Verdict::ALL[verdict],
            due_at: times.1,
            since: times.2,
            until: times.3,
            late_by: times.4,
            over_by: times.5,
            over_since: None,
            flags: Flags(flags),
            events: events.into_iter().map(EventId).collect(),
            missing: [
                Missing { event: Some(EventId(0)), what: MissingWhat::Time },
                Missing { event: Some(EventId(1)), what: MissingWhat::Field(FieldId(1)) },
                Missing { event: None, what: MissingWhat::Fact(person, FieldId(0)) },
            ][..missing]
                .to_vec(),
            reason,
        });
        let rows = rows.collect();
        (codebook(), log, rows)
    })
}
