//! Vendors whose lists have ways of their own: the table of what is known of each, with its sources in
//! crm-links.md §3 and §4.

use super::url::{host, parameter, path};
use common::ports::OutboundResponse;

/// What is known of a vendor.
pub(super) struct Vendor {
    /// Its hosts: one name, or the end of many that begins with a dot.
    hosts: &'static [&'static str],
    /// Whether a path is of its API, for servers that have names of their own.
    is_path: fn(&str) -> bool,
    /// Whether the path alone tells, on whichever host.
    on_any_host: bool,
    /// The parameter with the size of a page, and the most that it takes.
    size: Option<(&'static str, &'static str)>,
    /// The header that the key goes in, beside `Authorization`.
    pub key_header: Option<&'static str>,
    /// Whether a key with a colon in it is user and password.
    pub takes_basic: bool,
}

static VENDORS: [Vendor; 7] = [
    // Shopify
    Vendor {
        hosts: &[".myshopify.com"],
        is_path: |path| path.starts_with("/admin/api/") && path.ends_with(".json"),
        on_any_host: false,
        size: Some(("limit", "250")),
        key_header: Some("x-shopify-access-token"),
        takes_basic: false,
    },
    // HubSpot
    Vendor {
        hosts: &["api.hubapi.com", "api-eu1.hubapi.com"],
        is_path: |path| {
            let steps: Vec<_> = path.split('/').collect();
            matches!(*steps, ["", "crm", version, "objects", _] if version.starts_with('v'))
        },
        on_any_host: false,
        size: Some(("limit", "100")),
        key_header: None,
        takes_basic: false,
    },
    // Salesforce, whose pages are as large as they get.
    Vendor {
        hosts: &[".salesforce.com", ".force.com"],
        is_path: |path| path.starts_with("/services/data/v"),
        on_any_host: false,
        size: None,
        key_header: None,
        takes_basic: false,
    },
    // Pipedrive
    Vendor {
        hosts: &[".pipedrive.com"],
        is_path: |path| {
            let lists = [
                "persons",
                "organizations",
                "deals",
                "leads",
                "products",
                "activities",
            ];
            is_list_of(path, &["/api/v1/", "/api/v2/", "/v1/"], &lists)
        },
        on_any_host: false,
        size: Some(("limit", "500")),
        key_header: Some("x-api-token"),
        takes_basic: false,
    },
    // Zendesk
    Vendor {
        hosts: &[".zendesk.com"],
        is_path: |path| {
            let name = path.strip_prefix("/api/v2/").unwrap_or_default();
            let is_one_of = ["users", "tickets", "organizations"].contains(&name);
            !name.contains('/') && name != "search.json" && (is_one_of || name.ends_with(".json"))
        },
        on_any_host: false,
        size: Some(("page[size]", "100")),
        key_header: None,
        takes_basic: true,
    },
    // Stripe
    Vendor {
        hosts: &["api.stripe.com"],
        // A single record takes no such parameter.
        is_path: |path| {
            let lists = [
                "customers",
                "subscriptions",
                "invoices",
                "charges",
                "products",
                "prices",
            ];
            is_list_of(path, &["/v1/"], &lists)
        },
        on_any_host: false,
        size: Some(("limit", "100")),
        key_header: None,
        takes_basic: false,
    },
    // WooCommerce
    Vendor {
        hosts: &[],
        is_path: |path| path.contains("/wp-json/wc/"),
        on_any_host: true,
        size: Some(("per_page", "100")),
        key_header: None,
        takes_basic: true,
    },
];

/// Whether a path is one of these behind one of these beginnings.
fn is_list_of(path: &str, beginnings: &[&str], names: &[&str]) -> bool {
    let mut rests = beginnings
        .iter()
        .filter_map(|begin| path.strip_prefix(begin));
    rests.any(|rest| names.contains(&rest))
}

/// The vendor of a URL. By the path alone it is told where the URL leads to this machine, as fakes do: elsewhere a
/// parameter that is none of the API's could shorten its list.
pub(super) fn of(url: &str, is_loopback: bool) -> Option<&'static Vendor> {
    let (host, path) = (host(url), path(url));
    let is_host = |known: &str| match known.starts_with('.') {
        true => host.ends_with(known),
        false => host == known,
    };
    let is_it = |vendor: &&Vendor| {
        vendor.hosts.iter().any(|known| is_host(known))
            || (vendor.on_any_host || is_loopback) && (vendor.is_path)(path)
    };
    VENDORS.iter().find(is_it)
}

impl Vendor {
    /// Whether a key goes in the vendor's own header alone: a personal token of Pipedrive's, which is 40
    /// hexadecimal digits and no token of OAuth.
    pub(super) fn takes_alone(&self, key: &str) -> bool {
        let is_personal = key.len() == 40 && key.bytes().all(|b| b.is_ascii_hexdigit());
        is_personal && self.key_header == Some("x-api-token")
    }

    /// The parameter that makes pages as large as they get, for a list whose URL names no size.
    pub(super) fn size_for(&self, url: &str) -> Option<(&'static str, &'static str)> {
        let size = self.size.filter(|_| (self.is_path)(path(url)))?;
        let names = [size.0, "limit", "per_page"];
        let is_named = names.iter().any(|name| parameter(url, name).is_some());
        (!is_named).then_some(size)
    }
}

/// An hour: limits of a day come back at a time of the account's own.
const HOUR_SECONDS: u32 = 3600;

/// Whether a refusal says that the requests of a day are used up.
pub(super) fn is_spent(response: &OutboundResponse) -> bool {
    // Salesforce answers 403 for it.
    response.body.starts_with(b"[") && holds(response, "REQUEST_LIMIT_EXCEEDED")
}

/// For how many seconds a limit lasts that the answer names, and says no time of.
pub(super) fn pause_seconds(response: &OutboundResponse) -> Option<u32> {
    // HubSpot names the policy; that of a day is `DAILY`.
    let is_daily = holds(response, "policyName") && holds(response, "\"DAILY\"");
    (is_daily || is_spent(response)).then_some(HOUR_SECONDS)
}

fn holds(response: &OutboundResponse, words: &str) -> bool {
    let body = response.body.get(..4096).unwrap_or(&response.body);
    let mut windows = body.windows(words.len());
    windows.any(|window| window == words.as_bytes())
}

/// How long to wait before the next request, in milliseconds, where the answer says that a limit is near.
pub(super) fn slow_down(response: &OutboundResponse) -> Option<u32> {
    let number = |name: &str| response.header(name)?.trim().parse::<u32>().ok();
    // Shopify: a bucket that leaks empty within 20 seconds. It is kept at four fifths.
    if let Some(calls) = response.header("x-shopify-shop-api-call-limit") {
        let (used, size) = calls.trim().split_once('/')?;
        let (used, size): (u32, u32) = (used.trim().parse().ok()?, size.trim().parse().ok()?);
        let over = used
            .min(size)
            .saturating_mul(5)
            .saturating_sub(size.saturating_mul(4));
        let wait = u64::from(over) * 4000 / u64::from(size.max(1));
        return u32::try_from(wait).ok().filter(|wait| *wait > 0);
    }
    // HubSpot: so many requests within an interval.
    let left = number("x-hubspot-ratelimit-remaining")?;
    let interval = number("x-hubspot-ratelimit-interval-milliseconds")?;
    (left < 5).then(|| interval.min(10_000))
}
