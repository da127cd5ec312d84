//! The pages of the statistics, over HTTP, from a server in a process of its own: a release that is kept, and a month that nobody asked
//! for before, seen at one place.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Tables of which months are asked: people held, safeguards, force, restraint, violence among those held.
const MONTHLY: [&str; 5] = ["R01", "R03", "R09", "R10", "R08"];
/// How often a page that is kept is asked for.
const AGAIN: usize = 200;
/// How long a page that is not there yet is waited for before it is asked again.
const AGAIN_AFTER: Duration = Duration::from_millis(100);

/// The server, ended with its measurement.
struct Server {
    child: Child,
    address: String,
    links: Vec<String>,
}

impl Drop for Server {
    fn drop(&mut self) {
        // A server that has ended by itself needs no ending.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

struct Answer {
    status: u16,
    head: String,
    body: String,
    milliseconds: f64,
}

impl Answer {
    /// What a header says.
    fn header(&self, name: &str) -> Option<&str> {
        let own = self.head.lines().find(|line| line.to_ascii_lowercase().starts_with(name))?;
        Some(own[name.len()..].trim())
    }
}

impl Server {
    /// Serves a register to two statisticians.
    fn start(habeas: &str, data: &Path) -> Result<Self, String> {
        let accounts = ["stat:1=S. One=statistician=", "stat:2=S. Two=statistician="];
        let mut command = Command::new(habeas);
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data);
        accounts.iter().for_each(|account| {
            command.args(["--account", account]);
        });
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().map_err(|error| error.to_string())?;
        let said = child.stdout.take().ok_or("the server says nothing")?;
        let mut server = Server { child, address: String::new(), links: Vec::new() };
        for line in BufReader::new(said).lines() {
            let line = line.map_err(|error| error.to_string())?;
            let Some(place) = line.find("http://") else { continue };
            let link = line[place..].split_whitespace().next().unwrap_or_default();
            let (address, path) = link["http://".len()..].split_once('/').unwrap_or((&link["http://".len()..], ""));
            server.address = address.to_owned();
            if !path.is_empty() {
                server.links.push(format!("/{path}"));
            }
            if server.links.len() == accounts.len() {
                return Ok(server);
            }
        }
        Err("the server ended before it said how to sign in".to_owned())
    }

    /// One request, on a connection of its own.
    fn ask(&self, method: &str, path: &str, cookie: &str, form: &str) -> Result<Answer, String> {
        let began = Instant::now();
        let io = |error: std::io::Error| error.to_string();
        let mut stream = TcpStream::connect(&self.address).map_err(io)?;
        let length = form.len();
        let sent = format!("Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{form}");
        let request = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\nCookie: {cookie}\r\nConnection: close\r\n{sent}", self.address);
        stream.write_all(request.as_bytes()).map_err(io)?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).map_err(io)?;
        let milliseconds = began.elapsed().as_secs_f64() * 1000.0;
        let text = String::from_utf8_lossy(&bytes);
        let (head, body) = text.split_once("\r\n\r\n").ok_or("no answer")?;
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or("no status")?;
        Ok(Answer { status, head: head.to_owned(), body: body.to_owned(), milliseconds })
    }

    fn page(&self, path: &str, cookie: &str) -> Result<Answer, String> {
        let answer = self.ask("GET", path, cookie, "")?;
        if answer.status == 200 { Ok(answer) } else { Err(format!("{path}: {}", answer.status)) }
    }

    /// The first page after a start, asked again as its answer says until the table is there: milliseconds until the first answer, and
    /// until the table.
    #[expect(clippy::disallowed_methods, reason = "a browser waits before it asks again")]
    fn first_page(&self, path: &str, cookie: &str) -> Result<(f64, f64), String> {
        let began = Instant::now();
        let mut answer = self.ask("GET", path, cookie, "")?;
        let answered = answer.milliseconds;
        while answer.status == 503 {
            std::thread::sleep(AGAIN_AFTER);
            answer = self.ask("GET", path, cookie, "")?;
        }
        if answer.status == 200 {
            Ok((answered, began.elapsed().as_secs_f64() * 1000.0))
        } else {
            Err(format!("{path}: {}", answer.status))
        }
    }

    /// A form sent, and where it leads.
    fn send(&self, path: &str, cookie: &str, form: &str) -> Result<String, String> {
        let answer = self.ask("POST", path, cookie, form)?;
        match (answer.status, answer.header("location:")) {
            (303, Some(place)) => Ok(place.to_owned()),
            _ => Err(format!("{path}: {} {}", answer.status, answer.body.chars().take(300).collect::<String>())),
        }
    }

    fn signed_in(&self, link: &str) -> Result<String, String> {
        let answer = self.ask("POST", link, "", "")?;
        let cookie = answer.header("set-cookie:").and_then(|cookie| cookie.split(';').next());
        cookie.map(str::to_owned).ok_or(format!("{link}: {}", answer.status))
    }

    /// What stands in a form of a page.
    fn value(page: &str, name: &str) -> Result<String, String> {
        let found = page.split(&format!("name=\"{name}\" value=\"")).nth(1).and_then(|rest| rest.split('"').next());
        found.map(|value| value.replace('+', "%2B")).ok_or(format!("no {name} on the page"))
    }

    /// Releases a table by two persons; its address.
    fn released(&self, table: &str, as_of: &str, [first, second]: [&str; 2]) -> Result<String, String> {
        let page = self.page(&format!("/statistics?table={table}&period=2029&as_of={as_of}"), first)?.body;
        let token = Self::value(&page, "form_token")?;
        self.send("/statistics/propose", first, &format!("form_token={token}&table={table}&period=2029&as_of={as_of}"))?;
        let page = self.page("/statistics", second)?.body;
        let (token, proposal) = (Self::value(&page, "form_token")?, Self::value(&page, "proposal")?);
        self.send("/statistics/approve", second, &format!("form_token={token}&proposal={proposal}"))
    }
}

/// Brings a log into a register, serves it, and tells how long its pages take.
pub fn measure(habeas: &str, log: &Path, events: u64, as_of: &str, folder: &Path) -> Result<(), String> {
    let data = folder.join("register");
    if data.exists() {
        std::fs::remove_dir_all(&data).map_err(|error| error.to_string())?;
    }
    let began = Instant::now();
    let brought = Command::new(habeas)
        .args(["import", "--codebook", "aze", "--origin", "statistics.example/bench", "--data"])
        .args([&data, log])
        .output()
        .map_err(|error| error.to_string())?;
    if !brought.status.success() {
        return Err(String::from_utf8_lossy(&brought.stderr).into_owned());
    }
    println!("a register of {events} entries, brought in in {:.0} s; pages of it, milliseconds", began.elapsed().as_secs_f64());
    let server = Server::start(habeas, &data)?;
    let cookies = [server.signed_in(&server.links[0])?, server.signed_in(&server.links[1])?];
    let [first, second] = [cookies[0].as_str(), cookies[1].as_str()];
    let (answered, shown) = server.first_page(&format!("/statistics?table=R28&period=2029&as_of={as_of}"), first)?;
    line("the first answer after the start, which says how far it is", vec![answered], None);
    line("until the first table after the start is shown", vec![shown], None);
    let release = server.released("R09", as_of, [first, second])?;
    let kept: Result<Vec<f64>, String> = (0..AGAIN).map(|_| Ok(server.page(&release, "")?.milliseconds)).collect();
    line("a release that is kept, for everybody (50 at most)", kept?, Some(50.0));
    let room = format!("/statistics?table=R09&period=2029&as_of={as_of}");
    let kept: Result<Vec<f64>, String> = (0..AGAIN).map(|_| Ok(server.page(&room, first)?.milliseconds)).collect();
    line("the same table in the statistics room (50 at most)", kept?, Some(50.0));
    // The release is recorded today, before what the register holds of 2029: the log is put in order and heard anew for it, once.
    let after = server.page(&format!("/statistics?table=R28&period=2029-01&as_of={as_of}"), first)?;
    line("the first count after an entry out of the order of record", vec![after.milliseconds], None);
    let mut months = Vec::new();
    for table in MONTHLY {
        for month in 1..=12 {
            let path = format!("/statistics?table={table}&period=2029-{month:02}&place=station%20{month:02}&as_of={as_of}");
            months.push(server.page(&path, first)?.milliseconds);
        }
    }
    line("a month at one place that nobody asked for (300 at most)", months, Some(300.0));
    drop(server);
    std::fs::remove_dir_all(&data).map_err(|error| error.to_string())
}

/// The middle, and the slowest of twenty and of a hundred; judged by the slowest of twenty.
fn line(what: &str, mut took: Vec<f64>, wanted: Option<f64>) {
    took.sort_by(f64::total_cmp);
    let at = |part: usize| took[(took.len() * part / 100).min(took.len() - 1)];
    let missed = super::missed(wanted.is_none_or(|wanted| at(95) <= wanted));
    println!("{what:<58} p50 {:>7.1}  p95 {:>7.1}  p99 {:>7.1}{missed}", at(50), at(95), at(99));
}
