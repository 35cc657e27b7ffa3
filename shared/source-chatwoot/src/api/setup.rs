//! What connecting an account asks, and what the answers say (chatwoot.md §3).

use super::{Api, dashboard_app, webhook};
use crate::webhook::Channel;
use common::json::raw::{list, object};
use common::json::tolerant::{Object, child, objects, text};
use common::ports::OutboundRequest;

/// Who speaks by a token in an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The account's name.
    pub account: Option<String>,
    /// The agent's address.
    pub email: Option<String>,
    /// `administrator` or `agent`, or one of the account's own.
    pub role: Option<String>,
}

impl Member {
    /// Reads a profile; `None` where whose it is does not belong to the account.
    #[must_use]
    pub fn of(profile: &str, account_id: &str) -> Option<Self> {
        let profile = object(profile)?;
        let accounts = objects(&profile, "accounts");
        let is_it = |one: &&Object<'_>| text(one, "id").as_deref() == Some(account_id);
        let account = accounts.iter().find(is_it)?;
        Some(Self {
            account: text(account, "name"),
            email: text(&profile, "email"),
            role: text(account, "role"),
        })
    }
}

/// The inboxes of a list, each by its id, its name and its channel here: `7 Website (web)`.
#[must_use]
pub fn inbox_labels(listed: &str) -> Vec<String> {
    let page = object(listed).unwrap_or_default();
    let labels = objects(&page, "payload").into_iter().filter_map(|inbox| {
        let class = text(&inbox, "channel_type").unwrap_or_default();
        let medium = text(&inbox, "medium");
        let address = medium.filter(|medium| medium == "whatsapp");
        let address = address.map(|medium| [&medium, ":"].concat());
        let channel = Channel::of(&class, address.as_deref(), None).as_str();
        let name = text(&inbox, "name").unwrap_or_default();
        Some(format!("{} {name} ({channel})", text(&inbox, "id")?))
    });
    labels.collect()
}

/// A webhook as the API shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Its id.
    pub id: String,
    /// Where it calls.
    pub url: String,
    /// What signs its deliveries; servers before 4.11.2 have none.
    pub secret: Option<String>,
}

impl std::fmt::Debug for Webhook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Webhook({})", self.id)
    }
}

impl Webhook {
    /// Those of a list.
    #[must_use]
    pub fn listed(answer: &str) -> Vec<Self> {
        let page = object(answer).unwrap_or_default();
        let webhooks = objects(&child(&page, "payload"), "webhooks");
        webhooks.iter().filter_map(Self::read).collect()
    }

    /// The one that was made or changed.
    #[must_use]
    pub fn of(answer: &str) -> Option<Self> {
        let page = object(answer)?;
        Self::read(&child(&child(&page, "payload"), "webhook"))
    }

    fn read(webhook: &Object<'_>) -> Option<Self> {
        Some(Self {
            id: text(webhook, "id")?,
            url: text(webhook, "url")?,
            secret: text(webhook, "secret"),
        })
    }
}

/// A page of others that stands beside the conversations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DashboardApp {
    /// Its id.
    pub id: String,
    /// What its frame shows.
    pub url: String,
}

impl DashboardApp {
    /// Those of a list, of which the first frame counts.
    #[must_use]
    pub fn listed(answer: &str) -> Vec<Self> {
        let apps = list(answer).unwrap_or_default().into_iter();
        let read = |app: &str| {
            let app = object(app)?;
            let frames = objects(&app, "content");
            Some(Self {
                id: text(&app, "id")?,
                url: text(frames.first()?, "url")?,
            })
        };
        apps.filter_map(read).collect()
    }
}

impl Api {
    /// Its dashboard apps.
    #[must_use]
    pub fn dashboard_apps(&self) -> OutboundRequest {
        self.get("/dashboard_apps")
    }

    /// Makes a dashboard app.
    #[must_use]
    pub fn dashboard_app_create(&self, title: &str, url: &str) -> OutboundRequest {
        self.write("POST", "/dashboard_apps", dashboard_app(title, url))
    }

    /// Gives a dashboard app another page.
    #[must_use]
    pub fn dashboard_app_update(&self, id: &str, title: &str, url: &str) -> OutboundRequest {
        let path = ["/dashboard_apps/", &super::requests::segment(id)].concat();
        self.write("PATCH", &path, dashboard_app(title, url))
    }

    /// Removes a dashboard app.
    #[must_use]
    pub fn dashboard_app_delete(&self, id: &str) -> OutboundRequest {
        self.delete(&["/dashboard_apps/", &super::requests::segment(id)].concat())
    }

    /// Makes a webhook of ours.
    #[must_use]
    pub fn webhook_create(&self, url: &str, name: Option<&str>) -> OutboundRequest {
        self.write("POST", "/webhooks", webhook(url, name))
    }

    /// Gives a webhook a URL, and all events of ours.
    #[must_use]
    pub fn webhook_update(&self, id: &str, url: &str) -> OutboundRequest {
        let path = ["/webhooks/", &super::requests::segment(id)].concat();
        self.write("PATCH", &path, webhook(url, None))
    }

    /// Removes a webhook.
    #[must_use]
    pub fn webhook_delete(&self, id: &str) -> OutboundRequest {
        self.delete(&["/webhooks/", &super::requests::segment(id)].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_not_in_the_account_is_no_member_of_it() {
        let profile = r#"{"id":1,"email":"a@b.ie","accounts":[{"id":2,"name":"B","role":"agent"},
            {"id":"3","name":"C","role":"administrator"}]}"#;
        let member = Member::of(profile, "3").unwrap();
        assert_eq!(member.account.as_deref(), Some("C"));
        assert_eq!(member.role.as_deref(), Some("administrator"));
        assert_eq!(member.email.as_deref(), Some("a@b.ie"));
        assert_eq!(Member::of(profile, "1"), None);
        assert_eq!(Member::of("{}", "3"), None);
    }

    #[test]
    fn inboxes_are_told_by_their_channels_here() {
        let listed = r#"{"payload":[{"id":1,"name":"Site","channel_type":"Channel::WebWidget"},
            {"id":2,"name":"Phone","channel_type":"Channel::TwilioSms","medium":"whatsapp"},
            {"name":"no id"}]}"#;
        assert_eq!(inbox_labels(listed), ["1 Site (web)", "2 Phone (whatsapp)"]);
        assert_eq!(inbox_labels("[]"), Vec::<String>::new());
    }

    #[test]
    fn dashboard_apps_are_told_by_their_first_frames() {
        let listed = r#"[{"id":1,"title":"A","content":[{"type":"frame","url":"https://a"}]},
            {"id":"2","content":[]},{"id":3,"content":[{"url":"https://c"},{"url":"https://d"}]}]"#;
        let apps: Vec<_> = DashboardApp::listed(listed)
            .into_iter()
            .map(|app| [app.id, app.url].join(" "))
            .collect();
        assert_eq!(apps, ["1 https://a", "3 https://c"]);
        assert_eq!(DashboardApp::listed("{}"), []);
    }

    #[test]
    fn a_webhook_is_read_from_both_answers_and_never_shows_its_secret() {
        let one = r#"{"id":5,"url":"https://x/h","secret":"s"}"#;
        let listed = Webhook::listed(&format!(r#"{{"payload":{{"webhooks":[{one},{{}}]}}}}"#));
        let made = Webhook::of(&format!(r#"{{"payload":{{"webhook":{one}}}}}"#)).unwrap();
        assert_eq!(listed, std::slice::from_ref(&made));
        assert_eq!((made.id.as_str(), made.secret.as_deref()), ("5", Some("s")));
        assert_eq!(format!("{made:?}"), "Webhook(5)");
        let old = Webhook::of(r#"{"payload":{"webhook":{"id":5,"url":"u"}}}"#).unwrap();
        assert_eq!(old.secret, None);
    }
}
