//! Pictures and letters made by hand: what is kept of each, and what is refused.

use super::*;

fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
    let size = u16::try_from(content.len() + 2).expect("a short segment");
    [&[0xff, marker], size.to_be_bytes().as_slice(), content].concat()
}

/// What a camera says: the picture lies on its side, and was taken at this place.
fn exif() -> Vec<u8> {
    let tag = |tag: u16, of: u16, value: u32| {
        [tag.to_be_bytes().as_slice(), &of.to_be_bytes(), &1_u32.to_be_bytes(), &value.to_be_bytes()].concat()
    };
    let gps = [b"GPS 40.4093N 49.8671E".as_slice()].concat();
    [b"Exif\0\0MM\0*\0\0\0\x08\0\x02".as_slice(), &tag(0x0112, 3, 6 << 16), &tag(0x8825, 4, 38), &[0; 4], &gps].concat()
}

fn jpeg(beside: &[Vec<u8>]) -> Vec<u8> {
    let mut picture = vec![0xff, 0xd8];
    picture.extend(segment(0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\x01\x01abc"));
    beside.iter().for_each(|one| picture.extend(one));
    picture.extend(segment(0xdb, &[7; 65]));
    picture.extend(segment(0xc0, b"\x08\0\x01\0\x01\x01\x01\x11\0"));
    picture.extend(segment(0xc4, &[0; 20]));
    picture.extend(segment(0xda, b"\x01\x01\0\0\x3f\0"));
    picture.extend(b"coded \xff\x00 picture \xff\xd0 more");
    picture.extend([0xff, 0xd9]);
    picture
}

fn chunk(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    [&u32::try_from(content.len()).expect("short").to_be_bytes(), name.as_slice(), content, b"sum!"].concat()
}

fn png(beside: &[Vec<u8>]) -> Vec<u8> {
    let head = [png::BEGIN.to_vec(), chunk(b"IHDR", &[0; 13])].concat();
    [head, beside.concat(), chunk(b"IDAT", b"picture"), chunk(b"IEND", b"")].concat()
}

fn riff(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let fill = vec![0; content.len() % 2];
    [name.as_slice(), &u32::try_from(content.len()).expect("short").to_le_bytes(), content, &fill].concat()
}

fn webp(chunks: &[Vec<u8>]) -> Vec<u8> {
    let content = chunks.concat();
    [b"RIFF".as_slice(), &u32::try_from(content.len() + 4).expect("short").to_le_bytes(), b"WEBP", &content].concat()
}

const LETTER: &[u8] = b"%PDF-1.7\n1 0 obj\nendobj\nstartxref\n9\n%%EOF\n";

fn holds(bytes: &[u8], words: &[u8]) -> bool {
    bytes.windows(words.len()).any(|window| window == words)
}

#[test]
fn a_photograph_keeps_its_picture_and_which_way_up_it_is_and_loses_where_it_was_taken() {
    let said = [
        segment(0xe1, &exif()),
        segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta/>"),
        segment(0xed, b"Photoshop 3.0\0"),
        segment(0xfe, b"by A."),
    ];
    let kept = cleaned(&jpeg(&said)).expect("a photograph");
    assert_eq!((kept.media, kept.ending), ("image/jpeg", "jpg"));
    for words in [b"GPS".as_slice(), b"xmpmeta", b"Photoshop", b"by A.", b"abc"] {
        assert!(!holds(&kept.bytes, words), "{}", String::from_utf8_lossy(words));
    }
    assert_eq!(kept.removed, BTreeSet::from([Removed::Place, Removed::Camera, Removed::Text]));
    assert!(holds(&kept.bytes, b"coded \xff\x00 picture \xff\xd0 more\xff\xd9"), "every coded byte");
    let upright = b"\xff\xe1\0\x22Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    assert!(holds(&kept.bytes, upright), "it stands as it was held");
    let again = cleaned(&kept.bytes).expect("still a photograph");
    assert_eq!(again.bytes, kept.bytes, "nothing more is taken out of what was cleaned");
}

#[test]
fn a_picture_of_each_kind_keeps_what_it_is_made_of_and_nothing_that_is_said_beside_it() {
    let kept = cleaned(&png(&[chunk(b"eXIf", &exif()), chunk(b"iTXt", b"Comment\0home"), chunk(b"gAMA", b"gama"), chunk(b"prVt", b"x")]))
        .expect("a picture");
    assert_eq!(kept.bytes, png(&[chunk(b"gAMA", b"gama")]));
    assert_eq!(kept.removed, BTreeSet::from([Removed::Place, Removed::Text, Removed::Other]));
    let extended = riff(b"VP8X", &[0x2c, 0, 0, 0, 1, 0, 0, 1, 0, 0]);
    let kept = cleaned(&webp(&[extended, riff(b"VP8 ", b"odd"), riff(b"EXIF", &exif()), riff(b"XMP ", b"<x/>")])).expect("a picture");
    assert_eq!(kept.bytes, webp(&[riff(b"VP8X", &[0x20, 0, 0, 0, 1, 0, 0, 1, 0, 0]), riff(b"VP8 ", b"odd")]));
    assert_eq!(kept.removed, BTreeSet::from([Removed::Place, Removed::Text]));
    let kept = cleaned(LETTER).expect("a letter");
    assert_eq!((kept.bytes.as_slice(), kept.removed.len()), (LETTER, 0), "a letter is kept as it came");
}

/// A letter of two pages as a telephone makes it, with its author, a description, and a scanned photograph.
fn letter(more: &dyn Fn(&mut lopdf::Document)) -> Vec<u8> {
    use lopdf::{Dictionary, Document, Object, Stream, dictionary};
    let mut document = Document::with_version("1.7");
    let photograph = Stream::new(dictionary! { "Subtype" => "Image", "Filter" => "DCTDecode" }, jpeg(&[segment(0xe1, &exif())]));
    let photograph = document.add_object(photograph);
    let tree = document.new_object_id();
    let mut page = |words: &str| {
        let content = document.add_object(Stream::new(Dictionary::new(), words.as_bytes().to_vec()));
        let resources = dictionary! { "XObject" => dictionary! { "Im1" => photograph } };
        let page = dictionary! { "Type" => "Page", "Parent" => tree, "Contents" => content, "Resources" => resources,
        "PieceInfo" => dictionary! { "Scanner" => Object::string_literal("of the neighbour") } };
        Object::Reference(document.add_object(page))
    };
    let pages = vec![page("BT (first page) Tj ET"), page("BT (second page) Tj ET")];
    document.objects.insert(tree, Object::Dictionary(dictionary! { "Type" => "Pages", "Count" => 2, "Kids" => pages }));
    let said = Stream::new(dictionary! { "Type" => "Metadata", "Subtype" => "XML" }, b"<x:xmpmeta>Yara N.</x:xmpmeta>".to_vec());
    let said = document.add_object(said);
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => tree, "Metadata" => said });
    document.trailer.set("Root", catalog);
    let properties = dictionary! { "Author" => Object::string_literal("Yara N."), "Producer" => Object::string_literal("Phone 9") };
    let properties = document.add_object(properties);
    document.trailer.set("Info", properties);
    more(&mut document);
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).expect("written");
    bytes
}

#[test]
fn a_letter_keeps_its_pages_and_loses_who_wrote_it_and_where_its_photographs_were_taken() {
    let came = letter(&|_| {});
    let kept = cleaned(&came).expect("a letter");
    assert_eq!(kept.removed, BTreeSet::from([Removed::Place, Removed::Camera, Removed::Text, Removed::Other]));
    for words in [b"Yara N.".as_slice(), b"Phone 9", b"GPS", b"xmpmeta", b"of the neighbour"] {
        assert!(holds(&came, words) && !holds(&kept.bytes, words), "{}", String::from_utf8_lossy(words));
    }
    for words in [b"first page".as_slice(), b"second page", b"coded \xff\x00 picture \xff\xd0 more\xff\xd9"] {
        assert!(holds(&kept.bytes, words), "{}", String::from_utf8_lossy(words));
    }
    let again = cleaned(&kept.bytes).expect("still a letter");
    assert_eq!((again.bytes == kept.bytes, again.removed.len()), (true, 0), "nothing more is taken out of what was cleaned");
}

#[test]
fn a_signed_letter_and_one_that_cannot_be_written_anew_are_kept_as_they_came() {
    let signed = letter(&|document| {
        let signature = lopdf::dictionary! { "Type" => "Sig", "ByteRange" => vec![0.into(), 9.into()], "Contents" => "x" };
        let signature = document.add_object(signature);
        document.trailer.set("Signed", signature);
    });
    let kept = cleaned(&signed).expect("a letter");
    assert_eq!((kept.bytes == signed, kept.removed.len()), (true, 0), "its signature stays good");
    let whole = letter(&|_| {});
    for end in (8..whole.len()).step_by(97) {
        let cut = [&whole[..end], b"\nstartxref\n0\n%%EOF\n"].concat();
        if let Ok(kept) = cleaned(&cut) {
            assert!(kept.bytes == cut || holds(&kept.bytes, b"page"), "cut at {end}");
        }
    }
}

#[test]
fn what_hangs_after_the_end_of_a_file_is_cut_off() {
    let page = b"PK\x03\x04<html><script>alert(1)</script>";
    for whole in [jpeg(&[]), png(&[]), webp(&[riff(b"VP8L", b"picture!")]), LETTER.to_vec()] {
        let plain = cleaned(&whole).expect("a file").bytes;
        let kept = cleaned(&[whole.as_slice(), page].concat()).expect("the file in front");
        assert_eq!((kept.bytes == plain, kept.removed.contains(&Removed::AfterEnd)), (true, true), "{}", kept.media);
    }
}

#[test]
fn a_file_is_judged_by_its_content_and_never_by_its_name() {
    for other in [
        b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>".as_slice(),
        b"<html>",
        b"GIF89a",
        b"\0\0\0\x18ftypheic",
        b"PK\x03\x04",
        b"MZ",
        b"text",
        b" %PDF-1.7\nstartxref\n%%EOF",
        b"\xff\xd8",
        b"RIFF\0\0\0\0WAVE",
    ] {
        assert_eq!(cleaned(other), Err(Refused::Unknown), "{}", String::from_utf8_lossy(other));
    }
    assert_eq!(cleaned(b""), Err(Refused::Empty));
    assert_eq!(cleaned(&vec![0xff; LARGEST + 1]), Err(Refused::TooLarge));
}

#[test]
fn a_file_that_breaks_off_anywhere_is_refused_and_nothing_falls_over() {
    let said = [segment(0xe1, &exif())];
    for whole in [jpeg(&said), png(&[chunk(b"tEXt", b"x")]), webp(&[riff(b"VP8X", &[0; 10]), riff(b"VP8 ", b"pic")]), LETTER.to_vec()] {
        let least = whole.len() - usize::from(whole == LETTER);
        for end in 4..least {
            assert!(matches!(cleaned(&whole[..end]), Err(Refused::Broken | Refused::Unknown)), "{end} of {}", whole.len());
        }
        for place in 0..whole.len() {
            for byte in [0, 0x7f, 0xff] {
                let mut altered = whole.clone();
                altered[place] = byte;
                // Refused or cleaned; what is cleaned is clean.
                if let Ok(kept) = cleaned(&altered) {
                    assert_eq!(cleaned(&kept.bytes).map(|again| again.bytes), Ok(kept.bytes), "byte {place}");
                }
            }
        }
    }
}

#[test]
fn a_name_is_cleaned_and_ends_as_its_content_does() {
    for (name, kept) in [
        ("yara.jpeg", "yara.jpg"),
        ("C:\\Users\\a\\wound.png.exe", "wound.png.jpg"),
        ("../../etc/passwd", "passwd.jpg"),
        ("məktub 12.pdf", "məktub 12.jpg"),
        ("\u{202e}gpj.exe", "gpj.jpg"),
        ("a\"b\r\nSet-Cookie: x.jpg", "abSet-Cookie x.jpg"),
        ("", "file.jpg"),
        ("...", "file.jpg"),
    ] {
        assert_eq!(named(name, "jpg"), kept);
    }
    assert_eq!(named(&"ə".repeat(300), "pdf").chars().count(), NAME + 4);
}
