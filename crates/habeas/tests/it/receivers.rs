//! Receivers of notices, as they stand elsewhere: one that takes posts, one that takes mail. Each listens on a port of this machine, may
//! go away and come back, and keeps what it was given.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// A port on which nobody listens.
pub(crate) fn refuse_a_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port()
}

/// A listener that answers every line with `talk`, until it goes away.
struct Listening {
    port: u16,
    gone: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Listening {
    fn on(port: u16, talk: impl Fn(TcpStream) + Send + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).expect("the port is free");
        let port = listener.local_addr().expect("an address").port();
        let gone = Arc::new(AtomicBool::new(false));
        let leaves = Arc::clone(&gone);
        let thread = std::thread::spawn(move || {
            for line in listener.incoming() {
                if leaves.load(Ordering::SeqCst) {
                    return;
                }
                talk(line.expect("a line"));
            }
        });
        Listening { port, gone, thread: Some(thread) }
    }

    fn stop(&mut self) {
        let Some(thread) = self.thread.take() else { return };
        self.gone.store(true, Ordering::SeqCst);
        // Whoever waits at the door is woken.
        drop(TcpStream::connect(("127.0.0.1", self.port)).expect("it listens"));
        thread.join().expect("it ends");
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A post as it came.
#[derive(Clone, Debug)]
pub(crate) struct Post {
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Post {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
    }
}

/// Takes posts; its first answers are those it is given, then 204.
pub(crate) struct Http {
    pub(crate) address: String,
    answers: Arc<Mutex<VecDeque<u16>>>,
    posts: Arc<Mutex<Vec<Post>>>,
    listening: Listening,
}

impl Http {
    pub(crate) fn start(answers: &[u16]) -> Self {
        let answers = Arc::new(Mutex::new(answers.iter().copied().collect()));
        let posts = Arc::default();
        let listening = Self::listen(0, &answers, &posts);
        Http { address: format!("http://127.0.0.1:{}/notices", listening.port), answers, posts, listening }
    }

    fn listen(port: u16, answers: &Arc<Mutex<VecDeque<u16>>>, posts: &Arc<Mutex<Vec<Post>>>) -> Listening {
        let (answers, posts) = (Arc::clone(answers), Arc::clone(posts));
        Listening::on(port, move |line| {
            let mut reader = BufReader::new(&line);
            let mut headers = Vec::new();
            let mut text = String::new();
            while reader.read_line(&mut text).expect("a line") > 2 {
                if let Some((name, value)) = text.trim_end().split_once(": ") {
                    headers.push((name.to_lowercase(), value.to_owned()));
                }
                text.clear();
            }
            let mut post = Post { headers, body: String::new() };
            let length = post.header("content-length").parse().expect("a length");
            reader.take(length).read_to_string(&mut post.body).expect("a body");
            posts.lock().expect("posts").push(post);
            let status = answers.lock().expect("answers").pop_front().unwrap_or(204);
            let answer = format!("HTTP/1.1 {status} So\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            (&line).write_all(answer.as_bytes()).expect("it listens");
        })
    }

    pub(crate) fn go_away(&mut self) {
        self.listening.stop();
    }

    pub(crate) fn come_back(&mut self) {
        self.listening = Self::listen(self.listening.port, &self.answers, &self.posts);
    }

    pub(crate) fn taken(&self) -> Vec<Post> {
        self.posts.lock().expect("posts").clone()
    }
}

/// A letter as it came.
#[derive(Clone, Debug)]
pub(crate) struct Letter {
    pub(crate) to: Vec<String>,
    pub(crate) text: String,
}

/// Takes mail (RFC 5321, as much as a sender needs); refuses one address if it is told to.
pub(crate) struct Smtp {
    letters: Arc<Mutex<Vec<Letter>>>,
    refused: Arc<Mutex<String>>,
    listening: Listening,
}

impl Smtp {
    pub(crate) fn start() -> Self {
        let (letters, refused) = (Arc::default(), Arc::default());
        let listening = Self::listen(0, &letters, &refused);
        Smtp { letters, refused, listening }
    }

    fn listen(port: u16, letters: &Arc<Mutex<Vec<Letter>>>, refused: &Arc<Mutex<String>>) -> Listening {
        let (letters, refused) = (Arc::clone(letters), Arc::clone(refused));
        Listening::on(port, move |line| {
            let say = |text: &str| (&line).write_all(format!("{text}\r\n").as_bytes()).expect("it listens");
            say("220 mail.example");
            let mut letter = Letter { to: Vec::new(), text: String::new() };
            let mut lines = BufReader::new(&line).lines().map_while(Result::ok);
            while let Some(command) = lines.next() {
                let refused = refused.lock().expect("refused").clone();
                match command.split(' ').next().unwrap_or_default() {
                    "RCPT" if !refused.is_empty() && command.contains(&refused) => say("550 no such mailbox"),
                    "RCPT" => {
                        letter.to.push(command.trim_start_matches("RCPT TO:<").trim_end_matches('>').to_owned());
                        say("250 ok");
                    }
                    "DATA" => {
                        say("354 go on");
                        letter.text = lines.by_ref().take_while(|text| text != ".").collect::<Vec<_>>().join("\n");
                        letters.lock().expect("letters").push(letter.clone());
                        say("250 taken");
                    }
                    "QUIT" => {
                        say("221 bye");
                        return;
                    }
                    _ => say("250 ok"),
                }
            }
        })
    }

    pub(crate) fn port(&self) -> u16 {
        self.listening.port
    }

    pub(crate) fn refuse(&mut self, address: &str) {
        address.clone_into(&mut self.refused.lock().expect("refused"));
    }

    pub(crate) fn go_away(&mut self) {
        self.listening.stop();
    }

    pub(crate) fn come_back(&mut self) {
        self.listening = Self::listen(self.listening.port, &self.letters, &self.refused);
    }

    pub(crate) fn taken(&self) -> Vec<Letter> {
        self.letters.lock().expect("letters").clone()
    }
}
