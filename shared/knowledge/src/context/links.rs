use super::sql::LINKS_SEARCHED;
use crate::link::LinkChannel;
use common::Context;
use common::db::Columns;
use common::http::Error;
use common::ids::LinkId;
use std::collections::BTreeMap;

/// For whose answers something is asked.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asking<'a> {
    /// A page; all of the business's where absent.
    pub page_id: Option<&'a str>,
    /// A channel; all where absent.
    pub channel: Option<LinkChannel>,
    /// These links alone, where there are any.
    pub links: &'a [LinkId],
}

/// A link, as hits name it.
#[derive(Debug, Clone)]
pub struct LinkName {
    /// Its id.
    pub id: LinkId,
    /// Its name.
    pub name: String,
}

/// The links that are searched: those that are on.
#[derive(Debug, Default)]
pub struct Links(Vec<LinkName>);

impl Links {
    /// Those that are on for what is asked.
    ///
    /// # Errors
    /// 503 where the database is away.
    pub async fn of(cx: &Context<'_>, asking: &Asking<'_>) -> Result<Self, Error> {
        let read = LINKS_SEARCHED.bind(vec![cx.business_id().into(), asking.page_id.into()]);
        let mut links = Vec::new();
        for row in cx.db.rows(read).await? {
            let mut columns = Columns::of(&row);
            let id: LinkId = columns.id("id")?;
            let name = columns.text("name")?;
            columns.str("page_id")?;
            let channels: BTreeMap<LinkChannel, bool> =
                serde_json::from_str(columns.str("channels")?).map_err(Error::internal)?;
            let is_on = match asking.channel {
                Some(channel) => channels.get(&channel).copied().unwrap_or_default(),
                None => channels.values().any(|is_on| *is_on),
            };
            let is_meant = asking.links.is_empty() || asking.links.contains(&id);
            if is_on && is_meant {
                links.push(LinkName { id, name });
            }
        }
        Ok(Self(links))
    }

    /// Their ids.
    #[must_use]
    pub fn ids(&self) -> Vec<LinkId> {
        self.0.iter().map(|link| link.id.clone()).collect()
    }

    /// The name of one.
    #[must_use]
    pub fn name_of(&self, id: &LinkId) -> &str {
        let link = self.0.iter().find(|link| link.id == *id);
        link.map_or("", |link| &link.name)
    }
}
