//! At which stage a customer's leads are, shown at their contacts.

use super::SyncContext;
use super::contacts::written;
use super::sql::{SOURCE_CONTACTS_OF, SOURCE_STAGE_PUT, SOURCE_STAGES};
use common::db::Columns;
use common::ids::CustomerId;
use common::json::tolerant::text;
use common::json::writer::JsonWriter;
use crm::{Done, Failure};

impl SyncContext<'_> {
    /// A lead came to another stage: that is remembered, and written at the customer's contacts.
    pub(super) async fn stage(&self) -> Result<Done, Failure> {
        let detail = self.job.detail_object();
        let field = |name: &str| text(&detail, name).filter(|value| !value.is_empty());
        let crm = field("connector").zip(field("stage"));
        let Some((customer, (connector, stage))) = field("customer_id").zip(crm) else {
            return Ok(Done::Skipped("The event tells no stage."));
        };
        let id = CustomerId::unchecked(customer.as_str());
        let put = SOURCE_STAGE_PUT.bind(vec![
            self.cx.business_id().into(),
            connector.into(),
            (&id).into(),
            stage.into(),
            self.job.ordered_at.into(),
            self.client.now().into(),
        ]);
        self.client.batch(vec![put]).await?;
        let stages = self.stages_of(&id).await?;
        let params = vec![self.cx.business_id().into(), (&id).into()];
        let rows = self.client.rows(SOURCE_CONTACTS_OF.bind(params)).await?;
        if rows.is_empty() || stages.is_empty() {
            return Ok(Done::Skipped("The customer is at no source."));
        }
        let keys: Vec<_> = stages.iter().map(|(key, _)| key.clone()).collect();
        for row in &rows {
            let mut columns = Columns::of(row);
            let (channel, contact) = (columns.text("channel_id")?, columns.text("remote_id")?);
            let Some(account) = self.account(&channel).await? else {
                continue;
            };
            self.define(&account, &keys).await?;
            let body = JsonWriter::default().json("custom_attributes", &written(&stages));
            let request = account.api.contact_update(&contact, body.finish());
            match self.ask(&account, "contact update", request).await {
                Ok(_) => {}
                Err(Failure::NotFound) => {
                    // The contact that took its place is written to next.
                    if self.merged(&account, &contact).await? == Done::Done {
                        return Ok(Done::Deferred(self.client.now()));
                    }
                }
                Err(failure) => return Err(failure),
            }
        }
        Ok(Done::Done)
    }

    /// The attributes that say at which stage the customer's leads are: `<connector>_lead_stage`.
    pub(super) async fn stages_of(
        &self,
        id: &CustomerId,
    ) -> Result<Vec<(String, String)>, Failure> {
        let params = vec![self.cx.business_id().into(), id.into()];
        let rows = self.client.rows(SOURCE_STAGES.bind(params)).await?;
        let mut stages = Vec::with_capacity(rows.len());
        for row in &rows {
            let mut columns = Columns::of(row);
            let attribute = [&columns.text("connector")?, "_lead_stage"].concat();
            stages.push((attribute, columns.text("stage")?));
        }
        Ok(stages)
    }
}
