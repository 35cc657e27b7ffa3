use crate::Generated;
use common::http::ledger::{Worker, service_binding};
use common::ports::Queue;

/// What workerd is to behave like.
const COMPATIBILITY_DATE: &str = "2026-11-01";
/// A URL of a business's, or a redirect from one, must not reach our own zone behind its firewall: with
/// this flag a request to it goes by way of the public internet, like anybody's.
const PUBLIC_FETCH_FLAG: &str = "global_fetch_strictly_public";
/// A queue's next batch need not wait for what goes on after the last one.
const CONSUMER_FLAG: &str = "queue_consumer_no_wait_for_wait_until";
/// Most messages of a batch. Each of deliveries is an invocation of its own, since it has only six
/// connections, and a slow endpoint must not hold those of another. So is each run of a CRM's jobs or fetch
/// of a link, which may need most of the thousand statements that an invocation has.
const fn batch_size(queue: Queue) -> u32 {
    match queue {
        Queue::Deliveries | Queue::Crm | Queue::Sales | Queue::Sources | Queue::Links => 1,
        // Each waits for a server on one of six connections.
        Queue::Replies | Queue::Mails => 4,
        // Each may be 4 MiB that are read at once.
        Queue::Inbound => 8,
        _ => 50,
    }
}

const DATABASE: &str = r#"
[[d1_databases]]
binding = "DATABASE"
database_name = "tieline"
database_id = "00000000-0000-0000-0000-000000000001" # scripts/deploy puts the real one in
"#;
const SEARCH: &str = r#"
[[d1_databases]]
binding = "SEARCH"
database_name = "tieline-search"
database_id = "00000000-0000-0000-0000-000000000003" # scripts/deploy puts the real one in
"#;
const BLOBS: &str = r#"
[[kv_namespaces]]
binding = "BLOBS"
id = "00000000000000000000000000000002" # scripts/deploy puts the real one in
"#;
/// Not there until `scripts/deploy --ai` says so: locally it would ask Cloudflare.
const AI: &str = r#"
# [ai] # scripts/deploy --ai
# binding = "AI"
"#;
const RATE_LIMITER: &str = r#"
[[ratelimits]]
name = "RATE_LIMITER"
namespace_id = "1001"
simple = { limit = 60, period = 60 } # one for ten requests of a key; see serve's limit
"#;
/// Of addresses, behind which there may be a whole office.
const ADDRESS_LIMITER: &str = r#"
[[ratelimits]]
name = "RATE_LIMITER"
namespace_id = "1002"
simple = { limit = 120, period = 60 } # one for ten requests of an address; see serve's gate
"#;

/// The wrangler file of a Worker. That of the gateway stands at the root, where wrangler looks.
pub(crate) fn file(worker: &Worker) -> Generated {
    let function = worker.function;
    let folder = match is_gateway(worker) {
        true => String::new(),
        false => format!("functions/{function}/"),
    };
    Generated {
        path: format!("{folder}wrangler.toml"),
        text: text(worker),
    }
}

fn is_gateway(worker: &Worker) -> bool {
    worker.function == "gateway"
}

/// A path in the function's folder, as its wrangler file says it.
fn local(worker: &Worker, path: &str) -> String {
    match is_gateway(worker) {
        true => format!("functions/gateway/{path}"),
        false => path.to_owned(),
    }
}

fn text(worker: &Worker) -> String {
    let mut text = format!(
        "# Written by scripts/generate from shared/common/src/http/ledger/workers.rs.\n\
         name = \"tieline-{}\"\n\
         main = \"{}\"\n\
         compatibility_date = \"{COMPATIBILITY_DATE}\"\n",
        worker.function,
        local(worker, "build/index.js"),
    );
    let flags = [
        (worker.http, PUBLIC_FETCH_FLAG),
        (worker.consumes.is_some(), CONSUMER_FLAG),
    ];
    let flags = flags.into_iter().filter(|(is_set, _)| *is_set);
    let flags: Vec<_> = flags.map(|(_, flag)| flag).collect();
    if !flags.is_empty() {
        text += &format!("compatibility_flags = {flags:?}\n");
    }
    text += &format!("workers_dev = {}\n", is_gateway(worker));
    text += "\n[observability]\nenabled = true\n";
    if !worker.crons.is_empty() {
        text += &format!("\n[triggers]\ncrons = {:?}\n", worker.crons);
    }
    text += DATABASE;
    if is_gateway(worker) {
        text += "migrations_dir = \"shared/migrations\"\n";
    }
    if worker.search {
        text += SEARCH;
        text += "migrations_dir = \"../../shared/migrations/search\"\n";
    }
    if worker.blobs {
        text += BLOBS;
    }
    if worker.assets {
        let directory = match worker.pages {
            true => local(worker, "../../shared/pages/assets"),
            false => local(worker, "assets"),
        };
        text += &assets(&directory);
    }
    if worker.ai {
        text += AI;
    }
    for callee in worker.callees() {
        let binding = service_binding(callee);
        text +=
            &format!("\n[[services]]\nbinding = \"{binding}\"\nservice = \"tieline-{callee}\"\n");
    }
    queues(worker, &mut text);
    if worker.is_limited() {
        text += match is_gateway(worker) {
            true => ADDRESS_LIMITER,
            false => RATE_LIMITER,
        };
    }
    let secrets = worker.required_secrets();
    if !secrets.is_empty() {
        text += &format!("\n[secrets]\nrequired = {secrets:?}\n");
    }
    text
}

/// Files that the Worker asks for and answers with, since every answer has headers of ours.
fn assets(directory: &str) -> String {
    format!(
        "\n[assets]\n\
         directory = \"{directory}\"\n\
         binding = \"ASSETS\"\n\
         run_worker_first = true\n\
         html_handling = \"none\"\n\
         not_found_handling = \"none\"\n"
    )
}

fn queues(worker: &Worker, text: &mut String) {
    let name = |queue: Queue| format!("tieline-{}", queue.binding().to_ascii_lowercase());
    for queue in worker.wakes.iter().copied() {
        let binding = queue.binding();
        let name = name(queue);
        *text += &format!("\n[[queues.producers]]\nbinding = \"{binding}\"\nqueue = \"{name}\"\n");
    }
    if let Some(queue) = worker.consumes {
        let (name, batch_size) = (name(queue), batch_size(queue));
        *text += &format!(
            "\n[[queues.consumers]]\nqueue = \"{name}\"\nmax_batch_size = {batch_size}\n\
             max_batch_timeout = 0\n"
        );
    }
}
