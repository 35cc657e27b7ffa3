use crate::begin::{Wanted, begin, conflict};
use crate::drive::{Drove, Mover};
use crate::place::{Picture, Step};
use crate::sizes::databases;
use crate::sql::MOVES_OPEN;
use crate::status::MoveStatus;
use common::Context;
use common::db::{Columns, Databases};
use common::http::{Error, Kind, Request, Response, Result};
use common::ids::is_id;
use std::cell::Cell;

/// The databases of the deployment, and in which of them a business is, below `/api/operator` (platform token).
///
/// - `GET databases`: 200 with how large each is, and how many businesses it has.
/// - `GET businesses/{id}/move`: 200 with where the business is, and its move where one is under way; 404.
/// - `POST businesses/{id}/move` `{to}`: begins to move it, or goes on, for some fifteen seconds at most: 200 as above. Whoever
///   asks repeats it until nothing is under way; the cron goes on in between. 404; 409 while it is being moved elsewhere,
///   where the databases differ, and for a copy that is not the same, with which the move is given up; 422.
/// - `POST businesses/{id}/move` `{to, continues}`: the same, and does not begin one that was given up meanwhile.
/// - `POST businesses/{id}/move` `{cancel}`: gives the move up, unless it is too late: 409.
///
/// 409 for a move in a deployment with one database.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    if request.route.operation == "operator_databases" {
        return Ok(Response::json(200, &databases(cx).await?));
    }
    let id = request.id.as_deref().filter(|id| is_id(id));
    let id = id.ok_or_else(no_business)?.to_ascii_lowercase();
    let one =
        || conflict("This deployment has one database: add another (docs/databases.md).".into());
    let several = cx.ports.databases.ok_or_else(one)?;
    let used = Cell::new(0);
    let mover = Mover::of(cx, several, &id, (&used, cx.time_now()));
    let picture = mover.picture().await?;
    let home = picture.existing_home()?;
    match request.route.operation {
        "business_move_get" => {
            let status = MoveStatus::of(cx, &id, home, &picture, false);
            Ok(Response::json(200, &status))
        }
        "business_move" => {
            let wanted = Wanted::read(request.text()?)?;
            let status = business_move(&mover, &picture, home, wanted).await?;
            Ok(Response::json(200, &status))
        }
        other => Err(Error::internal(format!("no operation {other}"))),
    }
}

async fn business_move(
    mover: &Mover<'_>,
    picture: &Picture,
    home: usize,
    wanted: Wanted,
) -> Result<MoveStatus> {
    match wanted {
        Wanted::To(to) => match picture.step() {
            // What an earlier move has left is cleared away first.
            Some(Step::DeleteLeft(..) | Step::DeleteCopied(..)) => {
                mover.drive().await?;
                begin(mover, &mover.picture().await?, home, to).await?;
            }
            _ => begin(mover, picture, home, to).await?,
        },
        Wanted::Continued => {}
        Wanted::Cancelled => cancel(mover, picture).await?,
    }
    let drove = mover.drive().await?;
    let picture = mover.picture().await?;
    let home = picture.existing_home()?;
    let mut status = MoveStatus::of(
        mover.cx,
        mover.business,
        home,
        &picture,
        drove == Drove::Elsewhere,
    );
    status.closed_ms = mover.closed_ms.get();
    Ok(status)
}

/// Gives up the move that is under way; what was copied is then deleted.
async fn cancel(mover: &Mover<'_>, picture: &Picture) -> Result<()> {
    let Some(Step::Move(from, _)) = picture.step() else {
        return Ok(());
    };
    match mover.cancel(from, None).await? {
        true => Ok(()),
        false => Err(conflict(
            "The copy is whole: the move can no longer be given up.".into(),
        )),
    }
}

/// 404.
#[track_caller]
fn no_business() -> Error {
    Error::new(Kind::NotFound, "There is no such business.")
}

/// Goes on with moves that nobody else goes on with, and gives up those that do not get on for five minutes while their business
/// is closed.
///
/// A move that fails is noted, and does not hinder the others.
pub async fn each_minute(cx: &Context<'_>, _: &str) -> Result<()> {
    let Some(several) = cx.ports.databases else {
        return Ok(());
    };
    let (used, began) = (Cell::new(0), cx.time_now());
    let mut failures = Vec::new();
    for business in under_way(cx, several).await? {
        let mover = Mover::of(cx, several, &business, (&used, began));
        if mover.is_over() {
            break;
        }
        if let Err(error) = mover.look_after().await {
            failures.push(error.cause().unwrap_or_else(|| error.code().to_owned()));
        }
    }
    match failures.is_empty() {
        true => Ok(()),
        false => Err(Error::internal(failures.join("; "))),
    }
}

/// The businesses that something is left to do of.
async fn under_way(cx: &Context<'_>, several: &dyn Databases) -> Result<Vec<String>> {
    let asked = [MOVES_OPEN.bind(Vec::new())];
    let mut businesses = Vec::new();
    for number in 0..several.count() {
        // What is in one that is away is looked after once it is back.
        let rows = several
            .batch_in(number, &asked)
            .await
            .unwrap_or_else(|error| {
                cx.note(format!("database {number} is away: {error}"));
                Vec::new()
            });
        for row in rows.into_iter().flatten() {
            let business = Columns::of(&row).text("business_id")?;
            if !businesses.contains(&business) {
                businesses.push(business);
            }
        }
    }
    Ok(businesses)
}
