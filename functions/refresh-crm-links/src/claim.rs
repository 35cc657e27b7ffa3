use crate::erased::Erased;
use crate::progress::Progress;
use crate::sql::{ERASED_ANY, LINK_CLAIM, REGION_GET};
use common::Context;
use common::db::Columns;
use common::http::Result;
use common::ids::LinkId;
use common::time::SECOND;
use knowledge::link::{Link, LinkSecrets};
use knowledge::source::Validators;

/// How long nobody else works on a link. An invocation asks no more pages after [`RUN`](crate::run), and a page takes
/// 20 seconds at most.
const LEASE: i64 = 120 * SECOND;

/// What is to be done for a link.
pub(crate) enum Claim {
    /// It was deleted.
    Deleted,
    /// Records are pushed to it.
    Pushed(Box<Claimed>),
    /// It is to be fetched.
    Due(Box<Claimed>),
}

/// A link that is worked on by nobody else.
pub(crate) struct Claimed {
    pub(crate) link: Link,
    pub(crate) secrets: LinkSecrets,
    /// When the lease ends, by which it is known.
    pub(crate) lease: i64,
    /// When it was due.
    pub(crate) due: i64,
    /// A fetch that goes on.
    pub(crate) progress: Option<Progress>,
    pub(crate) validators: Option<Validators>,
    /// Behind which key what was pushed is to be made again.
    pub(crate) remade_after: Option<String>,
    /// The business's region, for national phone numbers.
    pub(crate) region: String,
    /// Whose records are left out.
    pub(crate) erased: Erased,
}

/// Claims a link, if something of it is due and nobody works on it.
pub(crate) async fn claim(cx: &Context<'_>, id: &LinkId) -> Result<Option<Claim>> {
    let now = cx.time_now().micros();
    let lease = now + LEASE;
    let claim = LINK_CLAIM.bind(vec![
        cx.business_id().into(),
        id.into(),
        now.into(),
        lease.into(),
    ]);
    let region = REGION_GET.bind(vec![cx.business_id().into()]);
    let erased = ERASED_ANY.bind(vec![cx.business_id().into()]);
    let statements = vec![claim, region, erased];
    let mut results = cx.db.batch(statements).await?.into_iter();
    let Some(row) = results.next().unwrap_or_default().into_iter().next() else {
        return Ok(None);
    };
    let region = results.next().unwrap_or_default().into_iter().next();
    let region = region.map(|row| Columns::of(&row).text("default_region"));
    let erased = results.next().unwrap_or_default().into_iter().next();
    let erased = erased.map(|row| Columns::of(&row).text_or_null("name"));
    let is_any_erased = erased.transpose()?.flatten().is_some();
    let mut columns = Columns::of(&row);
    let link = Link::of_columns(&mut columns)?;
    let progress = columns.str_or_null("progress")?;
    let validators = columns.str_or_null("validators")?;
    let remade_after = columns.text_or_null("remade_after")?;
    if columns.time_or_null("deleted_at")?.is_some() {
        return Ok(Some(Claim::Deleted));
    }
    let claimed = Box::new(Claimed {
        secrets: link.open(cx)?,
        lease,
        due: link.fetch_at.map_or(now, |at| at.micros()),
        // What another build wrote is begun anew.
        progress: progress.and_then(|json| serde_json::from_str(json).ok()),
        validators: validators.and_then(|json| serde_json::from_str(json).ok()),
        remade_after,
        region: region.transpose()?.unwrap_or_default(),
        erased: Erased::of(cx, is_any_erased).await?,
        link,
    });
    Ok(Some(match claimed.link.kind.is_fetched() {
        true => Claim::Due(claimed),
        false => Claim::Pushed(claimed),
    }))
}

impl Claimed {
    /// Whether a fetch that was begun is of what is set now.
    pub(crate) fn goes_on(&self) -> bool {
        let of_now = |progress: &Progress| progress.revision == self.link.revision;
        self.progress.as_ref().is_some_and(of_now)
    }
}
