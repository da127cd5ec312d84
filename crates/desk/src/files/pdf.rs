//! PDF (ISO 32000): who wrote it, when and with what is taken out, and what a camera says in its pictures; every page stays as it is. A
//! letter with a signature in it is kept as it came, since any change would break the signature; so is one that is locked, or that cannot
//! be written anew with the same pages. What hangs after its end is cut off in any case.

use super::{Cleaned, Refused, Removed, jpeg};
use lopdf::{Dictionary, Document, LoadOptions, Object, ObjectId};
use std::collections::BTreeSet;

pub(super) const BEGIN: &[u8] = b"%PDF-";
const END: &[u8] = b"%%EOF";

/// How large one part of the file may unpack to.
const LARGEST: usize = 64 << 20;

/// Entries that say something beside the pages, wherever they stand: a description, what a program left, a smaller picture of a page.
const SAID: [(&[u8], Removed); 4] =
    [(b"Metadata", Removed::Text), (b"PieceInfo", Removed::Other), (b"LastModified", Removed::Other), (b"Thumb", Removed::Other)];

/// The letter, if it is whole.
pub(super) fn cleaned(bytes: &[u8]) -> Result<Cleaned, Refused> {
    let last = |words: &[u8]| bytes.windows(words.len()).rposition(|window| window == words);
    let end = last(END).ok_or(Refused::Broken)?;
    if last(b"startxref").is_none_or(|at| at > end) {
        return Err(Refused::Broken);
    }
    let after = end + END.len();
    let breaks = bytes[after..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).take(2).count();
    let (whole, rest) = bytes.split_at(after + breaks);
    let hangs = rest.iter().any(|byte| !byte.is_ascii_whitespace() && *byte != 0);
    let mut removed: BTreeSet<Removed> = hangs.then_some(Removed::AfterEnd).into_iter().collect();
    let kept = match unsaid(whole) {
        Some((kept, what)) => {
            removed.extend(what);
            kept
        }
        None => whole.to_vec(),
    };
    Ok(Cleaned { media: "application/pdf", ending: "pdf", bytes: kept, removed })
}

/// The letter without what is said beside its pages, and what was; `None` where there is nothing, or where it must stay as it came.
fn unsaid(bytes: &[u8]) -> Option<(Vec<u8>, BTreeSet<Removed>)> {
    let holds = |words: &[u8]| bytes.windows(words.len()).any(|window| window == words);
    if holds(b"/ByteRange") || holds(b"/Encrypt") {
        return None;
    }
    let before = read(bytes)?;
    let mut document = before.clone();
    let mut removed = without_properties(&mut document);
    for object in document.objects.values_mut() {
        without_said(object, &mut removed);
    }
    if removed.is_empty() {
        return None;
    }
    document.prune_objects();
    let mut kept = Vec::with_capacity(bytes.len());
    document.save_to(&mut kept).ok()?;
    is_same(&before, &read(&kept)?).then_some((kept, removed))
}

fn read(bytes: &[u8]) -> Option<Document> {
    let options = LoadOptions { max_decompressed_size: Some(LARGEST), ..LoadOptions::default() };
    Document::load_mem_with_options(bytes, options).ok().filter(|document| !document.is_encrypted() && !document.was_encrypted())
}

/// Title, author, dates, the programs that made it.
fn without_properties(document: &mut Document) -> BTreeSet<Removed> {
    let Some(properties) = document.trailer.remove(b"Info") else { return BTreeSet::new() };
    if let Ok(id) = properties.as_reference() {
        document.objects.remove(&id);
    }
    BTreeSet::from([Removed::Text, Removed::Other])
}

fn without_said(object: &mut Object, removed: &mut BTreeSet<Removed>) {
    if let Object::Stream(stream) = object
        && is_photograph(&stream.dict)
        && let Ok(picture) = jpeg::cleaned(&stream.content)
        && !picture.removed.is_empty()
    {
        removed.extend(picture.removed);
        stream.set_content(picture.bytes);
    }
    let dictionary = if let Object::Stream(stream) = object {
        &mut stream.dict
    } else if let Object::Dictionary(dictionary) = object {
        dictionary
    } else {
        return;
    };
    for (name, what) in SAID {
        if dictionary.remove(name).is_some() {
            removed.insert(what);
        }
    }
}

/// A JPEG as it came from a camera or a scanner, in no further wrapping.
fn is_photograph(dictionary: &Dictionary) -> bool {
    let is_it = |filter: &Object| filter.as_name().is_ok_and(|name| name == b"DCTDecode");
    match dictionary.get(b"Filter") {
        Ok(Object::Array(filters)) => matches!(filters.as_slice(), [only] if is_it(only)),
        Ok(filter) => is_it(filter),
        Err(_) => false,
    }
}

/// Whether both have the same pages with the same on each.
fn is_same(one: &Document, other: &Document) -> bool {
    let pages = |document: &Document| -> Vec<ObjectId> { document.get_pages().into_values().collect() };
    let drawn = |document: &Document, page: ObjectId| document.get_page_content_with_limit(page, LARGEST).ok();
    let (ones, others) = (pages(one), pages(other));
    !ones.is_empty()
        && ones.len() == others.len()
        && ones.iter().zip(&others).all(|(page, its)| drawn(one, *page).is_some_and(|drawn_here| drawn(other, *its) == Some(drawn_here)))
}
