use access::usage::Call;
use common::context::Caller;
use common::effects::Effects;
use common::http::{Access, Error, Response, Route};
use common::ids::RequestId;
use common::time::Timestamp;
use serde::Serialize;

/// The one line a request leaves: JSON, without secrets and without personal data. It names routes,
/// not paths, and never quotes a query or a body.
#[derive(Debug, Serialize)]
pub struct LogLine {
    level: &'static str,
    function: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<&'static str>,
    method: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    pub(super) request_id: RequestId,
    #[serde(skip_serializing_if = "Option::is_none")]
    business_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    member_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    duration_ms: i64,
    response_bytes: usize,
    /// Whether it is a call of the API, by a key or a member, that the business finds in its log.
    #[serde(skip)]
    is_call: bool,
}

impl LogLine {
    /// The line of a request that has just come.
    #[must_use]
    pub fn new(function: &str, request_id: &RequestId, method: &str) -> Self {
        Self {
            level: "info",
            function: function.into(),
            operation: None,
            method: method.chars().take(16).collect(),
            status: None,
            code: None,
            request_id: request_id.clone(),
            business_id: None,
            key_id: None,
            member_id: None,
            cause: None,
            note: None,
            duration_ms: 0,
            response_bytes: 0,
            is_call: false,
        }
    }

    pub(super) fn routed(&mut self, route: &Route) {
        self.operation = Some(route.operation);
        self.is_call = matches!(route.access, Access::Key(_) | Access::Session(_));
    }

    pub(super) fn called_by(&mut self, caller: &Caller) {
        let known = |text: &String| (!text.is_empty()).then(|| text.clone());
        self.business_id = known(&caller.business_id);
        self.key_id = known(&caller.key_id);
        self.member_id = caller.member_id().map(ToString::to_string);
    }

    /// Notes why the request failed.
    pub fn failed(&mut self, error: &Error) {
        self.level = match error.class().is_failure() {
            true => "error",
            false => "warn",
        };
        self.code = Some(error.code());
        self.cause = error.cause();
    }

    /// Takes over what the request noted.
    pub(super) fn noted(&mut self, effects: &Effects) {
        self.note = effects.take_note();
    }

    /// Notes the answer.
    pub fn answered(&mut self, response: &Response) {
        self.status = Some(response.status());
        self.response_bytes = response.body().len();
    }

    /// Notes how much of an answer was sent that came in pieces.
    pub(super) fn streamed(&mut self, bytes: usize) {
        self.response_bytes = bytes;
    }

    /// Notes that the caller went away before the end.
    pub(super) fn left(&mut self) {
        self.note = Some("the caller went away".to_owned());
    }

    /// Notes how long it took, by the platform's clock.
    pub fn took(&mut self, millis: i64) {
        self.duration_ms = millis;
    }

    /// What is counted and kept of the request, which came then; none for one that no route took. Neither its path nor
    /// its query nor its body is in it.
    #[must_use]
    pub fn call(&self, at: Timestamp) -> Option<Call> {
        Some(Call {
            business_id: self.business_id.clone().filter(|_| self.is_call),
            key_id: self.key_id.clone().unwrap_or_default(),
            member_id: self.member_id.clone(),
            operation: self.operation?,
            status: self.status?,
            code: self.code,
            request_id: self.request_id.as_str().to_owned(),
            at,
            ms: self.duration_ms,
        })
    }

    /// Whether the line says only that a job ran, which is not worth a line every minute.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.level == "info" && self.note.is_none()
    }

    /// The line as JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}
