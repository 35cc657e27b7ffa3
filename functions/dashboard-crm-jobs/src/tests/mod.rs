mod backfill;
mod jobs;
mod retry;

use dashboard_crm_jobs::handler::handle;
use serde_json::{Value, json};
use testkit::{Answer, Stack, Tenant};

/// A business with an open session, connected to Kustomer.
struct Desk {
    stack: Stack,
    tenant: Tenant,
    token: String,
}

impl Desk {
    fn new() -> Self {
        let (stack, tenant) = Stack::with_tenant();
        Self::of(stack, tenant)
    }

    fn of(stack: Stack, tenant: Tenant) -> Self {
        let token = stack.session(&tenant);
        let (business, now) = (&tenant.business_id, stack.now().micros());
        stack.db.sql(&format!(
            "INSERT INTO integrations (business_id, connector, status, credentials, created_at,
               updated_at)
             VALUES ('{business}', 'kustomer', 'active', 'sealed', {now}, {now})"
        ));
        Self {
            stack,
            tenant,
            token,
        }
    }

    /// Another business of the same deployment.
    fn other(&self) -> Self {
        Self::of(self.stack.clone(), self.stack.tenant("Other"))
    }

    fn call(&self, method: &str, suffix: &str, body: &Value) -> Answer {
        let target = format!("/api/dashboard/integrations/kustomer{suffix}");
        let call = self.stack.call("dashboard-crm-jobs", method, &target);
        let call = call.bearer(&self.token);
        call.json_unless_null(body).send(handle)
    }

    /// A job that failed with a code, or whose state is another; its id is its key behind the kind.
    fn job(&self, id: &str, state: &str, error: Option<&str>) {
        let (business, now) = (&self.tenant.business_id, self.stack.now().micros());
        let error = error.map_or("NULL".into(), |code| {
            format!(r#"'{{"code":"{code}","message":"Why."}}'"#)
        });
        self.stack.db.sql(&format!(
            "INSERT INTO crm_jobs (business_id, connector, key, id, stream, kind, subject, detail,
               state, ordered_at, failures, error, created_at, updated_at)
             VALUES ('{business}', 'kustomer', 'remote:{id}', '{id}', 'stream-{id}', 'remote',
               '{id}', '{{\"id\":\"e1\"}}', '{state}', {now}, 3, {error}, {now}, {now})"
        ));
    }

    fn state(&self, id: &str) -> String {
        let query = format!(
            "SELECT state || ' ' || generation || ' ' || failures FROM crm_jobs WHERE id = '{id}'"
        );
        self.stack.db.value(&query).into_text().unwrap_or_default()
    }
}

/// Refuses callers without a session, and those of another business: `path` is of the job `j`.
fn refuses_callers(method: &str, path: &str, body: &Value) {
    let desk = Desk::new();
    desk.job("j", "failed", Some("bad_request"));
    let target = format!("/api/dashboard/integrations/kustomer{path}");
    let call = desk.stack.call("dashboard-crm-jobs", method, &target);
    let refused = call.key(&desk.tenant.admin_key).send(handle);
    assert_eq!(refused.refusal(), (401, "missing_token"));
    if path.contains("/j") && path != "/jobs" {
        let refused = desk.other().call(method, path, body);
        assert_eq!(refused.refusal(), (404, "not_found"));
    }
    assert_eq!(desk.state("j"), "failed 1 3");
}

/// Refuses bodies of another shape, each for what its field breaks.
fn refuses_shapes(method: &str, path: &str, bodies: &[(Value, (&str, &str))]) {
    let desk = Desk::new();
    desk.job("j", "failed", Some("bad_request"));
    for (body, detail) in bodies {
        let refused = desk.call(method, path, body);
        assert_eq!((refused.status, refused.detail()), (422, *detail), "{body}");
    }
    let refused = desk.call(method, &format!("{path}?deep=1"), &json!({}));
    assert_eq!(refused.detail(), ("query.deep", "unknown"));
}
