//! Copies files between our store and Kustomer's.

use super::api::{AttachmentRef, TIMEOUT_MS, file_of, upload, upload_of, uploaded};
use super::sync::SyncContext;
use common::http::Error;
use common::in_flight::hold;
use common::ports::OutboundRequest;
use crm::Failure;
use crm::local::AttachmentRow;
use messaging::attachments::{MAX_MEDIA_BYTES, attachment_store, blob_key, bytes_get};

impl SyncContext<'_> {
    /// Leaves a file there; none where its bytes are not here, or they will not have it.
    pub(super) async fn attach(
        &self,
        file: &AttachmentRow,
    ) -> Result<Option<AttachmentRef>, Failure> {
        if file.state != "ready" {
            return Ok(None);
        }
        let key = blob_key(self.cx.business_id(), file.id.as_str());
        let _held = hold(file.size.unwrap_or(MAX_MEDIA_BYTES), self.cx.time_now())?;
        let Some(bytes) = bytes_get(self.cx, &key, file.size).await? else {
            return Ok(None);
        };
        let length = u64::try_from(bytes.len()).unwrap_or_default();
        let create = self
            .api
            .attachment_create(&file.filename, &file.mime_type, length);
        let answered = match self.ask("create attachment", create).await {
            Err(Failure::Forbidden { .. }) => return Ok(None),
            answered => answered?,
        };
        let made = match upload_of(&self.cx.ports, &answered, self.now()) {
            Err(Failure::Invalid { .. } | Failure::Forbidden { .. }) => return Ok(None),
            made => made?,
        };
        let (attachment, form) = made;
        if let Some(form) = form {
            let request = upload(&form, &file.filename, &file.mime_type, &bytes);
            let answered = self.ask("upload attachment", request).await?;
            match uploaded(&answered, self.now()) {
                Err(Failure::Invalid { .. }) => return Ok(None),
                done => done?,
            }
        }
        let reference = AttachmentRef::new(attachment.id, &file.filename, &file.mime_type, length);
        Ok(Some(reference))
    }

    /// Stores a file of an agent's message here, by the name and the type of its record, since the
    /// link to its bytes ends within minutes. Our id of it, or why it cannot be sent.
    pub(super) async fn file_store(
        &self,
        message: &str,
        id: &str,
    ) -> Result<Result<String, String>, Failure> {
        let request = self.api.attachment_of_message(message, id);
        let found = match self.ask("attachment", request).await {
            Ok(answered) => file_of(&self.cx.ports, &answered, self.now()),
            Err(failure) => Err(failure),
        };
        let (record, url) = match found {
            Ok(found) => found,
            Err(
                failure @ (Failure::Forbidden { .. } | Failure::NotFound | Failure::Invalid { .. }),
            ) => return Ok(Err(failure.message().to_owned())),
            Err(failure) => return Err(failure),
        };
        let name = record.text("name").unwrap_or_else(|| "file".to_owned());
        let request = OutboundRequest {
            method: "GET",
            url: url.as_str().to_owned(),
            headers: Vec::new(),
            body: None,
            timeout_ms: TIMEOUT_MS,
            max_bytes: MAX_MEDIA_BYTES,
            ..OutboundRequest::default()
        };
        // The storage is none of the CRM's, and not of its budget.
        let away = || Failure::Away(Error::unavailable("the storage of files is away"));
        let Ok(file) = self.cx.ports.http.fetch(request).await else {
            return Err(away());
        };
        match file.status {
            200 if file.is_cut => Ok(Err(format!("{name} is too large."))),
            200 => {
                let mime_type = record.text("contentType");
                let origin = ["kustomer", id];
                let stored =
                    attachment_store(self.cx, origin, &name, mime_type.as_deref(), &file.body);
                Ok(stored.await?.ok_or_else(|| format!("{name} is too large.")))
            }
            408 | 429 | 500.. => Err(away()),
            status => Ok(Err(format!("{name} could not be read: status {status}."))),
        }
    }
}
