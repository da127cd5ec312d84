//! The plan for others: as tables, JSON, a page, a calendar; and edited tables back, all of them or nothing.

use super::plan::{self, Filter};
use super::upload::Upload;
use crate::account::Visitor;
use crate::desk::Desk;
use crate::error::{Answer, DeskError};
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect};
use habeas_review::ReviewError;
use habeas_review::tracker::tables::{self, Table};
use habeas_review::tracker::{calendar, page};

/// The plan as a file, for everybody.
pub async fn export(State(desk): State<Desk>, _visitor: Visitor, Path(form): Path<String>) -> Answer {
    let asked = form.clone();
    let (kind, bytes) = desk
        .work(move |desk| {
            let (_, plan) = desk.plan()?;
            let now = desk.now();
            let today = desk.codebook.almanac.date(now).to_string();
            match asked.as_str() {
                "plan.zip" => Ok(("application/zip", tables::archive(&tables::export(&plan)))),
                "plan.json" => Ok(("application/json", format!("{:#}\n", plan.json()).into_bytes())),
                "plan.html" => Ok(("text/html; charset=utf-8", page::page(&plan, &today).into_bytes())),
                "plan.ics" => Ok(("text/calendar; charset=utf-8", calendar::calendar(&plan, &now.timestamp().to_string()).into_bytes())),
                _ => Err(DeskError::Absent),
            }
        })
        .await?;
    let named = format!("attachment; filename=\"{form}\"");
    Ok(([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, named)], bytes).into_response())
}

/// Edited tables: what was changed in them is entered. Where a row is wrong nothing is, and its file, line and column are told.
pub async fn take(State(desk): State<Desk>, visitor: Visitor, request: Request) -> Answer {
    let who = visitor.signed_in.clone().ok_or(DeskError::NotSignedIn)?;
    let sent = Upload::read(request).await?;
    who.made(&sent.form_token)?;
    desk.must_keep_the_plan(&who)?;
    let taken = desk.work(move |desk| {
        let given = match read(sent.files) {
            Ok(given) => given,
            Err(error) => return Ok(Err(error.to_string())),
        };
        let mut wrong = None;
        let entered = desk.enter(&who, |plan, entering| {
            tables::import(plan, &given, entering).map_err(|error| {
                wrong = Some(error.to_string());
                plan::UNFIT
            })
        });
        match (entered, wrong) {
            (_, Some(why)) => Ok(Err(why)),
            (entered, None) => Ok(Ok(entered?.len())),
        }
    });
    match taken.await? {
        Ok(changes) => Ok(Redirect::to(&format!("/plan?changes={changes}")).into_response()),
        Err(why) => {
            let page = plan::shown(&desk, &visitor, Filter::refusing(why)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

fn read(files: Vec<(String, Vec<u8>)>) -> Result<Vec<Table>, ReviewError> {
    let mut given = Vec::new();
    for (name, bytes) in files {
        given.extend(tables::of_file(&name, bytes)?);
    }
    if given.is_empty() {
        let problem = "found no file; choose the archive of the export, or tables out of it".to_owned();
        return Err(ReviewError::Line { place: "upload".to_owned(), problem });
    }
    Ok(given)
}
