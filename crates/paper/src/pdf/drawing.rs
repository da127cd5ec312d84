//! Hands sheets and tags to the PDF writer.

use super::Paper;
use super::face::{Faces, Weight};
use super::layout::{Laid, Piece, Role, What};
use crate::Document;
use krilla::configure::{Accessibility, ConfigurationBuilder};
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::Metadata;
use krilla::outline::Outline;
use krilla::page::PageSettings;
use krilla::paint::Fill;
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, Identifier, SpanTag, TableHeaderScope, Tag, TagGroup, TagTree};
use krilla::text::{Font, TextDirection};
use krilla::{SerializeSettings, color::rgb};
use std::num::NonZeroU16;

struct Fonts {
    regular: Font,
    bold: Font,
}

/// The bytes of the PDF.
pub(super) fn draw(document: &Document, paper: Paper, _faces: &Faces, laid: &Laid) -> Result<Vec<u8>, String> {
    let font = |weight| Font::new(Faces::bytes(weight).to_vec().into(), 0).ok_or("the crate's own font cannot be read");
    let fonts = Fonts { regular: font(Weight::Regular)?, bold: font(Weight::Bold)? };
    let accessible = ConfigurationBuilder::new().with_accessibility_validator(Accessibility::UA1).finish();
    let configuration = accessible.map_err(|error| format!("{error:?}"))?;
    let settings = SerializeSettings { configuration, ..SerializeSettings::default() };
    let mut pdf = krilla::Document::new_with(settings);
    pdf.set_metadata(Metadata::new().title(document.title.clone()).language(document.language.clone()).creator("Habeas".to_owned()));
    pdf.set_outline(Outline::new());
    let (width, height) = paper.points();
    let mut leaves: Vec<Vec<Identifier>> = vec![Vec::new(); laid.tags.len()];
    for sheet in &laid.sheets {
        let mut page = pdf.start_page_with(PageSettings::from_wh(width, height).ok_or("a sheet has a size")?);
        let mut surface = page.surface();
        for piece in sheet {
            let leaf = draw_piece(&mut surface, &fonts, &document.language, piece);
            if let Some(tag) = piece.tag {
                leaves[tag].push(leaf);
            }
        }
        surface.finish();
        page.finish();
    }
    pdf.set_tag_tree(tree(laid, &mut leaves).with_lang(Some(document.language.clone())));
    pdf.finish().map_err(|error| format!("{error:?}"))
}

fn draw_piece(surface: &mut Surface<'_>, fonts: &Fonts, language: &str, piece: &Piece) -> Identifier {
    let content = match (&piece.what, piece.tag) {
        (_, None) => ContentTag::Artifact(Artifact::with_kind(ArtifactType::Footer)),
        (What::Line { .. }, Some(_)) => ContentTag::Span(SpanTag::empty().with_lang(Some(language))),
        (What::Bar(..) | What::Squares { .. }, Some(_)) => ContentTag::Other,
    };
    let leaf = surface.start_tagged(content);
    match &piece.what {
        What::Line { text, weight, size } => {
            let font = match weight {
                Weight::Regular => &fonts.regular,
                Weight::Bold => &fonts.bold,
            };
            surface.set_fill(Some(grey(0)));
            surface.draw_text(Point::from_xy(piece.x, piece.y), font.clone(), *size, text, false, TextDirection::LeftToRight);
        }
        What::Bar(width, height, shade) => {
            surface.set_fill(Some(grey(*shade)));
            fill(surface, &[(piece.x, piece.y, *width, *height)]);
        }
        What::Squares { side, dark, size } => {
            surface.set_fill(Some(grey(0)));
            fill(surface, &squares(piece, *side, dark, *size));
        }
    }
    surface.end_tagged();
    leaf
}

fn squares(piece: &Piece, side: usize, dark: &[bool], size: f32) -> Vec<(f32, f32, f32, f32)> {
    #[expect(clippy::cast_precision_loss, reason = "a QR code has at most 177 modules a side")]
    let place = |number: usize| number as f32;
    let module = size / place(side.max(1));
    let square = |index: usize| (piece.x + place(index % side) * module, piece.y + place(index / side) * module, module, module);
    dark.iter().enumerate().filter(|(_, dark)| **dark).map(|(index, _)| square(index)).collect()
}

fn fill(surface: &mut Surface<'_>, bars: &[(f32, f32, f32, f32)]) {
    let mut path = PathBuilder::new();
    for (x, y, width, height) in bars {
        if let Some(bar) = Rect::from_xywh(*x, *y, *width, *height) {
            path.push_rect(bar);
        }
    }
    if let Some(path) = path.finish() {
        surface.draw_path(&path);
    }
}

fn grey(shade: u8) -> Fill {
    Fill { paint: rgb::Color::new(shade, shade, shade).into(), ..Fill::default() }
}

/// The tree of tags, each with what is drawn for it and then the tags below it, in reading order.
fn tree(laid: &Laid, leaves: &mut [Vec<Identifier>]) -> TagTree {
    let mut groups: Vec<Option<TagGroup>> = laid
        .tags
        .iter()
        .zip(leaves)
        .map(|(tag, leaves)| {
            let mut group = group(&tag.role);
            leaves.drain(..).for_each(|leaf| group.push(leaf));
            Some(group)
        })
        .collect();
    // A tag stands after the one above it: from the last to the first, each is whole when it is hung up. Those below one tag are so met
    // in the wrong order, and are turned round before they are hung.
    let mut below: Vec<Vec<TagGroup>> = laid.tags.iter().map(|_| Vec::new()).collect();
    let mut roots = Vec::new();
    for place in (0..groups.len()).rev() {
        let mut group = groups[place].take().expect("each is taken once");
        std::mem::take(&mut below[place]).into_iter().rev().for_each(|child| group.push(child));
        match laid.tags[place].above {
            Some(above) => below[above].push(group),
            None => roots.push(group),
        }
    }
    let mut tree = TagTree::new();
    roots.into_iter().rev().for_each(|group| tree.push(group));
    tree
}

fn group(role: &Role) -> TagGroup {
    match role {
        Role::Heading(level, words) => TagGroup::new(Tag::Hn(NonZeroU16::new(*level).unwrap_or(NonZeroU16::MIN), Some(words.clone()))),
        Role::Paragraph => TagGroup::new(Tag::P),
        Role::Table => TagGroup::new(Tag::Table),
        Role::Row => TagGroup::new(Tag::TR),
        Role::Head => TagGroup::new(Tag::TH(TableHeaderScope::Column)),
        Role::RowHead => TagGroup::new(Tag::TH(TableHeaderScope::Row)),
        Role::Cell => TagGroup::new(Tag::TD),
        Role::Figure(words) => TagGroup::new(Tag::Figure(Some(words.clone()))),
    }
}
