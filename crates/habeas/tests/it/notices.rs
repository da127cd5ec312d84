//! Who is told of a breach: over real lines, to receivers that are down, refuse, answer late, and are told once.

use crate::receivers::{Http, Smtp, refuse_a_port};
use assert_cmd::Command;
use habeas::notifying::{routes, webhook};
use habeas_codebook::moment::Moment;
use habeas_register::delivery::{Delivered, Route};
use habeas_register::draft::{Draft, exactly};
use habeas_register::folder::DataFolder;
use habeas_register::{Actor, Everybody, Options, Register};
use std::path::Path;
use std::sync::Arc;

const MINUTE: i64 = 60_000_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// 10 February 2026, 09:00 in Baku.
const NINE: i64 = 1_770_699_600_000_000;

const SECRET: &str = "a secret of more than twenty-four bytes";

fn at(micros: i64) -> Moment {
    Moment(NINE + micros)
}

fn habeas(arguments: &[&str]) -> (i32, String, String) {
    let output = Command::cargo_bin("habeas").expect("the program").args(arguments).output().expect("it runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

/// A register in a folder, whose `habeas.toml` says who is told.
struct Suite {
    folder: tempfile::TempDir,
}

impl Suite {
    fn new(notices: &str) -> Self {
        let suite = Suite { folder: tempfile::tempdir().expect("a folder") };
        let pack = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/conformance").display().to_string();
        let (status, _, err) =
            habeas(&["admin", "init", "--data", &suite.shown(), "--codebook", &pack, "--origin", "custody.example/st/1"]);
        assert_eq!(status, 0, "{err}");
        std::fs::write(suite.folder.path().join("secret"), SECRET).expect("a secret");
        suite.configure(notices);
        suite
    }

    fn shown(&self) -> String {
        self.folder.path().join("data").display().to_string()
    }

    fn configure(&self, notices: &str) {
        let file = self.folder.path().join("data/habeas.toml");
        let before = std::fs::read_to_string(&file).expect("settings");
        let kept = before.split("\n[notices").next().unwrap_or_default().trim_end();
        let secret = self.folder.path().join("secret").display().to_string();
        std::fs::write(&file, format!("{kept}\n{}", notices.replace("SECRET", &secret))).expect("written");
    }

    fn open(&self) -> (Register, Vec<Route>) {
        let folder = DataFolder::open(&self.folder.path().join("data")).expect("a register's folder");
        let codebook = Arc::new(folder.codebook().expect("a codebook"));
        let routes = routes(&folder, &codebook).expect("recipients that can be told");
        let keys = folder.keys(None).expect("its keys");
        let register = Register::open(Options::in_folder(folder.path(), codebook, keys, Arc::new(Everybody))).expect("it opens");
        (register, routes)
    }
}

/// Somebody is arrested at nine and no relative is told within two hours.
fn arrest(register: &Register, custody: &str) {
    let draft = Draft::new(&format!("arrest-{custody}"), "arrested", exactly(at(0)), &[("custody", custody)]);
    register.append(draft, &Actor::named("officer:1042"), at(MINUTE)).expect("an arrest");
}

fn sent(delivered: &Delivered) -> (usize, usize) {
    (delivered.sent, delivered.failed.len())
}

fn webhook_to(address: &str) -> String {
    format!(
        "\n[notices]\ndesk = \"https://desk.example\"\n[[notices.to]]\nname = \"ombudsman\"\ntell = [\"ombudsman\"]\n\
         webhook = \"{address}\"\nsecret_file = \"SECRET\"\n"
    )
}

#[test]
fn after_days_of_downtime_each_overdue_duty_is_told_exactly_once() {
    let receiver = Http::start(&[]);
    let suite = Suite::new(&webhook_to(&receiver.address));
    let (register, _) = suite.open();
    for custody in ["C1", "C2", "C3"] {
        arrest(&register, custody);
    }
    assert_eq!(register.sweep(at(MINUTE * 60)).expect("swept"), 0, "no duty is overdue: nobody is judged again");
    drop(register);
    for day in 5..8 {
        let (register, routes) = suite.open();
        register.sweep(at(day * DAY)).expect("swept");
        register.sweep(at(day * DAY)).expect("swept again");
        register.deliver(&routes, at(day * DAY + 1)).expect("delivered");
        register.deliver(&routes, at(day * DAY + 2)).expect("delivered again");
    }
    let told = receiver.taken();
    let mut keys: Vec<&str> = told.iter().map(|post| post.header("webhook-id")).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!((told.len(), keys.len()), (3, 3), "three duties, each told once: {told:?}");
}

#[test]
fn a_receiver_that_answers_500_and_then_goes_away_gets_its_notice_signed_when_it_is_back() {
    let mut receiver = Http::start(&[500, 503]);
    let suite = Suite::new(&webhook_to(&receiver.address));
    let (register, routes) = suite.open();
    arrest(&register, "C1");
    register.sweep(at(3 * 60 * MINUTE)).expect("swept");
    let later = |seconds: i64| at(3 * 60 * MINUTE + seconds * 1_000_000);
    assert_eq!(sent(&register.deliver(&routes, later(0)).expect("a turn")), (0, 1), "it answers 500");
    assert_eq!(sent(&register.deliver(&routes, later(5)).expect("a turn")), (0, 0), "it is left alone for a while");
    assert_eq!(sent(&register.deliver(&routes, later(20)).expect("a turn")), (0, 1), "it answers 503");
    receiver.go_away();
    assert_eq!(sent(&register.deliver(&routes, later(80)).expect("a turn")), (0, 1), "nobody is there");
    let waiting = register.waiting(&["ombudsman"]).expect("what waits");
    assert_eq!((waiting.len(), waiting[0].notices, waiting[0].failures), (1, 1, 3), "{waiting:?}");
    receiver.come_back();
    assert_eq!(sent(&register.deliver(&routes, later(1_000)).expect("a turn")), (1, 0), "it is back");
    assert_eq!(sent(&register.deliver(&routes, later(9_000)).expect("a turn")), (0, 0), "and is told once");
    let told = receiver.taken();
    let ids: Vec<&str> = told.iter().map(|post| post.header("webhook-id")).collect();
    assert!(ids.windows(2).all(|pair| pair[0] == pair[1]) && ids.len() == 3, "one id for one notice, each time it is tried: {ids:?}");
    let last = told.last().expect("a post");
    let time = last.header("webhook-timestamp").parse().expect("seconds");
    assert_eq!(last.header("webhook-signature"), webhook::signature(SECRET.as_bytes(), ids[2], time, &last.body));
    assert_ne!(last.header("webhook-signature"), webhook::signature(SECRET.as_bytes(), ids[2], time, "another body"));
    let body: serde_json::Value = serde_json::from_str(&last.body).expect("JSON");
    assert_eq!(body["data"]["rule"], "relative-notified");
    assert!(body["address"].as_str().is_some_and(|address| address.starts_with("https://desk.example/record/")), "{body}");
    assert!(!last.body.contains("C1") && !last.body.contains("P1"), "a handle, never whose record it is: {}", last.body);
}

#[test]
fn a_letter_is_sent_once_although_another_recipient_is_down() {
    let server = Smtp::start();
    let notices = format!(
        "\n[notices.smtp]\nhost = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\nfrom = \"register@sahil.example\"\n\
         [[notices.to]]\nname = \"duty\"\nmail = [\"duty@ombudsman.example\", \"night@ombudsman.example\"]\n\
         [[notices.to]]\nname = \"procurator\"\nwebhook = \"http://127.0.0.1:{}/\"\nsecret_file = \"SECRET\"\n",
        server.port(),
        refuse_a_port()
    );
    let suite = Suite::new(&notices);
    let (register, routes) = suite.open();
    arrest(&register, "C1");
    register.sweep(at(3 * 60 * MINUTE)).expect("swept");
    assert_eq!(sent(&register.deliver(&routes, at(DAY)).expect("a turn")), (1, 1), "one is told, the other is down");
    assert_eq!(sent(&register.deliver(&routes, at(2 * DAY)).expect("a turn")), (0, 1), "only the other is tried again");
    let letters = server.taken();
    assert_eq!(letters.len(), 1, "{letters:?}");
    let letter = &letters[0];
    assert_eq!(letter.to, ["duty@ombudsman.example", "night@ombudsman.example"]);
    assert!(letter.text.contains("Subject: Not kept: relative-notified (record "), "{}", letter.text);
    assert!(letter.text.contains("Message-ID: <") && letter.text.contains("@sahil.example>"), "{}", letter.text);
    assert!(!letter.text.contains("C1"), "a letter names nobody: {}", letter.text);
}

#[test]
fn a_mail_server_that_was_down_and_one_that_refuses_an_address() {
    let mut server = Smtp::start();
    let notices = format!(
        "\n[notices.smtp]\nhost = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\nfrom = \"register@sahil.example\"\n\
         [[notices.to]]\nname = \"duty\"\nmail = [\"duty@ombudsman.example\"]\n",
        server.port()
    );
    let suite = Suite::new(&notices);
    let (register, routes) = suite.open();
    arrest(&register, "C1");
    register.sweep(at(3 * 60 * MINUTE)).expect("swept");
    server.go_away();
    assert_eq!(sent(&register.deliver(&routes, at(DAY)).expect("a turn")), (0, 1), "nobody takes mail");
    server.refuse("duty@ombudsman.example");
    server.come_back();
    let refused = register.deliver(&routes, at(DAY + MINUTE)).expect("a turn");
    assert!(refused.failed[0].1.contains("550"), "the server's own words reach the operator: {refused:?}");
    server.refuse("");
    assert_eq!(sent(&register.deliver(&routes, at(3 * DAY)).expect("a turn")), (1, 0), "the address was mended at the server");
    assert_eq!(server.taken().len(), 1);
}

#[test]
fn what_is_wrong_with_the_settings_is_told_at_once_and_where() {
    let notices = "\n[[notices.to]]\nname = \"a\"\nmail = [\"x@y.example\"]\n\
        [[notices.to]]\nname = \"a\"\ntell = [\"mayor\"]\nwebhook = \"ftp://x\"\n";
    let suite = Suite::new(notices);
    let (status, _, err) = habeas(&["admin", "sweep", "--data", &suite.shown()]);
    assert_eq!(status, 2, "{err}");
    for part in [
        "habeas.toml: [[notices.to]] number 1 (`a`): mail needs a server",
        "number 2",
        "that of another",
        "no address",
        "`secret_file`",
        "no rule of the codebook tells `mayor`; rules tell:",
        "ombudsman",
    ] {
        assert!(err.contains(part), "{part} in\n{err}");
    }
    suite.configure("\n[notices]\ncarrier = \"pigeon\"\n");
    let (status, _, err) = habeas(&["admin", "sweep", "--data", &suite.shown()]);
    assert!(status != 0 && err.contains("carrier"), "{status} {err}");
}

#[test]
fn the_doctor_tells_who_has_not_been_reached_and_why() {
    let suite = Suite::new(&webhook_to(&format!("http://127.0.0.1:{}/", refuse_a_port())));
    let (register, routes) = suite.open();
    arrest(&register, "C1");
    register.sweep(at(3 * 60 * MINUTE)).expect("swept");
    for day in 1..5 {
        register.deliver(&routes, at(day * DAY)).expect("a turn");
    }
    drop(register);
    let (status, out, err) = habeas(&["admin", "doctor", "--data", &suite.shown()]);
    assert_eq!(status, 1, "{err}");
    assert!(
        out.contains("MEND   1 notice waits for `ombudsman`, the oldest since 2026-02-10T12:00:00+04:00; 4 failures in a row"),
        "{out}"
    );
    assert!(out.contains("the last answer was: http://127.0.0.1:"), "{out}");
    assert!(out.contains("rules tell") && out.contains("procurator"), "whom nobody stands for is told too: {out}");
}
