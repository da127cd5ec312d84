//! A document as one self-contained page.

use crate::{Block, Document};
use std::fmt::Write as _;

const STYLE: &str = "\
:root{color-scheme:light dark}\
body{font:1rem/1.5 'Noto Sans',system-ui,sans-serif;max-inline-size:46rem;margin:2rem auto;padding:0 1rem}\
h2{border-block-end:2px solid;margin-block-start:2rem}h3{margin-block:1.25rem .25rem;font-size:1rem}p{margin-block:.25rem}\
dl{display:grid;grid-template-columns:minmax(8rem,14rem) 1fr;gap:.125rem 1rem;margin:0}dt{opacity:.8}dd{margin:0;overflow-wrap:anywhere}\
table{border-collapse:collapse;inline-size:100%}\
th,td{text-align:start;vertical-align:top;padding:.25rem .75rem .25rem 0;border-block-end:1px solid #888}\
.alert{border-inline-start:.375rem solid #b3261e;padding-inline-start:.75rem;font-weight:700}\
pre{white-space:pre-wrap;overflow-wrap:anywhere}footer{margin-block-start:2rem;border-block-start:1px solid #888;opacity:.8}\
svg{inline-size:12rem;block-size:12rem;background:#fff}\
@media print{body{margin:0;max-inline-size:none}h2,h3{break-after:avoid}dl,tr,.alert{break-inside:avoid}}";

/// Writes a document as one page of HTML that needs nothing beside it, no script and no network.
#[must_use]
pub fn html(document: &Document) -> String {
    let title = escaped(&document.title);
    let mut out = format!(
        "<!doctype html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title}</title><style>{STYLE}</style></head>\n<body><main><h1>{title}</h1>\n",
        escaped(&document.language)
    );
    for block in &document.blocks {
        write_block(&mut out, block);
    }
    let _ = writeln!(out, "</main><footer>{}</footer></body></html>", escaped(&document.foot));
    out
}

fn write_block(out: &mut String, block: &Block) {
    let _ = match block {
        Block::Section(head) => writeln!(out, "<h2>{}</h2>", escaped(head)),
        Block::Part(head) => writeln!(out, "<h3>{}</h3>", escaped(head)),
        Block::Text(said) => writeln!(out, "<p>{}</p>", escaped(said)),
        Block::Alert(said) => writeln!(out, "<p class=\"alert\">{}</p>", escaped(said)),
        Block::Lines(said) => writeln!(out, "<pre>{}</pre>", escaped(said)),
        Block::Facts(facts) => {
            let said: String = facts.iter().map(|(name, said)| format!("<dt>{}</dt><dd>{}</dd>", escaped(name), escaped(said))).collect();
            writeln!(out, "<dl>{said}</dl>")
        }
        Block::Table { heads, rows } => {
            let heads: String = heads.iter().map(|head| format!("<th scope=\"col\">{}</th>", escaped(head))).collect();
            let rows: String = rows
                .iter()
                .map(|row| format!("<tr>{}</tr>", row.iter().map(|cell| format!("<td>{}</td>", escaped(cell))).collect::<String>()))
                .collect();
            writeln!(out, "<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>")
        }
        Block::Bars { title, bars } => {
            let row = |(place, bar): (usize, &crate::Bar)| {
                let (y, width) = (place * 20, u32::from(bar.length) * 3 / 10);
                let (name, said) = (escaped(&bar.name), escaped(&bar.said));
                format!(
                    "<text x=\"240\" y=\"{0}\" text-anchor=\"end\">{name}</text><rect x=\"246\" y=\"{y}\" width=\"{width}\" height=\"14\"/>\
                     <text x=\"{1}\" y=\"{0}\">{said}</text>",
                    y + 12,
                    252 + width
                )
            };
            let drawn: String = bars.iter().enumerate().map(row).collect();
            writeln!(
                out,
                "<figure><figcaption>{}</figcaption>\
                 <svg role=\"img\" aria-label=\"{}\" viewBox=\"0 0 660 {}\" font-size=\"12\">{drawn}</svg>\
                 </figure>",
                escaped(title),
                escaped(&crate::bars_told(title, bars)),
                bars.len() * 20
            )
        }
        Block::Squares { alt, side, dark } => {
            let squares: String = dark
                .iter()
                .enumerate()
                .filter(|(_, dark)| **dark)
                .map(|(place, _)| format!("M{} {}h1v1h-1z", place % (*side).max(1), place / (*side).max(1)))
                .collect();
            let alt = escaped(alt);
            writeln!(
                out,
                "<svg role=\"img\" aria-label=\"{alt}\" viewBox=\"-4 -4 {0} {0}\" shape-rendering=\"crispEdges\">\
                 <path d=\"{squares}\"/></svg>",
                side + 8
            )
        }
    };
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
