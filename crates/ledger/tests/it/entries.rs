//! Headers and fields: one encoding each, and one field shown without the others.

use habeas_ledger::Hash;
use habeas_ledger::fields::{self, Field, Opening};
use habeas_ledger::leaf::{Beacon, Class, Header, author_commitment};
use habeas_ledger::sealing::Plaintext;
use habeas_ledger::slip;
use proptest::prelude::*;

fn hash() -> impl Strategy<Value = Hash> {
    any::<[u8; 32]>().prop_map(Hash)
}

fn parts() -> impl Strategy<Value = Vec<(Class, Hash)>> {
    prop::collection::btree_map(0u8..5, hash(), 0..=5)
        .prop_map(|parts| parts.into_iter().map(|(class, hash)| (Class::from_id(class).expect("0 to 4"), hash)).collect())
}

prop_compose! {
    fn header()(
        (origin, codebook, author, fields_root, root) in (hash(), hash(), hash(), hash(), hash()),
        (index, recorded_at_ms, size) in any::<(u64, u64, u64)>(),
        (event, custody, corrected) in any::<([u8; 16], [u8; 16], [u8; 16])>(),
        (kind, station_key) in ("[a-z_ é]{1,60}", any::<[u8; 4]>()),
        (parts, attachments) in (parts(), prop::collection::vec(hash(), 0..4)),
    ) -> Header {
        let corrects = Some(corrected).filter(|id| *id != [0; 16] && id[0] & 1 == 1);
        Header {
            origin, index, event, custody, kind, codebook, recorded_at_ms, beacon: Beacon { size, root }, station_key, author, corrects,
            parts, fields_root, attachments,
        }
    }
}

proptest! {
    #[test]
    fn a_header_is_read_as_it_was_written(header in header()) {
        let bytes = header.encode().expect("a writable header");
        prop_assert_eq!(Header::decode(&bytes), Ok(header));
    }

    #[test]
    fn altered_bytes_are_a_header_in_its_one_encoding_or_refused(
        header in header(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        cut in any::<bool>(),
    ) {
        let mut bytes = header.encode().expect("a writable header");
        let at = at.index(bytes.len());
        if cut { bytes.remove(at); } else { bytes[at] = byte; }
        if let Ok(read) = Header::decode(&bytes) {
            prop_assert_eq!(read.encode().expect("what is read can be written"), bytes);
        }
    }

    #[test]
    fn any_bytes_are_a_header_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let bytes = [b"habeas-leaf/1\n".as_slice(), &bytes].concat();
        if let Ok(read) = Header::decode(&bytes) {
            prop_assert_eq!(read.encode().expect("what is read can be written"), bytes);
        }
    }

    #[test]
    fn two_events_never_share_an_encoding(one in header(), other in header()) {
        prop_assert_eq!(one == other, one.encode() == other.encode());
    }
}

fn written(kind: &str) -> Header {
    Header {
        origin: Hash::of(b"custody.example/st/0412"),
        index: 7,
        event: [1; 16],
        custody: [2; 16],
        kind: kind.to_owned(),
        codebook: Hash::of(b"chapter"),
        recorded_at_ms: 1_772_442_891_000,
        beacon: Beacon::default(),
        station_key: [1, 2, 3, 4],
        author: author_commitment(&[9; 16], "officer:1042"),
        corrects: None,
        parts: vec![(Class::Custody, Hash::of(b"sealed")), (Class::Medical, Hash::of(b"sealed too"))],
        fields_root: Hash::of(b"fields"),
        attachments: Vec::new(),
    }
}

/// The layout, counted by hand from the design: every field at its byte.
#[test]
fn the_fields_of_a_header_stand_at_their_bytes() {
    let bytes = written("medical").encode().expect("a header");
    assert_eq!(&bytes[..14], b"habeas-leaf/1\n");
    assert_eq!(&bytes[14..46], &Hash::of(b"custody.example/st/0412").0);
    assert_eq!(bytes[46..54], 7u64.to_be_bytes());
    assert_eq!((&bytes[54..70], &bytes[70..86]), ([1u8; 16].as_slice(), [2u8; 16].as_slice()));
    assert_eq!((bytes[86], &bytes[87..94]), (7, b"medical".as_slice()));
    assert_eq!(&bytes[94..126], &Hash::of(b"chapter").0);
    assert_eq!(bytes[126..134], 1_772_442_891_000u64.to_be_bytes());
    assert_eq!(bytes[134..174], [0; 40]);
    assert_eq!(bytes[174..178], [1, 2, 3, 4]);
    assert_eq!(&bytes[178..210], &author_commitment(&[9; 16], "officer:1042").0);
    assert_eq!(bytes[210..226], [0; 16]);
    assert_eq!((bytes[226], bytes[227], bytes[260]), (2, 1, 3));
    assert_eq!(&bytes[293..325], &Hash::of(b"fields").0);
    assert_eq!((bytes[325], bytes.len()), (0, 326));
}

#[test]
fn a_header_without_one_meaning_is_not_written() {
    let mut header = written("");
    assert!(header.encode().expect_err("no kind").to_string().contains("a kind of 0 bytes"));
    header.kind = "arrested".to_owned();
    header.parts.reverse();
    assert!(header.encode().expect_err("out of order").to_string().contains("ascending"));
    header.parts.clear();
    header.corrects = Some([0; 16]);
    assert!(header.encode().expect_err("nothing corrected").to_string().contains("all zeros"));
    header.corrects = None;
    header.attachments = vec![Hash::default(); 256];
    assert!(header.encode().expect_err("too many").to_string().contains("256 attachments"));
}

#[test]
fn a_refused_header_says_which_byte() {
    let mut bytes = written("arrested").encode().expect("a header");
    bytes.truncate(100);
    assert_eq!(
        Header::decode(&bytes).expect_err("cut").to_string(),
        "leaf header, byte 95: found 5 more bytes, expected 32 bytes of codebook hash"
    );
}

fn field(id: &str, value: &str, salt: u8) -> Field {
    Field { salt: [salt; 16], id: id.to_owned(), value: Plaintext::new(value.as_bytes().to_vec()) }
}

#[test]
fn a_lawyer_is_shown_when_she_was_notified_and_nothing_else() {
    let entry = [field("lawyer notified", "14:05", 1), field("offence", "theft", 2), field("injuries", "none", 3)];
    let root = fields::root(&entry).expect("a root");
    let shown = fields::open(&entry, 0).expect("an opening");
    let bytes = shown.to_bytes().expect("short");
    assert_eq!(Opening::from_bytes(&bytes).as_ref(), Ok(&shown));
    shown.check(&root).expect("it is in the entry");
    assert!(!bytes.windows(5).any(|window| window == b"theft"));
    let mut altered = shown.clone();
    altered.field.value = Plaintext::new(b"13:05".to_vec());
    assert_eq!(
        altered.check(&root).expect_err("altered").to_string(),
        "field does not hold: the entry does not commit to this value of `lawyer notified`"
    );
}

#[test]
fn a_yes_or_no_cannot_be_guessed_from_its_commitment_without_the_salt() {
    let kept = field("seen by a doctor", "no", 77).commitment().expect("a commitment");
    for guess in ["yes", "no"] {
        for salt in 0..=76 {
            assert_ne!(field("seen by a doctor", guess, salt).commitment().expect("a commitment"), kept);
        }
    }
    assert_eq!(field("seen by a doctor", "no", 77).commitment().expect("a commitment"), kept);
}

#[test]
fn a_field_name_and_its_value_cannot_be_cut_elsewhere() {
    assert_ne!(field("ab", "c", 1).commitment(), field("a", "bc", 1).commitment());
}

proptest! {
    #[test]
    fn a_slip_is_read_as_it_was_printed_however_it_is_typed(hash in hash()) {
        let groups = slip::groups(&hash);
        prop_assert_eq!(groups.split(' ').map(str::len).collect::<Vec<_>>(), vec![4; 14]);
        let sloppy = groups.replace(' ', "-").replace('0', "o").replace('1', "l");
        for typed in [groups.clone(), groups.to_lowercase(), groups.replace(' ', ""), sloppy] {
            prop_assert_eq!(slip::read(&typed), Ok(hash));
        }
    }

    #[test]
    fn a_slip_with_one_character_mistyped_is_refused(hash in hash(), place in 0usize..56, other in "[0-9A-HJKMNP-TV-Z]") {
        let groups = slip::groups(&hash).replace(' ', "");
        prop_assume!(groups[place..=place] != other);
        let mistyped = format!("{}{other}{}", &groups[..place], &groups[place + 1..]);
        prop_assert!(slip::read(&mistyped).is_err());
    }
}

#[test]
fn a_slip_that_cannot_be_read_says_where() {
    let groups = slip::groups(&Hash::of(b"entry"));
    let refused = slip::read(&groups.replacen(&groups[5..9], "AB?D", 1)).expect_err("a question mark").to_string();
    assert_eq!(refused, "slip, group 2: found `?`, expected a digit, or a letter but I, L, O, U");
    assert!(slip::read(&groups[..20]).expect_err("short").to_string().contains("14 groups of 4"));
}
