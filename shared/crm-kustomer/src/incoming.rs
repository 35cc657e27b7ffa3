//! What happens there, done here. Our own writing that comes back is known by who wrote it, by the
//! app it names, by its external id, and by the links (kustomer.md §14.5).

use super::OURS;
use super::api::{
    APP, Envelope, Resource, done, gone, priority_from_kustomer, resource, status_from_kustomer,
    usable_tags,
};
use super::conversations::shared_tags;
use super::customers::is_older;
use super::sync::SyncContext;
use super::words::rating_of;
use common::http::{Error, Kind};
use common::ids::{ConversationId, CustomerId};
use common::time::SECOND;
use crm::local::{ConversationRow, ConversationState, Rating};
use crm::{Done, Failure, Named, agent_of, agents_put};
use messaging::conversations::{StateChange, conversation_apply_state};

/// How long names of people, teams and tags are remembered.
const NAMES_MICROS: i64 = 600 * SECOND;
/// Pages of names that are read.
const MAX_PAGES: usize = 10;

impl SyncContext<'_> {
    /// Applies an event of Kustomer.
    pub(super) async fn remote(&self) -> Result<Done, Failure> {
        let event = self.job.detail.as_deref().map(str::as_bytes);
        let Some(event) = event.and_then(Envelope::parse) else {
            return Ok(Done::Skipped("The event is unreadable."));
        };
        let remote = &event.data;
        if self.is_ours(remote, event.is_created()) {
            return Ok(Done::Skipped("It is our own writing."));
        }
        match (remote.kind.as_str(), event.is_created()) {
            ("message", true) => self.reply(remote).await,
            ("conversation", false) => self.conversation_changed(remote).await,
            ("customer", false) => self.customer_changed(remote).await,
            _ => Ok(Done::Skipped("Nothing is done for such an event.")),
        }
    }

    fn is_ours(&self, remote: &Resource, is_created: bool) -> bool {
        let by = if is_created {
            "createdBy"
        } else {
            "modifiedBy"
        };
        let us = self.client.integration.remote_user.as_deref();
        // Of a conversation the revision and what is known of it tell: who changed it last says
        // nothing of who did before.
        let tells = is_created || remote.kind != "conversation";
        let is_ours = tells && us.is_some() && remote.related(by).as_deref() == us;
        let is_of_app = is_created && remote.text("app").as_deref() == Some(APP);
        let is_of_key = is_created
            && remote.kind == "message"
            && remote
                .text("externalId")
                .is_some_and(|id| id.starts_with(OURS));
        is_ours || is_of_app || is_of_key
    }

    /// Copies a conversation's remote state to ours.
    async fn conversation_changed(&self, remote: &Resource) -> Result<Done, Failure> {
        let Some(link) = self
            .client
            .link_of_remote("conversation", &remote.id)
            .await?
        else {
            return Ok(Done::Skipped("The conversation is none of ours."));
        };
        if is_older(remote, &link) {
            return Ok(Done::Skipped("A newer revision is known."));
        }
        let id = ConversationId::unchecked(link.local_id.as_str());
        self.rated(&id, remote).await?;
        let Some(conversation) = self.client.conversation(&id).await? else {
            return Ok(Done::Skipped("The conversation is gone."));
        };
        let known = link
            .fingerprint
            .as_deref()
            .and_then(ConversationState::of_stored);
        let known = known.unwrap_or_else(|| conversation.state.clone());
        self.merge_remote(&conversation, remote, &known).await?;
        Ok(Done::Done)
    }

    /// Applies remote changes to fields that have not changed locally since both sides agreed, which is
    /// `known`. A local change is still to be written to the CRM, and wins.
    pub(super) async fn merge_remote(
        &self,
        conversation: &ConversationRow,
        remote: &Resource,
        known: &ConversationState,
    ) -> Result<(), Failure> {
        let seen = self.state_of(remote, known).await?;
        let local = &conversation.state;
        let shared = shared_tags(local);
        // Tags that they cannot have stay.
        let kept = local
            .tags
            .iter()
            .filter(|tag| !shared.contains(tag))
            .cloned();
        let desired: Vec<_> = kept.chain(seen.tags.iter().cloned()).collect();
        let tags = (shared == known.tags && shared != seen.tags).then_some(&desired);
        let tags = tags.map(serde_json::to_string).transpose();
        let mut state_change = StateChange {
            status: changed(&local.status, &known.status, &seen.status),
            priority: changed(&local.priority, &known.priority, &seen.priority),
            assignee: (local.assignee == known.assignee && local.assignee != seen.assignee)
                .then_some(seen.assignee.as_deref()),
            tags: tags.map_err(Error::internal)?,
        };
        let mut both = seen.clone();
        if state_change != StateChange::default()
            && let Err(error) =
                conversation_apply_state(self.cx, &conversation.id, &state_change).await
        {
            if error.kind() != Kind::Conflict {
                return Err(error.into());
            }
            // The customer has begun another conversation since, so that this one stays closed.
            state_change.status = None;
            both.status.clone_from(&local.status);
            if state_change != StateChange::default() {
                conversation_apply_state(self.cx, &conversation.id, &state_change).await?;
            }
        }
        self.link_conversation(&conversation.id, remote, &both)
            .await
    }

    async fn state_of(
        &self,
        remote: &Resource,
        known: &ConversationState,
    ) -> Result<ConversationState, Failure> {
        let status = remote.text("status");
        let status = status.as_deref().and_then(status_from_kustomer);
        // Theirs has no word for pending.
        let status = match (status, known.status.as_str()) {
            (Some("open"), "pending") => "pending",
            (Some(status), _) => status,
            (None, known) => known,
        };
        let priority = remote.integer("priority").and_then(priority_from_kustomer);
        let tags = remote.texts("tags");
        let tags = match tags.is_empty() {
            true => Vec::new(),
            false => self
                .tag_names(&tags)
                .await?
                .unwrap_or_else(|| known.tags.clone()),
        };
        let assignee = match remote.texts("assignedUsers").into_iter().next() {
            None => None,
            Some(id) => Some(self.user_address(&id).await?.unwrap_or(id)),
        };
        Ok(ConversationState {
            status: status.to_owned(),
            priority: priority.unwrap_or(&known.priority).to_owned(),
            assignee,
            tags,
        })
    }

    async fn rated(&self, local_id: &ConversationId, remote: &Resource) -> Result<(), Failure> {
        let Some(score) = rating_of(remote) else {
            return Ok(());
        };
        let at = remote
            .time("satisfactionLevel.updatedAt")
            .unwrap_or_else(|| self.now());
        let rating = Rating {
            score,
            comment: remote.text("satisfactionLevel.firstAnswer"),
            at,
        };
        self.client.rating_put(local_id, &rating).await
    }

    /// People there, as [[id, name, email], …]; read again where `anew`.
    pub(super) async fn users(&self, anew: bool) -> Result<Vec<Named>, Failure> {
        let list = self.names(
            "users",
            |user| {
                let name = user.text("displayName").or_else(|| user.text("name"));
                [Some(user.id.clone()), name, user.text("email")]
            },
            anew,
        );
        Ok(list.await?.unwrap_or_default())
    }

    async fn user_address(&self, id: &str) -> Result<Option<String>, Failure> {
        let users = self.users(false).await?;
        let found = users
            .into_iter()
            .find(|[known, ..]| known.as_deref() == Some(id));
        Ok(found.and_then(|[_, name, email]| email.or(name)))
    }

    /// Their ids of an assignee of ours: none for nobody; `None` for somebody whom they do not know.
    pub(super) async fn users_of(
        &self,
        assignee: Option<&str>,
    ) -> Result<Option<Vec<String>>, Failure> {
        let Some(assignee) = assignee else {
            return Ok(Some(Vec::new()));
        };
        let is_them = |known: &Option<String>| {
            known
                .as_deref()
                .is_some_and(|known| known.eq_ignore_ascii_case(assignee))
        };
        let users = self.users(false).await?;
        let found = users.into_iter().find(|user| user.iter().any(is_them));
        Ok(found.and_then(|[id, ..]| Some(vec![id?])))
    }

    /// Names of tags by their ids; `None` where they may not be read.
    async fn tag_names(&self, ids: &[String]) -> Result<Option<Vec<String>>, Failure> {
        let knows = |tags: &[Named]| {
            let is_known = |id: &String| tags.iter().any(|[known, ..]| known.as_ref() == Some(id));
            ids.iter().all(is_known)
        };
        let mut tags = self.tags(false).await?.unwrap_or_default();
        if !knows(&tags) {
            tags = self.tags(true).await?.unwrap_or_default();
        }
        // The name is unknown: better none than a wrong one.
        if !knows(&tags) {
            return Ok(None);
        }
        let name = |id: &String| {
            let found = tags.iter().find(|[known, ..]| known.as_ref() == Some(id));
            found.and_then(|[_, name, _]| name.clone())
        };
        Ok(Some(ids.iter().filter_map(name).collect()))
    }

    /// Ids of tags by their names, and the names of those that there are not; nothing of either where
    /// tags may not be read.
    pub(super) async fn tag_ids(
        &self,
        names: &[String],
    ) -> Result<(Vec<String>, Vec<String>), Failure> {
        let names: Vec<_> = usable_tags(names).into_iter().map(str::to_owned).collect();
        for anew in [false, true] {
            let Some(tags) = self.tags(anew).await? else {
                break;
            };
            let (ids, unknown) = ids_of(&tags, &names);
            if anew || unknown.is_empty() {
                return Ok((ids, unknown));
            }
        }
        Ok((Vec::new(), Vec::new()))
    }

    /// Makes tags; gives their ids. Their API makes tags on conversations alone (kustomer.md §8.3), so
    /// that one of the customer's has them for a moment.
    pub(super) async fn tags_make(
        &self,
        customer: &CustomerId,
        names: &[String],
    ) -> Result<Vec<String>, Failure> {
        let Some(mut link) = self.client.linked_conversation(customer).await? else {
            return Ok(Vec::new());
        };
        let now = self.now();
        let add = self.api.tags_add(&link.remote_id, names);
        let added = self.ask("add tags", add).await;
        match added.and_then(|answered| done(&answered, now).map(|()| answered)) {
            Ok(tagged) => link.rev = resource(&tagged, now).ok().and_then(|one| one.rev),
            Err(Failure::Forbidden { .. } | Failure::Invalid { .. } | Failure::NotFound) => {
                return Ok(Vec::new());
            }
            Err(failure) => return Err(failure),
        }
        let remove = self.api.tags_remove(&link.remote_id, names);
        match self.ask("remove tags", remove).await {
            // They stay on the conversation.
            Err(Failure::Forbidden { .. }) => {}
            answered => {
                let untagged = answered?;
                gone(&untagged, now)?;
                let rev = resource(&untagged, now).ok().and_then(|one| one.rev);
                link.rev = rev.max(link.rev);
            }
        }
        // Neither change is one of an agent's.
        let put = self.client.link_put("conversation", &link);
        self.client.batch(vec![put]).await?;
        let tags = self.tags(true).await?.unwrap_or_default();
        Ok(ids_of(&tags, names).0)
    }

    /// Tags there, as [[id, name, nothing], …]; none where they may not be read.
    async fn tags(&self, anew: bool) -> Result<Option<Vec<Named>>, Failure> {
        let read = |tag: &Resource| [Some(tag.id.clone()), tag.text("name"), None];
        self.names("tags", read, anew).await
    }

    /// What there is of a kind, remembered for a while; none where it may not be read.
    async fn names(
        &self,
        what: &'static str,
        read: fn(&Resource) -> [Option<String>; 3],
        anew: bool,
    ) -> Result<Option<Vec<Named>>, Failure> {
        if !anew && let Some(known) = self.client.names(what).await? {
            return Ok(Some(known));
        }
        let request = match what {
            "users" => self.api.users(None),
            _ => self.api.tags(),
        };
        let mut rows = Vec::new();
        let mut next = Some(request);
        for _ in 0..MAX_PAGES {
            let Some(request) = next.take() else { break };
            let page = match self.ask(what, request).await {
                Err(Failure::Forbidden { .. }) => return Ok(None),
                answered => super::api::resources(&answered?, self.now())?,
            };
            let is_live = |one: &&Resource| {
                let is_machine = one.text("userType").as_deref() == Some("machine");
                !one.is_true("deleted") && !is_machine
            };
            let live = page.items.iter().filter(is_live);
            rows.extend(live.map(read));
            next = page.next.map(|path| self.api.next(&path));
        }
        let mut statements = vec![self.client.names_put(what, &rows, NAMES_MICROS)?];
        if what == "users" {
            let agents: Vec<_> = rows.iter().filter_map(agent_of).collect();
            let connector = &self.client.integration.connector;
            statements.extend(agents_put(self.cx, connector, &agents)?);
        }
        self.client.batch(statements).await?;
        Ok(Some(rows))
    }
}

/// Ids of those names that are known, and the names that are not.
fn ids_of(known: &[Named], names: &[String]) -> (Vec<String>, Vec<String>) {
    let (mut ids, mut unknown) = (Vec::new(), Vec::new());
    for wanted in names {
        let found = known
            .iter()
            .find(|[_, name, _]| name.as_ref() == Some(wanted));
        match found.and_then(|[id, ..]| id.clone()) {
            Some(id) => ids.push(id),
            None => unknown.push(wanted.clone()),
        }
    }
    (ids, unknown)
}

/// The remote value, if only the remote side has changed.
fn changed<'a>(local: &str, known: &str, seen: &'a str) -> Option<&'a str> {
    (local == known && local != seen).then_some(seen)
}
