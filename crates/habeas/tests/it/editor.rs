//! A lawyer writes a chapter in an editor: the language server told what is typed, and asked.

use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

const MANIFEST: &str = "id = \"mine\"
name = \"Mine\"
zone = \"Asia/Baku\"
chapters = [\"one.md\"]
subjects = [\"person\", \"custody\"]
things = [\"person\"]

[[sources]]
name = \"Law\"
paragraph = [\"1-9\"]
";
const CHAPTER: &str = "# One

```event
event arrested of custody, person, opens custody.
event released of custody, closes custody.
event doctor came of custody.
```

```limit
limit soon is 2 hours, set by source, because \"Law, paragraph 3\".
```

```role
role watchdog: address-book entry \"watchdog\", language en.
```

```rule
rule seen-soon
  Cites \"Law\" paragraph 3. In force from 2020-01-01. Severity serious.
  For each custody, after arrested, doctor came must happen within the limit soon.
  On breach, tell watchdog.
```
";

/// An editor with a folder open.
struct Editor {
    server: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    folder: tempfile::TempDir,
    asked: u64,
}

impl Editor {
    fn new() -> Editor {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("chapters")).expect("chapters");
        std::fs::write(folder.path().join("codebook.toml"), MANIFEST).expect("a manifest");
        std::fs::write(folder.path().join("chapters/one.md"), CHAPTER).expect("a chapter");
        let mut command = Command::new(assert_cmd::cargo::cargo_bin("habeas"));
        command.args(["codebook", "lsp"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut server = command.spawn().expect("the server");
        let (to, from) = (server.stdin.take().expect("piped"), BufReader::new(server.stdout.take().expect("piped")));
        let mut editor = Editor { server, to, from, folder, asked: 0 };
        let can = editor.ask("initialize", &json!({"capabilities": {}}));
        assert_eq!(can["result"]["capabilities"]["renameProvider"], true, "{can}");
        editor.send(&json!({"jsonrpc": "2.0", "method": "initialized", "params": {}}));
        editor
    }

    fn chapter(&self) -> PathBuf {
        self.folder.path().canonicalize().expect("there").join("chapters/one.md")
    }

    fn uri(path: &Path) -> String {
        format!("file://{}", path.display())
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        write!(self.to, "Content-Length: {}\r\n\r\n{text}", text.len()).expect("written");
        self.to.flush().expect("flushed");
    }

    fn hear(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert!(self.from.read_line(&mut line).expect("a line") > 0, "the server went away");
            match line.trim().strip_prefix("Content-Length: ") {
                Some(number) => length = number.parse().expect("a number"),
                None if line.trim().is_empty() => break,
                None => {}
            }
        }
        let mut text = vec![0; length];
        self.from.read_exact(&mut text).expect("a message");
        serde_json::from_slice(&text).expect("JSON")
    }

    fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.asked += 1;
        let id = self.asked;
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        loop {
            let answer = self.hear();
            if answer["id"] == json!(id) {
                return answer;
            }
        }
    }

    /// Types a whole text; gives what the server then says is wrong in the chapter.
    fn types(&mut self, method: &str, text: &str) -> Vec<Value> {
        let uri = Self::uri(&self.chapter());
        let document = json!({"uri": uri, "languageId": "markdown", "version": 1, "text": text});
        self.send(&json!({"jsonrpc": "2.0", "method": format!("textDocument/{method}"),
                          "params": {"textDocument": document, "contentChanges": [{"text": text}]}}));
        // An answer shows that the notes before it are out.
        self.asked += 1;
        let id = self.asked;
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": "habeas/nothing", "params": {}}));
        let mut found = Vec::new();
        loop {
            let message = self.hear();
            if message["id"] == json!(id) {
                return found;
            }
            if message["params"]["uri"] == json!(uri) {
                found = message["params"]["diagnostics"].as_array().expect("a list").clone();
            }
        }
    }

    fn at(&self, text: &str, words: &str) -> Value {
        let byte = text.find(words).expect("there") + 1;
        let (line, start) = (text[..byte].matches('\n').count(), text[..byte].rfind('\n').map_or(0, |end| end + 1));
        json!({"textDocument": {"uri": Self::uri(&self.chapter())}, "position": {"line": line, "character": byte - start}})
    }

    fn leaves(mut self) {
        self.ask("shutdown", &Value::Null);
        self.send(&json!({"jsonrpc": "2.0", "method": "exit"}));
        assert!(self.server.wait().expect("ended").success());
    }
}

#[test]
fn a_mistake_is_told_while_it_is_typed_and_gone_when_it_is_mended() {
    let mut editor = Editor::new();
    assert_eq!(editor.types("didOpen", CHAPTER), Vec::<Value>::new());
    let wrong = CHAPTER.replace("doctor came must", "doctr came must");
    let told = editor.types("didChange", &wrong);
    let error = told.iter().find(|found| found["severity"] == 1).expect("an error");
    assert_eq!((error["code"].as_str(), error["source"].as_str()), (Some("E101"), Some("habeas")));
    assert_eq!(error["range"]["start"], editor.at(&wrong, "\x20doctr")["position"]);
    assert!(error["message"].as_str().expect("text").contains("doctor came"), "{error}");
    assert_eq!(editor.types("didChange", CHAPTER), Vec::<Value>::new());
    editor.leaves();
}

#[test]
fn a_name_shows_its_law_its_declaration_and_what_else_may_stand_there() {
    let mut editor = Editor::new();
    editor.types("didOpen", CHAPTER);
    let here = editor.at(CHAPTER, "soon.\n  On");
    let hover = editor.ask("textDocument/hover", &here);
    let said = hover["result"]["contents"]["value"].as_str().expect("text");
    assert!(said.contains("limit soon is 2 hours, set by source") && said.contains("Law, paragraph 3"), "{said}");
    let definition = editor.ask("textDocument/definition", &here);
    assert_eq!(definition["result"][0]["range"]["start"], json!({"line": 9, "character": 0}), "{definition}");
    let offered = editor.ask("textDocument/completion", &here);
    let labels: Vec<&str> = offered["result"].as_array().expect("a list").iter().filter_map(|item| item["label"].as_str()).collect();
    assert!(["doctor came", "soon", "watchdog", "seen-soon", "For each"].iter().all(|name| labels.contains(name)), "{labels:?}");
    editor.leaves();
}

#[test]
fn a_name_is_changed_everywhere_at_once_or_not_at_all() {
    let mut editor = Editor::new();
    editor.types("didOpen", CHAPTER);
    let mut ask = editor.at(CHAPTER, "doctor came must");
    ask["newName"] = json!("nurse came");
    let renamed = editor.ask("textDocument/rename", &ask);
    let uri = Editor::uri(&editor.chapter());
    let edits = renamed["result"]["changes"][&uri].as_array().expect("edits").clone();
    let lines: Vec<u64> = edits.iter().filter_map(|edit| edit["range"]["start"]["line"].as_u64()).collect();
    assert_eq!(lines, [5, 19], "{renamed}");
    assert_eq!(editor.types("didChange", &CHAPTER.replace("doctor came", "nurse came")), Vec::<Value>::new());
    let mut ask = editor.at(CHAPTER, "soon.\n  On");
    ask["newName"] = json!("released");
    let refused = editor.ask("textDocument/rename", &ask);
    assert!(refused["error"]["message"].as_str().expect("why").contains("`released` is no new name"), "{refused}");
    editor.leaves();
}
