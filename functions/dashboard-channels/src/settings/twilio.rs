use super::owner::Proof;
use super::probe::{ChannelTest, MAX_QUOTED_CHARS, TIMEOUT_MS, failed, passed};
use channels::Credentials;
use channels_twilio::api::{Api, TwilioError};
use common::context::Context;
use common::form;
use common::json::Fields;
use common::json::raw::{Object, object};
use common::json::tolerant;
use common::ports::{FetchError, OutboundRequest, OutboundResponse};

/// What Twilio says of the account that is shown.
const SHOWN: [&str; 3] = ["friendly_name", "status", "type"];

const UNREADABLE: &str = "Twilio gave an answer that cannot be read.";

/// Asks Twilio about an account, by its token; and, where it has an API key, whether that is taken.
pub(super) async fn twilio_test(
    cx: &Context<'_>,
    settings: &Fields<String>,
    credentials: &Credentials,
) -> ChannelTest {
    let token = Api::of_token(&cx.ports, settings, credentials);
    let account = match asked(cx, token.get(".json", TIMEOUT_MS)).await {
        Ok(answer) => answer,
        Err(why) => return failed(&refusal("auth token", &why, credentials)),
    };
    let said = std::str::from_utf8(&account.body).ok().and_then(object);
    let Some(said) = said else {
        return failed(UNREADABLE);
    };
    let mut detail = Fields::new();
    for name in SHOWN {
        if let Some(value) = said.text(name) {
            detail.insert(name, value);
        }
    }
    if detail
        .get("status")
        .is_some_and(|status| status != "active")
    {
        let error = "The account is not active. Twilio takes no messages for it.";
        return ChannelTest {
            detail,
            ..failed(error)
        };
    }
    if settings.get("api_key_sid").is_some() {
        let key = Api::of(&cx.ports, settings, credentials);
        let listing = key.get("/Messages.json?PageSize=1", TIMEOUT_MS);
        if let Err(why) = asked(cx, listing).await {
            return failed(&refusal("API key", &why, credentials));
        }
    }
    passed(detail)
}

/// Whether a number, or a short code, is the account's, by its token: a key may lack the permission to
/// ask (channels.md §8.1).
pub(super) async fn number_check(
    cx: &Context<'_>,
    settings: &Fields<String>,
    credentials: &Credentials,
    number: &str,
) -> Proof {
    let (path, parameter, list, field) = match number.starts_with('+') {
        true => (
            "/IncomingPhoneNumbers.json",
            "PhoneNumber",
            "incoming_phone_numbers",
            "phone_number",
        ),
        false => (
            "/SMS/ShortCodes.json",
            "ShortCode",
            "short_codes",
            "short_code",
        ),
    };
    let query = form::encoded([(parameter, number)]);
    let api = Api::of_token(&cx.ports, settings, credentials);
    let answer = match asked(cx, api.get(&format!("{path}?{query}"), TIMEOUT_MS)).await {
        Ok(answer) => answer,
        Err(why) => return Proof::Missing(refusal("auth token", &why, credentials)),
    };
    let said = std::str::from_utf8(&answer.body).ok().and_then(object);
    let Some(said) = said.filter(|said| said.get(list).is_some()) else {
        return Proof::Missing(UNREADABLE.to_owned());
    };
    let numbers = tolerant::objects(&said, list);
    let is_it = |one: &Object<'_>| tolerant::text(one, field).as_deref() == Some(number);
    match numbers.iter().any(is_it) {
        true => Proof::Given,
        false => Proof::Missing("The number is not the `account_sid`'s at Twilio.".to_owned()),
    }
}

/// Why Twilio did not say what it was asked.
enum Refusal {
    NoResponse(FetchError),
    Answer(OutboundResponse),
}

async fn asked(cx: &Context<'_>, question: OutboundRequest) -> Result<OutboundResponse, Refusal> {
    match cx.ports.http.fetch(question).await {
        Ok(answer) if answer.status == 200 => Ok(answer),
        Ok(answer) => Err(Refusal::Answer(answer)),
        Err(why) => Err(Refusal::NoResponse(why)),
    }
}

fn refusal(by: &str, why: &Refusal, credentials: &Credentials) -> String {
    let answer = match why {
        Refusal::NoResponse(FetchError::NotSent(_)) => {
            return "Twilio could not be reached.".into();
        }
        Refusal::NoResponse(FetchError::Unsure(_)) => {
            return "Twilio did not answer within 10 seconds.".into();
        }
        Refusal::Answer(answer) => answer,
    };
    let error = TwilioError::parse(&answer.body);
    let is_dead = error.as_ref().is_some_and(TwilioError::is_dead_token);
    let what = match answer.status {
        401 => format!("Twilio refuses the {by}. Replace it, or the `account_sid`."),
        _ if is_dead => format!("Twilio refuses the {by}. Replace it, or the `account_sid`."),
        404 => "Twilio does not know this `account_sid`.".to_owned(),
        status => format!("Twilio refused with status {status}."),
    };
    let mut said = error.map(|error| error.message).unwrap_or_default();
    for secret in [&credentials.auth_token, &credentials.api_key_secret] {
        if let Some(secret) = secret.as_deref().filter(|secret| !secret.is_empty()) {
            said = said.replace(secret, "…");
        }
    }
    match said.chars().take(MAX_QUOTED_CHARS).collect::<String>() {
        said if said.is_empty() => what,
        said => format!("{what} Twilio says: {said}"),
    }
}
