use super::bodies::{LeadFields, NewActivity, NewLead, NewOrganization, NewPerson, number};
use common::form::encoded;
use common::json::writer::JsonWriter;
use common::ports::OutboundRequest;

/// How long Krayin may take.
const TIMEOUT_MS: u32 = 15_000;
/// Largest answer that is read.
const MAX_ANSWER_BYTES: usize = 1024 * 1024;
/// The same of all that a lead ever had, which has no pages.
const MAX_LOG_BYTES: usize = 6 * 1024 * 1024;
/// Records on a page of a list.
pub const PAGE: usize = 50;

/// By what a person is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Search<'a> {
    /// A part of an address, case and all.
    pub email: Option<&'a str>,
    /// Digits, as they stand together in a number.
    pub digits: Option<&'a str>,
    /// How many at most.
    pub limit: u32,
}

/// The API of a Krayin.
#[derive(Clone)]
pub struct Api {
    /// The base URL, without a last slash: of [`base_of`](super::base_of).
    pub base: String,
    authorization: String,
}

impl Api {
    /// By a base and a token.
    #[must_use]
    pub fn new(base: String, token: &str) -> Self {
        let authorization = format!("Bearer {token}");
        Self {
            base,
            authorization,
        }
    }

    /// Who we are there.
    #[must_use]
    pub fn user_current(&self) -> OutboundRequest {
        self.get("/get", &[])
    }

    /// The pipelines with their stages, in order.
    #[must_use]
    pub fn pipelines(&self) -> OutboundRequest {
        self.whole("/settings/pipelines")
    }

    /// All of a list that has pages: `sources`, `types`, `users`, `attributes`.
    #[must_use]
    pub fn settings(&self, what: &str) -> OutboundRequest {
        self.whole(&["/settings/", what].concat())
    }

    /// Persons by a part of their address, or by digits of their number.
    #[must_use]
    pub fn persons_search(&self, search: &Search<'_>) -> OutboundRequest {
        let by = [("emails", search.email), ("contact_numbers", search.digits)];
        let by: Vec<_> = by
            .into_iter()
            .filter_map(|(field, value)| Some((field, value?)))
            .collect();
        let values: Vec<_> = by
            .iter()
            .map(|(field, value)| [*field, ":", value].concat())
            .collect();
        let fields: Vec<_> = by
            .iter()
            .map(|(field, _)| [*field, ":like"].concat())
            .collect();
        let limit = search.limit.to_string();
        self.get(
            "/contacts/persons/search",
            &[
                ("search", &values.join(";")),
                ("searchFields", &fields.join(";")),
                ("limit", &limit),
            ],
        )
    }

    /// The person of an id, as a list: a single one that is not there is an error of the handler.
    #[must_use]
    pub fn person(&self, id: &str) -> OutboundRequest {
        self.get("/contacts/persons", &[("id", id)])
    }

    /// Makes a person.
    #[must_use]
    pub fn person_create(&self, person: &NewPerson) -> OutboundRequest {
        self.send("POST", "/contacts/persons", person.body())
    }

    /// Writes a person anew.
    #[must_use]
    pub fn person_update(&self, id: &str, person: &NewPerson) -> OutboundRequest {
        let path = ["/contacts/persons/", id].concat();
        self.send("PUT", &path, person.body())
    }

    /// A page of `contacts/persons` or `leads`, what changed last first.
    #[must_use]
    pub fn changed(&self, list: &str, page: u32) -> OutboundRequest {
        let (page, limit) = (page.to_string(), PAGE.to_string());
        self.get(
            &["/", list].concat(),
            &[
                ("sort", "updated_at"),
                ("order", "desc"),
                ("limit", &limit),
                ("page", &page),
            ],
        )
    }

    /// Organisations of exactly this name, in any case. A comma would part it.
    #[must_use]
    pub fn organizations(&self, name: &str) -> OutboundRequest {
        self.get("/contacts/organizations", &[("name", name)])
    }

    /// Organisations that have this in their name.
    #[must_use]
    pub fn organizations_like(&self, name: &str) -> OutboundRequest {
        self.get(
            "/settings/attributes/lookup/organizations",
            &[("query", name)],
        )
    }

    /// Makes an organisation.
    #[must_use]
    pub fn organization_create(&self, organization: &NewOrganization) -> OutboundRequest {
        self.send("POST", "/contacts/organizations", organization.body())
    }

    /// The leads of a person, the newest first.
    #[must_use]
    pub fn leads_of(&self, person: &str) -> OutboundRequest {
        let limit = PAGE.to_string();
        self.get("/leads", &[("person_id", person), ("limit", &limit)])
    }

    /// A lead.
    #[must_use]
    pub fn lead(&self, id: &str) -> OutboundRequest {
        self.get(&["/leads/", id].concat(), &[])
    }

    /// A search that any version since 2.0 answers and none before.
    #[must_use]
    pub fn leads_search(&self) -> OutboundRequest {
        self.get("/leads/search", &[("limit", "1")])
    }

    /// Makes a lead.
    #[must_use]
    pub fn lead_create(&self, lead: &NewLead) -> OutboundRequest {
        self.send("POST", "/leads", lead.body())
    }

    /// Writes single fields of a lead. Of all updates it alone leaves products and stage alone.
    #[must_use]
    pub fn lead_update(
        &self,
        id: &str,
        fields: &LeadFields,
        close_day: Option<&str>,
    ) -> OutboundRequest {
        let path = ["/leads/attributes/edit/", id].concat();
        self.send("PUT", &path, fields.update(close_day))
    }

    /// Moves a lead to a stage of its pipeline.
    #[must_use]
    pub fn lead_move(&self, id: &str, stage: &str) -> OutboundRequest {
        let body = JsonWriter::default().json("lead_pipeline_stage_id", &number(stage));
        self.send("PUT", &["/leads/stage/edit/", id].concat(), body.finish())
    }

    /// Makes an activity.
    #[must_use]
    pub fn activity_create(&self, activity: &NewActivity) -> OutboundRequest {
        self.send("POST", "/activities", activity.body())
    }

    /// Links an activity to a person beside what it is linked to, and says whether it is done, which
    /// nothing does when it is made.
    #[must_use]
    pub fn activity_complete(&self, id: &str, person: &str, is_done: bool) -> OutboundRequest {
        let body = JsonWriter::default()
            .json("person_id", &number(person))
            .json("is_done", if is_done { "1" } else { "0" });
        self.activity_update(id, body)
    }

    /// Links an activity to a lead.
    #[must_use]
    pub fn activity_link(&self, id: &str, lead: &str) -> OutboundRequest {
        let body = JsonWriter::default().json("lead_id", &number(lead));
        self.activity_update(id, body)
    }

    /// Says what an activity says from now on, and where it matters whether it is done.
    #[must_use]
    pub fn activity_rewrite(
        &self,
        id: &str,
        comment: &str,
        is_done: Option<bool>,
    ) -> OutboundRequest {
        let mut body = JsonWriter::default().text("comment", comment);
        if let Some(is_done) = is_done {
            body = body.json("is_done", if is_done { "1" } else { "0" });
        }
        self.activity_update(id, body)
    }

    fn activity_update(&self, id: &str, body: JsonWriter) -> OutboundRequest {
        self.send("PUT", &["/activities/", id].concat(), body.finish())
    }

    /// Activities of exactly this title and type, the newest first, whatever they are linked to.
    #[must_use]
    pub fn activities_titled(&self, title: &str, kind: &str) -> OutboundRequest {
        self.get(
            "/activities",
            &[
                ("title", title),
                ("type", kind),
                ("sort", "id"),
                ("order", "desc"),
                ("limit", "200"),
            ],
        )
    }

    /// A page of notes, the newest first, whatever they are of.
    #[must_use]
    pub fn notes(&self, page: u32) -> OutboundRequest {
        let (page, limit) = (page.to_string(), PAGE.to_string());
        let query = [
            ("type", "note"),
            ("sort", "id"),
            ("order", "desc"),
            ("limit", &limit),
            ("page", &page),
        ];
        self.get("/activities", &query)
    }

    /// All activities of a lead, the CRM's own log among them.
    #[must_use]
    pub fn activities_of_lead(&self, id: &str) -> OutboundRequest {
        self.log(&["/leads/", id, "/activities"].concat())
    }

    /// The same of a person.
    #[must_use]
    pub fn activities_of_person(&self, id: &str) -> OutboundRequest {
        self.log(&["/contacts/persons/", id, "/activities"].concat())
    }

    /// All webhooks, or all workflows, which call them.
    #[must_use]
    pub fn automations(&self, what: &str) -> OutboundRequest {
        self.whole(&["/settings/", what].concat())
    }

    /// Makes a webhook, which calls nobody by itself.
    #[must_use]
    pub fn webhook_create(&self, name: &str, entity: &str, url: &str) -> OutboundRequest {
        let body = JsonWriter::default()
            .text("name", name)
            .text("entity_type", entity)
            .text("description", "Tells Tieline that something changed.")
            .text("method", "post")
            .text("end_point", url)
            .json("query_params", "[]")
            .json("headers", "[]")
            .text("payload_type", "default")
            .text("raw_payload_type", "json")
            .json("payload", "[]");
        self.send("POST", "/settings/webhooks", body.finish())
    }

    /// Has an event call a webhook.
    #[must_use]
    pub fn workflow_create(
        &self,
        name: &str,
        entity: &str,
        event: &str,
        webhook: &str,
    ) -> OutboundRequest {
        let action = JsonWriter::default()
            .text("id", "trigger_webhook")
            .json("value", &number(webhook));
        let body = JsonWriter::default()
            .text("name", name)
            .text("description", "Tells Tieline that something changed.")
            .text("entity_type", entity)
            .text("event", event)
            .text("condition_type", "and")
            .json("conditions", "[]")
            .json("actions", &["[", &action.finish(), "]"].concat());
        self.send("POST", "/settings/workflows", body.finish())
    }

    /// Takes a webhook or a workflow away.
    #[must_use]
    pub fn automation_delete(&self, what: &str, id: &str) -> OutboundRequest {
        let mut request = self.get(&["/settings/", what, "/", id].concat(), &[]);
        request.method = "DELETE";
        request
    }

    fn whole(&self, path: &str) -> OutboundRequest {
        self.get(
            path,
            &[("pagination", "0"), ("sort", "id"), ("order", "asc")],
        )
    }

    fn log(&self, path: &str) -> OutboundRequest {
        OutboundRequest {
            max_bytes: MAX_LOG_BYTES,
            ..self.get(path, &[])
        }
    }

    fn get(&self, path: &str, query: &[(&str, &str)]) -> OutboundRequest {
        let mut url = [&self.base, path].concat();
        if !query.is_empty() {
            url.push('?');
            url.push_str(&encoded(query.iter().copied()));
        }
        OutboundRequest {
            method: "GET",
            url,
            headers: vec![
                ("authorization", self.authorization.clone()),
                // Without it errors are pages, or lead elsewhere.
                ("accept", "application/json".to_owned()),
                // Without it what overlaps leads to the front page.
                ("x-requested-with", "XMLHttpRequest".to_owned()),
            ],
            body: None,
            timeout_ms: TIMEOUT_MS,
            max_bytes: MAX_ANSWER_BYTES,
            ..OutboundRequest::default()
        }
    }

    fn send(&self, method: &'static str, path: &str, body: String) -> OutboundRequest {
        self.get(path, &[]).with_json(method, body)
    }
}

/// A request as it may be logged and shown: `GET /leads/7`, without what names a person.
#[must_use]
pub fn shown(request: &OutboundRequest) -> String {
    let path = request.url.split('?').next().unwrap_or_default();
    let path = path.rfind("/v1/").and_then(|at| path.get(at + 3..));
    format!("{} {}", request.method, path.unwrap_or("/"))
}
