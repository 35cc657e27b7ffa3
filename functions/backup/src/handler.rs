use crate::files::{file_get, file_put};
use crate::manifest::manifest;
use crate::read::{Place, page};
use crate::write::restore;
use common::Context;
use common::http::{Error, Request, Response, Result};

/// What a page of rows is: a JSON text on each line.
const NDJSON: &str = "application/x-ndjson";
/// What a file is.
const BYTES: &str = "application/octet-stream";

/// What `tieline backup` and `tieline restore` call, below `/api/operator` (platform token). The routes are between the
/// program and this Worker, and may change with them.
///
/// 1. `GET backup`: answers 200 with what a backup is of: the schema, the ids of the master keys, the tables, and a page
///    of businesses. 404 for a business that there is not.
/// 2. `GET backup/rows`: answers 200 with the next rows of a business, of whichever tables they are, at most some 2 MB; the
///    last line says where the next page begins. Without a business, what is the deployment's own.
/// 3. `GET backup/file`: answers 200 with the bytes of a file that such a page named, 404 where they are gone.
/// 4. `POST restore/rows`: stores the rows of a page in one transaction, each unless there is one of its key. Answers 200
///    with how many there are now, and how many differ from those that came. 422 for a table or a column that this
///    deployment lacks; 409 for a secret under a master key that it lacks, and for a row that contradicts another's.
/// 5. `PUT restore/file`: stores the bytes of a file; answers 204. The row that names it comes first.
///
/// With `x-backup-key`, 32 bytes in base64, secrets are sealed under that key when they leave, and may be when they come.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    match request.route.operation {
        // 1.
        "backup_manifest" => Ok(Response::json(200, &manifest(cx, &request.query).await?)),

        // 2.
        "backup_rows" => {
            let page = page(cx, Place::of(&request.query)?).await?;
            Ok(Response::content(200, NDJSON, page))
        }

        // 3.
        "backup_file" => {
            let bytes = file_get(cx, &request.query).await?;
            Ok(Response::content(200, BYTES, bytes))
        }

        // 4.
        "restore_rows" => Ok(Response::json(200, &restore(cx, &request).await?)),

        // 5.
        "restore_file" => {
            file_put(cx, &request).await?;
            Ok(Response::empty(204))
        }
        other => Err(Error::internal(format!("no operation {other}"))),
    }
}
