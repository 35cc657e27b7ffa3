//! Changing what a business set.

use super::view::{OneIntegration, shown};
use super::{TRIES, changes_all_the_time, own_secrets, stored};
use crate::api;
use crate::api::mapping::Mapping;
use channels::ChannelKind;
use common::context::Context;
use common::http::Error;
use common::http::input::texts;
use common::json::Fields;
use common::json::raw::{items, part, text};
use common::json::written::{Written, quoted};
use common::outside::Queue;
pub use crm::settings::patch::{Rule, body_of, id, merged, percent, switch, unknown, words, wrong};
use crm::settings::{Wanted, integration_put};

/// Most rules of routing.
const MAX_ROUTES: usize = 50;
/// Longest tag, in characters.
const MAX_TAG: usize = 64;
/// Longest sentence that a customer is told, in characters.
const MAX_MESSAGE: usize = 1000;
/// Most languages, and most phrases of each.
const MAX_PHRASES: (usize, usize) = (50, 100);
/// Longest phrase, in characters.
const MAX_PHRASE: usize = 100;
/// Longest secret, in bytes.
const MAX_SECRET: usize = 4096;

/// What can be set, by its name in the request, which is its name in `integrations.settings`.
const RULES: &[(&str, Rule)] = &[
    ("organization_id", Rule::Value(id)),
    ("subdomain", Rule::Value(subdomain)),
    ("default_team_id", Rule::Value(id)),
    ("default_priority", Rule::Value(priority)),
    (
        "features",
        Rule::Group(&[
            ("ticket_creation", switch),
            ("customer_lookup", switch),
            ("conversation_sync", switch),
            ("auto_assignment", switch),
        ]),
    ),
    ("team_routing", Rule::Value(routes)),
    ("field_mapping", Rule::Value(mapping)),
    (
        "rollout",
        Rule::Group(&[("percent", percent), ("tag", tag)]),
    ),
    (
        "escalation",
        Rule::Group(&[
            ("phrases_on", switch),
            ("phrases", phrases),
            ("message", message),
        ]),
    ),
    ("debug", Rule::Value(switch)),
];

/// Changes what a business set: absent keeps, null clears, so that the deployment's default holds
/// again.
///
/// # Errors
/// 422 that names the first field which is unknown or wrong; 409 where it is active and would use the
/// deployment's key, as another business does already.
pub async fn kustomer_put(cx: &Context<'_>, body: &str) -> Result<OneIntegration, Error> {
    let mut change = body_of(body)?;
    let secrets = change.get("credentials").copied().unwrap_or("{}");
    change.remove("credentials");
    for _ in 0..TRIES {
        let before = stored(cx).await?;
        let settings = merged(&before.settings, &change, RULES)?;
        let mut credentials = own_secrets(cx, &before)?;
        change_secrets(&mut credentials, secrets)?;
        let wanted = Wanted {
            remote_org: &before.remote_org,
            settings: &settings,
            credentials: &credentials,
        };
        if let Some(after) = integration_put(cx, &before, &wanted).await? {
            // What a wrong key held up goes on.
            if after.is_active {
                cx.wake(Queue::Crm, cx.business_id());
            }
            return shown(cx, &after);
        }
    }
    Err(changes_all_the_time())
}

fn change_secrets(credentials: &mut Fields<String>, change: &str) -> Result<(), Error> {
    if change == "null" {
        *credentials = Fields::new();
        return Ok(());
    }
    if !change.starts_with('{') {
        return Err(wrong("credentials", "object", "must be an object"));
    }
    for (name, value) in part(change).iter() {
        let path = ["credentials.", name].concat();
        let kept = match name {
            "api_key" => "api_key",
            "webhook_secret" => "webhook_token",
            _ => return Err(unknown(&path)),
        };
        match *value {
            "null" => credentials.remove(kept),
            value => credentials.insert(kept, secret(&path, value)?),
        }
    }
    Ok(())
}

/// A secret as it can stand in a header.
pub fn secret(path: &str, value: &str) -> Result<String, Error> {
    let secret = text(value).map(|secret| secret.trim().to_owned());
    let fits = |secret: &String| {
        (1..=MAX_SECRET).contains(&secret.len()) && secret.bytes().all(|b| b.is_ascii_graphic())
    };
    let sentence = "must be a text of 1 to 4096 characters without spaces";
    secret
        .filter(fits)
        .ok_or_else(|| wrong(path, "secret", sentence))
}

/// The part that tells the organisation, of a host or a URL, too.
pub(super) fn subdomain(path: &str, value: &str) -> Result<String, Error> {
    let subdomain = text(value).and_then(|text| api::subdomain(&text));
    let sentence = "must be what stands before .kustomerapp.com";
    subdomain
        .map(|subdomain| quoted(&subdomain))
        .ok_or_else(|| wrong(path, "subdomain", sentence))
}

fn priority(path: &str, value: &str) -> Result<String, Error> {
    let priority = text(value).unwrap_or_default();
    match priority.as_str() {
        "low" | "medium" | "high" | "urgent" => Ok(quoted(&priority)),
        _ => {
            let sentence = "must be low, medium, high or urgent";
            Err(wrong(path, "low_medium_high_urgent", sentence))
        }
    }
}

fn tag(path: &str, value: &str) -> Result<String, Error> {
    words(path, value, MAX_TAG).map(|tag| quoted(&tag))
}

fn message(path: &str, value: &str) -> Result<String, Error> {
    words(path, value, MAX_MESSAGE).map(|message| quoted(&message))
}

fn routes(path: &str, value: &str) -> Result<String, Error> {
    if !value.starts_with('[') {
        return Err(wrong(path, "array", "must be a list"));
    }
    let rules = items(value);
    if rules.len() > MAX_ROUTES {
        return Err(wrong(path, "at_most_50", "must have at most 50 rules"));
    }
    let rules = rules.into_iter().enumerate();
    let rules = rules.map(|(n, rule)| route(&format!("{path}[{n}]"), rule));
    Ok(list_of(&rules.collect::<Result<Vec<_>, _>>()?))
}

fn route(path: &str, rule: &str) -> Result<String, Error> {
    if !rule.starts_with('{') {
        return Err(wrong(path, "object", "must be an object"));
    }
    let (mut written, mut has_team) = (Written::default(), false);
    for (name, value) in part(rule).iter() {
        let at = [path, ".", name].concat();
        written = match (name, *value) {
            ("channel" | "tag", "null") => written,
            ("channel", value) => written.json("channel", &channel(&at, value)?),
            ("tag", value) => written.json("tag", &tag(&at, value)?),
            ("team_id", value) => {
                has_team = true;
                written.json("team_id", &id(&at, value)?)
            }
            _ => return Err(unknown(&at)),
        };
    }
    match has_team {
        true => Ok(written.finish()),
        false => Err(wrong(
            &[path, ".team_id"].concat(),
            "required",
            "is missing",
        )),
    }
}

fn channel(path: &str, value: &str) -> Result<String, Error> {
    let kind = text(value).and_then(|name| ChannelKind::parse(&name));
    kind.map(|kind| quoted(kind.as_str())).ok_or_else(|| {
        let known = ChannelKind::ALL.map(ChannelKind::as_str).join(", ");
        wrong(path, "known_kind", &["must be one of: ", &known].concat())
    })
}

fn mapping(path: &str, value: &str) -> Result<String, Error> {
    if !value.starts_with('{') {
        return Err(wrong(path, "object", "must be an object"));
    }
    let mut pairs = Vec::new();
    for (field, value) in part(value).iter() {
        let at = [path, ".", field].concat();
        let mapped = text(value).ok_or_else(|| wrong(&at, "path", "must be a path"))?;
        pairs.push((field.to_owned(), mapped));
    }
    let checked = pairs
        .iter()
        .map(|(field, to)| (field.as_str(), to.as_str()));
    if let Err(refused) = Mapping::parse(checked) {
        let shown: String = refused.field.chars().take(64).collect();
        let at = [path, ".", &shown].concat();
        return Err(Error::invalid(at, refused.rule, refused.message));
    }
    let pairs = pairs.iter();
    let pairs: Vec<_> = pairs
        .map(|(field, to)| [&quoted(field), ":", &quoted(to)].concat())
        .collect();
    Ok(["{", &pairs.join(","), "}"].concat())
}

fn phrases(path: &str, value: &str) -> Result<String, Error> {
    if !value.starts_with('{') {
        return Err(wrong(
            path,
            "object",
            "must be an object of lists, by language",
        ));
    }
    let (most_languages, most) = MAX_PHRASES;
    let languages = part(value);
    if languages.iter().count() > most_languages {
        return Err(wrong(path, "at_most_50", "must have at most 50 languages"));
    }
    let mut written = Vec::new();
    for (language, listed) in languages.iter() {
        let at = [path, ".", language].concat();
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        if !(2..=16).contains(&language.len()) || !language.bytes().all(plain) {
            return Err(wrong(
                &at,
                "language",
                "must be named by a language such as en",
            ));
        }
        let told = texts(listed).filter(|told| told.len() <= most);
        let told =
            told.ok_or_else(|| wrong(&at, "texts", "must be a list of at most 100 texts"))?;
        let told = told.iter().enumerate();
        let told = told.map(|(n, phrase)| {
            let at = format!("{at}[{n}]");
            words(&at, &quoted(phrase), MAX_PHRASE).map(|phrase| quoted(&phrase))
        });
        let told = list_of(&told.collect::<Result<Vec<_>, _>>()?);
        written.push([&quoted(language), ":", &told].concat());
    }
    Ok(["{", &written.join(","), "}"].concat())
}

fn list_of(items: &[String]) -> String {
    ["[", &items.join(","), "]"].concat()
}
