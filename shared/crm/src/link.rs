//! Links: which remote record belongs to which local one.

use super::CrmClient;
use super::failure::Failure;
use super::sql::{LINK_DELETE, LINK_GET, LINK_OF_REMOTE, LINK_PUT};
use common::db::{Columns, Sql, Statement};

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
