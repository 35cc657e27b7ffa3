//! Copies files from our store to Kustomer's.

use super::api::{AttachmentRef, upload, upload_of, uploaded};
use super::sync::SyncContext;
use crm::Failure;
use crm::local::AttachmentRow;

impl SyncContext<'_> {
    /// Leaves a file there; none where its bytes are not here, or they will not have it.
    pub(super) async fn attach(
        &self,
        file: &AttachmentRow,
    ) -> Result<Option<AttachmentRef>, Failure> {
        if file.state != "ready" {
            return Ok(None);
        }
        let key = [self.cx.business_id(), "/", file.id.as_str()].concat();
        let bytes = self.cx.ports.blobs.get(&key).await;
        let Some(bytes) = bytes.map_err(Failure::Away)? else {
            return Ok(None);
        };
        let length = u64::try_from(bytes.len()).unwrap_or_default();
        let create = self
            .api
            .attachment_create(&file.filename, &file.mime_type, length);
        let answered = self.ask("create attachment", create).await?;
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
}
