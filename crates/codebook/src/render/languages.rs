//! The languages that rules are said in: a table of frames for each, in `languages/`.

use super::Words;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Languages that rules can be read aloud in, sorted.
pub const LANGUAGES: [&str; 3] = ["az", "en", "ru"];

static AZERBAIJANI: LazyLock<Words> = LazyLock::new(|| table(include_str!("../../languages/az.toml")));
static RUSSIAN: LazyLock<Words> = LazyLock::new(|| table(include_str!("../../languages/ru.toml")));

/// The words of a language; `None` where there is no table of it.
#[must_use]
pub fn words(language: &str) -> Option<&'static Words> {
    match language {
        "az" => Some(&AZERBAIJANI),
        "en" => Some(Words::english()),
        "ru" => Some(&RUSSIAN),
        _ => None,
    }
}

fn table(text: &str) -> Words {
    let frames: HashMap<String, String> = toml::from_str(text).expect("a table of texts, as a test reads it");
    Words::from_table(&frames).expect("a frame for each, as a test reads it")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::FRAMES;

    #[test]
    fn every_language_has_a_frame_for_each_and_none_that_nobody_says() {
        for (language, text) in [("az", include_str!("../../languages/az.toml")), ("ru", include_str!("../../languages/ru.toml"))] {
            let frames: HashMap<String, String> = toml::from_str(text).expect(language);
            assert_eq!(Words::from_table(&frames).map(|_| ()), Ok(()), "{language}");
            let known = |key: &&String| *key == "Capitals" || FRAMES.iter().any(|(_, frame, _)| *frame == key.as_str());
            assert_eq!(frames.keys().filter(|key| !known(key)).collect::<Vec<_>>(), Vec::<&String>::new(), "{language}");
            assert!(words(language).is_some());
        }
        assert!(words("xx").is_none());
    }
}
