//! `habeas codebook lsp`: a language server over standard input and output, for the editor of who writes chapters.
//!
//! What it says comes from the same reading as `codebook check`, of the texts as they stand in the editor. Nothing is written to disk:
//! a rename is handed to the editor as edits.

mod names;
mod texts;

use crate::outcome::{Outcome, Trouble};
use crate::packs::{self, Found};
use clap::Args;
use habeas_codebook::Reading;
use habeas_codebook::diagnostic::{Diagnostic, Mark, Severity};
use habeas_codebook::pack::PackSource;
use habeas_codebook::tree::Codebook;
use lsp_server::{Connection, Message, Notification, Request, Response};
use names::Named;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "An editor starts it (editors/vscode); by hand it waits for messages of the language server protocol:
  habeas codebook lsp";

/// A language server for chapters: mistakes as one types, names to choose from, the law behind a name.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Lsp {}

/// Code of an answer to a request that cannot be met.
const REQUEST_FAILED: i32 = -32803;

impl Lsp {
    /// Serves until the editor says that it is done.
    ///
    /// # Errors
    /// When standard input or output fails or speaks no language server protocol.
    pub fn run(&self) -> Result<Outcome, Trouble> {
        let broken = |error: &dyn std::fmt::Display| Trouble::Machine(format!("the editor's messages: {error}"));
        let (connection, threads) = Connection::stdio();
        let abilities = json!({
            "textDocumentSync": 1,
            "completionProvider": {},
            "hoverProvider": true,
            "definitionProvider": true,
            "renameProvider": true,
        });
        connection.initialize(abilities).map_err(|error| broken(&error))?;
        let mut desk = Desk::default();
        for message in &connection.receiver {
            let answers = match message {
                Message::Request(request) => {
                    if connection.handle_shutdown(&request).map_err(|error| broken(&error))? {
                        break;
                    }
                    vec![Message::Response(desk.answer(request))]
                }
                Message::Notification(note) => desk.hear(note),
                Message::Response(_) => Vec::new(),
            };
            for answer in answers {
                connection.sender.send(answer).map_err(|error| broken(&error))?;
            }
        }
        drop(connection);
        threads.join().map_err(|error| broken(&error))?;
        Ok(Outcome::Clean)
    }
}

/// The texts open in the editor, and what was last read of each codebook.
#[derive(Default)]
struct Desk {
    open: HashMap<PathBuf, String>,
    books: HashMap<PathBuf, Book>,
}

/// One codebook: its folder's last reading, and the last that could be used.
struct Book {
    reading: Reading,
    good: Option<Codebook>,
    told: BTreeSet<String>,
}

impl Desk {
    fn hear(&mut self, note: Notification) -> Vec<Message> {
        let document = &note.params["textDocument"];
        let Some(path) = document["uri"].as_str().and_then(texts::path) else { return Vec::new() };
        match note.method.as_str() {
            "textDocument/didOpen" => {
                self.open.insert(path.clone(), document["text"].as_str().unwrap_or_default().to_owned());
            }
            "textDocument/didChange" => {
                let changes = note.params["contentChanges"].as_array();
                let text = changes.and_then(|changes| changes.last()).and_then(|change| change["text"].as_str());
                self.open.insert(path.clone(), text.unwrap_or_default().to_owned());
            }
            "textDocument/didClose" => {
                self.open.remove(&path);
            }
            "textDocument/didSave" => {}
            _ => return Vec::new(),
        }
        self.read(&path)
    }

    /// Reads the codebook that a file belongs to, and tells what is wrong in each of its files.
    fn read(&mut self, path: &Path) -> Vec<Message> {
        let Some(folder) = folder_of(path) else { return Vec::new() };
        let Ok(mut source) = PackSource::from_folder(&folder) else { return Vec::new() };
        for file in &mut source.files {
            if let Some(text) = self.open.get(&folder.join(&file.path)) {
                file.text.clone_from(text);
            }
        }
        let reading = packs::read_found(&Found { source, folder: Some(folder.clone()) });
        let mut by_file: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        let before = self.books.get(&folder).map(|book| book.told.clone()).unwrap_or_default();
        // A file that had something wrong before is told of again, also when nothing is left.
        by_file.extend(before.into_iter().map(|path| (path, Vec::new())));
        for found in &reading.diagnostics {
            if let Some(file) = reading.files.get(found.mark.file as usize) {
                by_file.entry(file.path.clone()).or_default().push(diagnostic(found, &file.text));
            }
        }
        let told = by_file.iter().filter(|(_, found)| !found.is_empty()).map(|(path, _)| path.clone()).collect();
        let good = reading.codebook.clone().or_else(|| self.books.remove(&folder).and_then(|book| book.good));
        self.books.insert(folder.clone(), Book { reading, good, told });
        let told = by_file.into_iter().filter_map(|(path, found)| {
            let uri = texts::uri(&place_of(&folder, &path)?)?;
            let params = json!({"uri": uri, "diagnostics": found});
            Some(Message::Notification(Notification { method: "textDocument/publishDiagnostics".to_owned(), params }))
        });
        told.collect()
    }

    fn answer(&mut self, request: Request) -> Response {
        let Request { id, method, params } = request;
        let at = At::of(&params);
        let answer = match (method.as_str(), at.as_ref().and_then(|at| self.asked(at))) {
            ("textDocument/completion", Some(asked)) => Ok(asked.completion()),
            ("textDocument/hover", Some(asked)) => Ok(asked.hover()),
            ("textDocument/definition", Some(asked)) => Ok(asked.definition()),
            ("textDocument/rename", Some(asked)) => asked.rename(params["newName"].as_str().unwrap_or_default()),
            _ => Ok(Value::Null),
        };
        match answer {
            Ok(result) => Response::new_ok(id, result),
            Err(why) => Response::new_err(id, REQUEST_FAILED, why),
        }
    }

    fn asked(&self, at: &At) -> Option<Asked<'_>> {
        let folder = folder_of(&at.path)?;
        let book = self.books.get(&folder)?;
        let codebook = book.good.as_ref()?;
        let inside = at.path.strip_prefix(&folder).ok()?.to_str()?.replace('\\', "/");
        let text = book.reading.files.iter().find(|file| file.path == inside).map(|file| file.text.as_str())?;
        Some(Asked { folder, book, codebook, text, offset: texts::offset(text, at.line, at.character) })
    }
}

/// A place in a file that the editor asks about.
struct At {
    path: PathBuf,
    line: usize,
    character: usize,
}

impl At {
    fn of(params: &Value) -> Option<At> {
        let number = |name: &str| params["position"][name].as_u64().and_then(|number| usize::try_from(number).ok());
        let path = params["textDocument"]["uri"].as_str().and_then(texts::path)?;
        Some(At { path, line: number("line")?, character: number("character")? })
    }
}

/// A question about a place in a codebook.
struct Asked<'d> {
    folder: PathBuf,
    book: &'d Book,
    codebook: &'d Codebook,
    text: &'d str,
    offset: usize,
}

impl Asked<'_> {
    fn completion(&self) -> Value {
        let names = names::all(self.codebook).into_iter().map(|named| {
            json!({"label": named.name, "kind": named.what.completion_kind(), "detail": named.what.word(), "documentation": named.said})
        });
        let phrases = names::PHRASES.iter().map(|phrase| json!({"label": phrase, "kind": 14, "detail": "phrase"}));
        Value::Array(names.chain(phrases).collect())
    }

    /// The things that the name under the cursor may name.
    fn named(&self) -> Vec<Named<'_>> {
        let all = names::all(self.codebook);
        let Some(name) = texts::name_at(self.text, self.offset, all.iter().map(|named| named.name)) else { return Vec::new() };
        all.into_iter().filter(|named| named.name == name).collect()
    }

    fn hover(&self) -> Value {
        let said: Vec<String> = self.named().iter().map(Named::markdown).collect();
        if said.is_empty() { Value::Null } else { json!({"contents": {"kind": "markdown", "value": said.join("\n\n---\n\n")}}) }
    }

    fn definition(&self) -> Value {
        let places = self.named();
        let places = places.iter().filter_map(|named| self.location(&named.mark));
        Value::Array(places.collect())
    }

    fn location(&self, mark: &Mark) -> Option<Value> {
        let file = self.codebook.files.get(mark.file as usize)?;
        let uri = texts::uri(&place_of(&self.folder, &file.path)?)?;
        Some(json!({"uri": uri, "range": texts::range(&file.text, mark.bytes.start as usize, mark.bytes.end as usize)}))
    }

    /// Every place of a name of this codebook, with the new one.
    fn rename(&self, to: &str) -> Result<Value, String> {
        let named = self.named();
        let [one] = named.as_slice() else {
            let many = if named.is_empty() { "no name stands here" } else { "several things are called so; rename each by hand" };
            return Err(many.to_owned());
        };
        let own = |path: &str| path.starts_with("chapters/");
        if !self.codebook.files.get(one.mark.file as usize).is_some_and(|file| own(&file.path)) {
            return Err(format!("`{}` is declared in a codebook that this one builds on", one.name));
        }
        let new = to.trim().to_lowercase();
        let is_name = !new.is_empty() && new.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        if !is_name || names::all(self.codebook).iter().any(|named| named.name == new) {
            return Err(format!("`{new}` is no new name: it takes letters, digits, blanks and hyphens, and must not be taken"));
        }
        let mut changes = serde_json::Map::new();
        for file in self.book.reading.files.iter().filter(|file| own(&file.path)) {
            let edits = texts::occurrences(&file.text, one.name).into_iter();
            let edits: Vec<Value> =
                edits.map(|(from, until)| json!({"range": texts::range(&file.text, from, until), "newText": new})).collect();
            if let (false, Some(uri)) = (edits.is_empty(), place_of(&self.folder, &file.path).and_then(|path| texts::uri(&path))) {
                changes.insert(uri, Value::Array(edits));
            }
        }
        Ok(json!({"changes": changes}))
    }
}

/// The folder of the codebook that a file belongs to.
fn folder_of(path: &Path) -> Option<PathBuf> {
    path.ancestors().skip(1).find(|folder| folder.join("codebook.toml").is_file()).map(Path::to_owned)
}

/// Where a file of a reading lies: in the folder, or in that of a codebook beside it; `None` for one inside this program.
fn place_of(folder: &Path, path: &str) -> Option<PathBuf> {
    [folder.join(path), folder.parent()?.join(path)].into_iter().find(|place| place.is_file())
}

fn diagnostic(found: &Diagnostic, text: &str) -> Value {
    let message = match &found.help {
        Some(help) => format!("{}\n{help}", found.message),
        None => found.message.clone(),
    };
    let severity = match found.severity {
        Severity::Error => 1,
        Severity::Warning => 2,
    };
    let range = texts::range(text, found.mark.bytes.start as usize, found.mark.bytes.end as usize);
    json!({"range": range, "severity": severity, "code": found.code, "source": "habeas", "message": message})
}
