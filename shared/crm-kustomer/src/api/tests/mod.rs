mod answers;
mod bodies;
mod failures;
mod mappings;
mod requests;
mod webhooks;

use channels::outbound::FetchResult;
use common::ports::{FetchError, OutboundResponse, Ports};
use common::time::Timestamp;

fn now() -> Timestamp {
    Timestamp::parse("2026-11-21T06:20:00Z").unwrap()
}

fn answered(status: u16, body: &str) -> FetchResult {
    with_headers(status, body, &[])
}

fn with_headers(status: u16, body: &str, headers: &[(&str, &str)]) -> FetchResult {
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Ok(OutboundResponse {
        status,
        headers: headers.iter().map(own).collect(),
        body: body.as_bytes().to_vec(),
        is_cut: false,
    })
}

fn not_sent() -> FetchResult {
    Err(FetchError::NotSent("dns".into()))
}

fn unsure() -> FetchResult {
    Err(FetchError::Unsure("timeout".into()))
}

/// A deployment with these variables.
fn with_variables<T>(variables: &[(&str, &str)], then: impl FnOnce(&Ports<'_>) -> T) -> T {
    let variable = |name: &str| {
        let found = variables.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    then(&Ports {
        variable: &variable,
        ..Ports::NOTHING
    })
}
