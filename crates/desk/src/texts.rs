//! The words of the interface: one Fluent file a language, inside the program.

use fluent::concurrent::FluentBundle;
use fluent::{FluentArgs, FluentResource, FluentValue};
use std::borrow::Cow;
use unic_langid::LanguageIdentifier;

/// A language of the interface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Azerbaijani.
    Az,
    /// Russian.
    Ru,
    /// Nobody's: English in letters that run from right to left, to see that the pages would serve such a language too. It has the code of
    /// the Unicode Consortium for this (`ar-XB`), and no switch leads to it.
    Mirrored,
}

impl Language {
    /// All, in the order of the switch.
    pub const ALL: [Language; 3] = [Language::Az, Language::En, Language::Ru];

    /// BCP 47 code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Language::En => "en",
            Language::Az => "az",
            Language::Ru => "ru",
            Language::Mirrored => "ar-XB",
        }
    }

    /// The same language, as tables are told in it.
    #[must_use]
    pub fn of_tables(self) -> habeas_returns::phrases::Language {
        match self {
            Language::En | Language::Mirrored => habeas_returns::phrases::Language::En,
            Language::Az => habeas_returns::phrases::Language::Az,
            Language::Ru => habeas_returns::phrases::Language::Ru,
        }
    }

    /// Its own name.
    #[must_use]
    pub fn own_name(self) -> &'static str {
        match self {
            Language::En => "English",
            Language::Az => "Azərbaycanca",
            Language::Ru => "Русский",
            Language::Mirrored => "XB",
        }
    }

    /// The way in which its lines run, as HTML has it.
    #[must_use]
    pub fn direction(self) -> &'static str {
        if self == Language::Mirrored { "rtl" } else { "ltr" }
    }

    /// By its code; regions are passed over (`ru-RU`).
    #[must_use]
    pub fn of(code: &str) -> Option<Self> {
        if code.eq_ignore_ascii_case(Self::Mirrored.code()) {
            return Some(Self::Mirrored);
        }
        let primary = code.split(['-', '_']).next().unwrap_or(code);
        Self::ALL.into_iter().find(|language| language.code().eq_ignore_ascii_case(primary))
    }

    /// The first language of an `Accept-Language` header that the desk speaks.
    #[must_use]
    pub fn accepted(header: &str) -> Option<Self> {
        header.split(',').find_map(|one| Self::of(one.split(';').next().unwrap_or(one).trim()))
    }
}

/// Each folder of `web/i18n` has one file a language; what every page shares stands at its top.
macro_rules! files {
    ($($folder:literal),*) => {
        [
            (Language::En, &[$(include_str!(concat!("../../../web/i18n/", $folder, "en.ftl"))),*]),
            (Language::Az, &[$(include_str!(concat!("../../../web/i18n/", $folder, "az.ftl"))),*]),
            (Language::Ru, &[$(include_str!(concat!("../../../web/i18n/", $folder, "ru.ftl"))),*]),
        ]
    };
}

/// The texts, room by room: a new room adds its folder here.
const FILES: [(Language, &[&str]); 3] = files!(
    "",
    "account/",
    "codebook/",
    "correct/",
    "files/",
    "kit/",
    "letter/",
    "people/",
    "places/",
    "reading/",
    "relative/",
    "station/",
    "tables/",
    "work/"
);

/// The texts of every language.
pub struct Texts {
    bundles: Vec<(Language, FluentBundle<FluentResource>)>,
}

impl Default for Texts {
    fn default() -> Self {
        let mut bundles: Vec<_> = FILES.into_iter().map(|(language, files)| (language, bundle(language, files))).collect();
        let english = FILES.iter().find(|(language, _)| *language == Language::En);
        bundles.extend(english.map(|(_, files)| {
            let mut mirrored = bundle(Language::Mirrored, files);
            mirrored.set_transform(Some(mirrored_letters));
            (Language::Mirrored, mirrored)
        }));
        Self { bundles }
    }
}

fn bundle(language: Language, files: &[&str]) -> FluentBundle<FluentResource> {
    let identifier: LanguageIdentifier = language.code().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![identifier]);
    bundle.set_use_isolating(false);
    for text in files {
        // A file with a mistake in one message keeps the others; a test reads every file for mistakes.
        let resource = FluentResource::try_new((*text).to_owned()).unwrap_or_else(|(resource, _)| resource);
        bundle.add_resource_overriding(resource);
    }
    bundle
}

/// Latin letters as Hebrew ones, vowels twice, so that words are also longer.
fn mirrored_letters(text: &str) -> Cow<'_, str> {
    const LETTERS: [char; 22] =
        ['א', 'ב', 'ג', 'ד', 'ה', 'ו', 'ז', 'ח', 'ט', 'י', 'כ', 'ל', 'מ', 'נ', 'ס', 'ע', 'פ', 'צ', 'ק', 'ר', 'ש', 'ת'];
    let mut out = String::with_capacity(text.len() * 2);
    for letter in text.chars() {
        let lower = letter.to_ascii_lowercase();
        if lower.is_ascii_lowercase() {
            let turned = LETTERS[usize::from(u8::try_from(lower).unwrap_or(b'a') - b'a') % LETTERS.len()];
            out.extend(std::iter::repeat_n(turned, if "aeiou".contains(lower) { 2 } else { 1 }));
        } else {
            out.push(letter);
        }
    }
    Cow::Owned(out)
}

impl Texts {
    /// A message, if anybody has it.
    #[must_use]
    pub fn known(&self, language: Language, id: &str) -> Option<String> {
        let is_there = self.bundles.iter().any(|(_, bundle)| bundle.has_message(id));
        is_there.then(|| self.say(language, id, &[]))
    }

    /// A message; the English one where the language lacks it; the id where nobody has it.
    #[must_use]
    pub fn say(&self, language: Language, id: &str, values: &[(&str, &str)]) -> String {
        let mut arguments = FluentArgs::new();
        for (name, value) in values {
            match value.parse::<f64>() {
                Ok(number) if value.len() < 10 => arguments.set(*name, FluentValue::from(number)),
                Ok(_) | Err(_) => arguments.set(*name, (*value).to_owned()),
            }
        }
        let wanted = self.bundles.iter().filter(|(one, _)| *one == language);
        let english = self.bundles.iter().filter(|(one, _)| *one == Language::En);
        for (_, bundle) in wanted.chain(english) {
            if let Some(pattern) = bundle.get_message(id).and_then(|message| message.value()) {
                return bundle.format_pattern(pattern, Some(&arguments), &mut Vec::new()).into_owned();
            }
        }
        id.to_owned()
    }

    /// Ids of a language's messages, for the test that compares the files.
    #[must_use]
    pub fn has(&self, language: Language, id: &str) -> bool {
        self.bundles.iter().any(|(one, bundle)| *one == language && bundle.has_message(id))
    }
}

/// The source of a language's files, one after the other.
#[must_use]
pub fn source(language: Language) -> String {
    FILES.iter().find(|(one, _)| *one == language).map_or_else(String::new, |(_, files)| files.join("\n"))
}
