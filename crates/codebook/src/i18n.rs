//! Words of a pack in other languages: `i18n/LANG.ftl`, Fluent in its plainest form.
//!
//! A message is `id = text` on a line of its own, longer ones go on in indented lines; `.hint = text` under it is what a form says
//! below the question. Ids are a prefix and the name with `-` for every other sign: `event-medical-examined`,
//! `field-medical-examined-findings`, `value-sex-female`, `rule-relative-told`. A word that is the same in every event or field needs
//! to stand once: `field-findings`, `value-female`. A table has its title, columns, traps and reasons for leaving out: `table-r10`,
//! `column-r10-uses` (or `column-uses` for every table), `trap-r10-1`, `left-out-r10-1`; who asks for tables is
//! `body-committee-against-torture`.
//! Nothing here is computed: a text that holds `{` is refused.

use crate::diagnostic::{Diagnostic, Mark, Severity};
use std::collections::{BTreeMap, HashMap};

/// What a name names; each has its own prefix among the messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NameOf {
    /// `subject-…`: a class of subjects.
    Subject,
    /// `event-…`: an event or an alias of one.
    Event,
    /// `field-…`.
    Field,
    /// `value-…`.
    Value,
    /// `state-…`.
    State,
    /// `item-…`.
    Item,
    /// `clock-…`.
    Clock,
    /// `limit-…`.
    Limit,
    /// `role-…`.
    Role,
    /// `rule-…`: the title of a rule.
    Rule,
    /// `flow-…`: a task list.
    Flow,
    /// `room-…`: a work list.
    Room,
}

impl NameOf {
    /// The prefix of its messages.
    #[must_use]
    pub fn prefix(self) -> &'static str {
        match self {
            NameOf::Subject => "subject",
            NameOf::Event => "event",
            NameOf::Field => "field",
            NameOf::Value => "value",
            NameOf::State => "state",
            NameOf::Item => "item",
            NameOf::Clock => "clock",
            NameOf::Limit => "limit",
            NameOf::Role => "role",
            NameOf::Rule => "rule",
            NameOf::Flow => "flow",
            NameOf::Room => "room",
        }
    }
}

/// The messages of a codebook by language, those of the pack before those that it builds on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels {
    languages: BTreeMap<String, HashMap<String, String>>,
}

impl Labels {
    /// Languages that have any message, sorted.
    pub fn languages(&self) -> impl Iterator<Item = &str> {
        self.languages.keys().map(String::as_str)
    }

    /// The text of a message.
    #[must_use]
    pub fn message(&self, language: &str, id: &str) -> Option<&str> {
        self.languages.get(language)?.get(id).map(String::as_str)
    }

    /// The word for a name.
    #[must_use]
    pub fn word(&self, language: &str, of: NameOf, name: &str) -> Option<&str> {
        self.message(language, &format!("{}-{}", of.prefix(), slug(name)))
    }

    /// The question that a field of an event is: its own message, or that of every field of the name.
    #[must_use]
    pub fn field(&self, language: &str, event: &str, field: &str) -> Option<&str> {
        let own = format!("field-{}-{}", slug(event), slug(field));
        self.message(language, &own).or_else(|| self.word(language, NameOf::Field, field))
    }

    /// An answer to a field: its own message, or that of every value of the name.
    #[must_use]
    pub fn value(&self, language: &str, field: &str, value: &str) -> Option<&str> {
        let own = format!("value-{}-{}", slug(field), slug(value));
        self.message(language, &own).or_else(|| self.word(language, NameOf::Value, value))
    }

    /// What a form says below the question of a field.
    #[must_use]
    pub fn hint(&self, language: &str, event: &str, field: &str) -> Option<&str> {
        let own = format!("field-{}-{}.hint", slug(event), slug(field));
        self.message(language, &own).or_else(|| self.message(language, &format!("field-{}.hint", slug(field))))
    }

    /// Takes in a file; a message that is there already is replaced, for it belongs to a pack built on.
    pub(crate) fn add(&mut self, language: &str, text: &str, file: u32, found: &mut Vec<Diagnostic>) {
        let messages = self.languages.entry(language.to_owned()).or_default();
        let mut own: HashMap<String, String> = HashMap::new();
        let mut last: Option<String> = None;
        let mut message = String::new();
        let mut at = 0usize;
        for line in text.split_inclusive('\n') {
            let mark = Mark { file, bytes: at as u32..(at + line.trim_end().len()) as u32 };
            at += line.len();
            let said = line.trim();
            if said.is_empty() || line.starts_with('#') {
                continue;
            }
            let indented = line.starts_with([' ', '\t']);
            let mut wrong = |why: &str| found.push(wrong_line(mark.clone(), why));
            let id = match said.split_once('=') {
                Some((id, _)) if !indented && is_id(id.trim()) => {
                    message = id.trim().to_owned();
                    Some(message.clone())
                }
                Some((id, _)) if indented && id.trim().strip_prefix('.').is_some_and(is_id) => Some(format!("{message}{}", id.trim())),
                _ => None,
            };
            let text = if id.is_some() { said.split_once('=').map_or("", |(_, text)| text.trim()) } else { said };
            if text.contains(['{', '}', '«', '»']) {
                wrong("a label is a text without `{`, `}`, `«` and `»`");
            }
            match (id, &last) {
                (Some(id), _) => {
                    if own.insert(id.clone(), text.to_owned()).is_some() {
                        wrong("this message stands in the file twice");
                    }
                    last = Some(id);
                }
                (None, Some(before)) if indented => {
                    if let Some(begun) = own.get_mut(before) {
                        begun.push(' ');
                        begun.push_str(text);
                    }
                }
                (None, _) => wrong("expected `id = text`"),
            }
        }
        messages.extend(own);
    }
}

fn wrong_line(mark: Mark, message: &str) -> Diagnostic {
    let help = Some("for example `event-person-released = Azad edilmə`".to_owned());
    Diagnostic { code: "E100", severity: Severity::Error, mark, message: message.to_owned(), help }
}

fn is_id(id: &str) -> bool {
    id.starts_with(|c: char| c.is_ascii_alphabetic()) && id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
}

/// A name as it stands in the id of a message: `purpose-built` from `purpose built`.
#[must_use]
pub fn slug(name: &str) -> String {
    name.to_lowercase().chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Labels, Vec<Diagnostic>) {
        let (mut labels, mut found) = (Labels::default(), Vec::new());
        labels.add("az", text, 0, &mut found);
        (labels, found)
    }

    #[test]
    fn a_word_of_one_event_goes_before_the_word_of_all() {
        let (labels, found) =
            read("field-reason = Səbəb\nfield-force-used-reason = Qüvvə nə üçün\n  tətbiq edilib\n    .hint = Qısa yazın\n");
        assert_eq!(found, Vec::new());
        assert_eq!(labels.field("az", "force used", "reason"), Some("Qüvvə nə üçün tətbiq edilib"));
        assert_eq!(labels.field("az", "case decided", "reason"), Some("Səbəb"));
        assert_eq!(labels.hint("az", "force used", "reason"), Some("Qısa yazın"));
        assert_eq!(labels.value("az", "sex", "female"), None);
    }

    #[test]
    fn a_line_that_is_no_message_is_told_at_its_place() {
        let (_, found) = read("value-a = A\nwhat is this\nvalue-a = B\nvalue-c = { $x }\n");
        let told: Vec<(u32, &str)> = found.iter().map(|d| (d.mark.bytes.start, d.message.as_str())).collect();
        assert_eq!(
            told,
            [
                (12, "expected `id = text`"),
                (25, "this message stands in the file twice"),
                (37, "a label is a text without `{`, `}`, `«` and `»`")
            ]
        );
    }
}
