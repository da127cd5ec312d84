//! E128: a language that the pack promises, but for which there is no table of words.

use super::Found;
use crate::diagnostic::Mark;
use crate::render::LANGUAGES;

pub(super) fn check(found: &mut Found) {
    let codebook = found.codebook;
    let file = codebook.files.iter().rposition(|f| f.path == "codebook.toml").unwrap_or(0);
    for language in codebook.languages.iter().filter(|l| !LANGUAGES.contains(&l.as_str())) {
        let text = &codebook.files[file].text;
        let start = text.find("languages").unwrap_or(0);
        let length = text[start..].lines().next().map_or(0, str::len);
        let mark = Mark { file: file as u32, bytes: start as u32..(start + length) as u32 };
        let message = format!("rules cannot be read aloud in `{language}`: it has no table of words");
        found.error(
            "E128",
            &mark,
            message,
            format!("there are {}; leave the others out until there is one", super::listed(LANGUAGES, "and")),
        );
    }
}
