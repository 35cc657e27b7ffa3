//! Links: which remote record belongs to which local one.

use super::CrmClient;
use super::failure::Failure;
use super::sql::{LINK_DELETE, LINK_GET, LINK_OF_REMOTE, LINK_PUT, LINKS_OF_REMOTE};
use common::db::{Columns, Sql, Statement};
use common::http::Error;

/// A thing that both sides have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Link {
    /// Our id.
    pub local_id: String,
    /// Theirs.
    pub remote_id: String,
    /// The newest remote revision seen.
    pub rev: Option<i64>,
    /// Of what both sides had when we last wrote or read it: what is the same still needs nothing.
    pub fingerprint: Option<String>,
    /// When they were linked, by our clock in microseconds; of a new link 0 for now.
    pub created_at: i64,
}

impl CrmClient<'_> {
    /// The remote record of a local one.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn link(&self, kind: &'static str, local_id: &str) -> Result<Option<Link>, Failure> {
        self.find(&LINK_GET, kind, local_id).await
    }

    /// The local record of a remote one.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn link_of_remote(
        &self,
        kind: &'static str,
        remote_id: &str,
    ) -> Result<Option<Link>, Failure> {
        self.find(&LINK_OF_REMOTE, kind, remote_id).await
    }

    /// The local records of remote ones, of those that are linked.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn links_of_remote(
        &self,
        kind: &'static str,
        remote_ids: &[&str],
    ) -> Result<Vec<Link>, Failure> {
        if remote_ids.is_empty() {
            return Ok(Vec::new());
        }
        let ids = serde_json::to_string(remote_ids).map_err(Error::internal)?;
        let params = self.named([kind, ids.as_str()]);
        let mut links = Vec::new();
        for row in &self.rows(LINKS_OF_REMOTE.bind(params)).await? {
            let mut columns = Columns::of(row);
            links.push(Link {
                remote_id: columns.text("remote_id")?,
                local_id: columns.text("local_id")?,
                rev: columns.integer_or_null("rev")?,
                fingerprint: columns.text_or_null("fingerprint")?,
                created_at: columns.integer("created_at")?,
            });
        }
        Ok(links)
    }

    async fn find(
        &self,
        sql: &'static Sql,
        kind: &'static str,
        id: &str,
    ) -> Result<Option<Link>, Failure> {
        let rows = self.rows(sql.bind(self.named([kind, id]))).await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        let mut columns = Columns::of(row);
        Ok(Some(Link {
            local_id: columns.text("local_id")?,
            remote_id: columns.text("remote_id")?,
            rev: columns.integer_or_null("rev")?,
            fingerprint: columns.text_or_null("fingerprint")?,
            created_at: columns.integer("created_at")?,
        }))
    }

    /// The statement that remembers a link; a fingerprint that is not given stays.
    #[must_use]
    pub fn link_put(&self, kind: &'static str, link: &Link) -> Statement {
        let mut params = self.named([kind, &link.local_id]);
        params.extend([
            link.remote_id.as_str().into(),
            link.rev.into(),
            link.fingerprint.as_deref().into(),
            self.now().into(),
            Some(link.created_at).filter(|at| *at > 0).into(),
        ]);
        LINK_PUT.bind(params)
    }

    /// Forgets a link whose other side is gone.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn unlink(&self, kind: &'static str, local_id: &str) -> Result<(), Failure> {
        self.rows(LINK_DELETE.bind(self.named([kind, local_id])))
            .await?;
        Ok(())
    }
}
