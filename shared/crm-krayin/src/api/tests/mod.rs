mod activities;
mod answers;
mod bodies;
mod records;
mod stages;

use channels::outbound::FetchResult;
use common::ports::OutboundResponse;
use common::time::Timestamp;

fn now() -> Timestamp {
    Timestamp::parse("2026-11-21T06:20:00Z").unwrap()
}

fn answered(status: u16, body: &str, headers: &[(&str, &str)]) -> FetchResult {
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Ok(OutboundResponse {
        status,
        headers: headers.iter().map(own).collect(),
        body: body.as_bytes().to_vec(),
        is_cut: false,
    })
}
