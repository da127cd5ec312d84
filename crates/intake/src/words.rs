//! Names of a codebook as logs spell them: kinds and fields with `_` for spaces, subjects as `subject.<class>`.

use habeas_codebook::log::is_same;
use habeas_codebook::tree::{ClassId, Codebook, Field, FieldId, FieldType, KindId, Required, Sensitivity};
use std::collections::HashMap;

/// Spellings of a codebook's kinds, fields and classes.
pub(crate) struct Words<'c> {
    pub(crate) codebook: &'c Codebook,
    kinds: HashMap<String, KindId>,
    /// Kinds as logs spell them, by [`quick_place`].
    quick: Vec<Option<(String, KindId)>>,
    /// For each kind, its fields by spelling.
    fields: Vec<HashMap<String, &'c Field>>,
    classes: HashMap<String, ClassId>,
    /// The field `at` of a correction, a time.
    at: Option<Field>,
}

/// A name as it is compared: lower case, `_` and hyphens as spaces.
pub(crate) fn loose(name: &str) -> String {
    name.trim().to_lowercase().replace(['_', '-'], " ")
}

impl<'c> Words<'c> {
    pub(crate) fn new(codebook: &'c Codebook) -> Self {
        // Both spellings, so that the log's own needs no rewriting.
        let spelt = |i: usize, name: &str| [(loose(name), KindId(i as u16)), (loose(name).replace(' ', "_"), KindId(i as u16))];
        let kinds = codebook.kinds.iter().enumerate().flat_map(|(i, k)| spelt(i, &k.name)).collect();
        let spelling = |f: &Field| loose(&codebook.field_names[f.name.index()]);
        let fields = codebook.kinds.iter().map(|k| k.fields.iter().map(|f| (spelling(f), f)).collect()).collect();
        let classes = codebook.classes.iter().enumerate().map(|(i, c)| (loose(&c.name), ClassId(i as u16))).collect();
        let at = codebook.field_names.iter().position(|f| f == "at").map(|i| Field {
            name: FieldId(i as u16),
            list: false,
            of: FieldType::Time,
            sensitivity: Sensitivity::Custody,
            required: Required::No,
            mark: Default::default(),
        });
        let mut quick: Vec<Option<(String, KindId)>> = vec![None; QUICK];
        for (i, kind) in codebook.kinds.iter().enumerate() {
            let spelling = loose(&kind.name).replace(' ', "_");
            let place = quick_place(spelling.as_bytes());
            quick[place].get_or_insert((spelling, KindId(i as u16)));
        }
        Words { codebook, kinds, quick, fields, classes, at }
    }

    pub(crate) fn kind(&self, name: &str) -> Option<KindId> {
        self.kinds.get(name).or_else(|| self.kinds.get(&loose(name))).copied()
    }

    /// The same for a spelling as logs mostly have it, without hashing: a table by length and ends of the name.
    pub(crate) fn kind_spelt(&self, name: &[u8]) -> Option<KindId> {
        let (spelling, kind) = self.quick[quick_place(name)].as_ref()?;
        is_same(spelling.as_bytes(), name).then_some(*kind)
    }

    pub(crate) fn class(&self, name: &str) -> Option<ClassId> {
        self.classes.get(&loose(name)).copied()
    }

    pub(crate) fn field(&self, kind: KindId, name: &str) -> Option<&Field> {
        let own = self.fields.get(kind.index())?;
        own.get(name).or_else(|| own.get(&loose(name))).copied()
    }

    /// Whether entries of a kind correct or withdraw others: their fields are those of what they name.
    pub(crate) fn changes(&self, kind: KindId) -> bool {
        self.codebook.changes(kind)
    }

    /// A field that a correction replaces: of the corrected kind if that is known, else of any kind that has one so called.
    pub(crate) fn replaced(&self, corrected: Option<KindId>, name: &str) -> Option<&Field> {
        if loose(name) == "at" {
            return self.at.as_ref();
        }
        match corrected {
            Some(kind) => self.field(kind, name),
            None => (0..self.codebook.kinds.len()).find_map(|i| self.field(KindId(i as u16), name)),
        }
    }

    /// Whether a kind may name a class; built-in kinds declare none and may name any.
    pub(crate) fn may_name(&self, kind: KindId, class: ClassId) -> bool {
        let subjects = &self.codebook.kind(kind).subjects;
        subjects.is_empty() || subjects.contains(&class)
    }

    /// The three nearest of some names, as help.
    pub(crate) fn nearest<'n>(wanted: &str, names: impl Iterator<Item = &'n str>) -> String {
        let wanted = loose(wanted);
        let mut scored: Vec<(usize, &str)> = names.map(|n| (away(&wanted, &loose(n)), n)).collect();
        scored.sort_unstable();
        scored.dedup();
        scored.truncate(3);
        scored.iter().map(|(_, n)| format!("`{n}`")).collect::<Vec<_>>().join(", ")
    }

    pub(crate) fn nearest_kinds(&self, wanted: &str) -> String {
        Self::nearest(wanted, self.codebook.kinds.iter().map(|k| k.name.as_str()))
    }

    pub(crate) fn nearest_classes(&self, wanted: &str) -> String {
        Self::nearest(wanted, self.codebook.classes.iter().map(|c| c.name.as_str()))
    }

    pub(crate) fn nearest_fields(&self, kind: KindId, wanted: &str) -> String {
        let names = self.codebook.kind(kind).fields.iter().map(|f| self.codebook.field_names[f.name.index()].as_str());
        Self::nearest(wanted, names)
    }
}

const QUICK: usize = 1024;

/// By length, and the four letters at either end.
#[inline]
fn quick_place(name: &[u8]) -> usize {
    let four = |letters: Option<&[u8; 4]>| letters.map_or(0, |letters| u32::from_le_bytes(*letters));
    let mixed = four(name.first_chunk()) ^ four(name.last_chunk()).rotate_left(13) ^ name.len() as u32;
    (mixed.wrapping_mul(0x9e37_79b1) >> 16) as usize % QUICK
}

/// How far a name is from what was written: letter by letter, or by the two words that are nearest, with one more for each other word.
fn away(wanted: &str, name: &str) -> usize {
    let words = |text: &str| text.split_whitespace().count();
    let others = (words(wanted) + words(name)).saturating_sub(2);
    let long = |text: &'_ str| text.chars().count() > 2;
    let pairs = wanted
        .split_whitespace()
        .filter(|word| long(word))
        .flat_map(|a| name.split_whitespace().filter(|word| long(word)).map(move |b| distance(a, b) + others));
    pairs.chain([distance(wanted, name)]).min().unwrap_or_default()
}

/// Letters to change, add or leave out (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let next = (corner + usize::from(x != *y)).min(row[j] + 1).min(row[j + 1] + 1);
            corner = row[j + 1];
            row[j + 1] = next;
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_near_by_one_of_its_words() {
        let kinds = ["care given", "person arrived", "person released", "answer given", "cell left"];
        let nearest = |wanted| Words::nearest(wanted, kinds.into_iter()).split(", ").next().map(str::to_owned);
        assert_eq!(nearest("arived"), Some("`person arrived`".to_owned()));
        assert_eq!(nearest("Release Date"), Some("`person released`".to_owned()));
        assert_eq!(nearest("anser_given"), Some("`answer given`".to_owned()));
    }
}
