use super::api::Api;
use super::codes::failed;
use super::{codes, listing};
use channels::StatusUpdate;
use channels::outbound::{
    Adapter, Content, FetchResult, MediaRef, MediaTransfer, Outbound, Outgoing, SEND_TIMEOUT_MS,
    SendOutcome, SendingAccount,
};
use channels::outcomes::refused;
use common::form;
use common::http::ledger::BASE_PATH;
use common::ids::MessageId;
use common::json::raw::{Object, integer, object, text};
use common::ports::{OutboundRequest, Ports};
use common::time::Timestamp;

/// Twilio's Messages (channels.md §5.3).
pub struct Twilio;

impl Adapter for Twilio {
    fn media_transfer(&self) -> MediaTransfer {
        MediaTransfer::Linked
    }

    fn shape(
        &self,
        ports: &Ports<'_>,
        account: &SendingAccount,
        outgoing: &Outgoing<'_>,
    ) -> OutboundRequest {
        let api = api_of(ports, account);
        let to = outgoing.outbound.to.value();
        let (body, _) = content_of(&outgoing.outbound.content);
        let callback = callback(ports, account, &api.base, outgoing.message_id);
        // A service picks the number itself; both together would have to match.
        let from = match account.setting("messaging_service_sid") {
            Some(service) => ("MessagingServiceSid", service),
            None => ("From", account.address.as_str()),
        };
        let mut fields = vec![("To", to), from];
        if !body.is_empty() {
            fields.push(("Body", body));
        }
        for media_ref in outgoing.media_refs {
            if let MediaRef::Link(url) = media_ref {
                fields.push(("MediaUrl", url));
            }
        }
        if let Some(callback) = &callback {
            fields.push(("StatusCallback", callback));
        }
        api.post("/Messages.json", form::encoded(fields), SEND_TIMEOUT_MS)
    }

    fn classify(&self, _: &SendingAccount, answered: &FetchResult) -> SendOutcome {
        let Some(answer) = succeeded(answered) else {
            return failed(answered);
        };
        let Some(provider_id) = answer.text("sid").filter(|sid| !sid.is_empty()) else {
            return failed(answered);
        };
        // No callback tells of the first status.
        if let Some("failed" | "undelivered" | "canceled") = answer.text("status").as_deref() {
            let code = answer.get("error_code").copied();
            let code = code.and_then(integer).unwrap_or("failed").to_owned();
            let message = answer.text("error_message");
            let message = message.unwrap_or_else(|| codes::meaning(&code).to_owned());
            return refused(code, &message, false);
        }
        SendOutcome::Sent { provider_id }
    }

    fn segments(&self, answered: &FetchResult) -> Option<u32> {
        let answer = succeeded(answered)?;
        // A text, says Twilio's own library; a service counts once it has picked the number: 0.
        let count = answer.get("num_segments").copied()?;
        let count = text(count).or_else(|| integer(count).map(str::to_owned))?;
        count.parse().ok().filter(|count| *count > 0)
    }

    fn look_up(
        &self,
        ports: &Ports<'_>,
        account: &SendingAccount,
        outbound: &Outbound,
        tried_at: Timestamp,
    ) -> Option<OutboundRequest> {
        listing::question(&api_of(ports, account), outbound, tried_at)
    }

    fn looked_up(
        &self,
        outbound: &Outbound,
        tried_at: Timestamp,
        answered: &FetchResult,
    ) -> Option<Vec<StatusUpdate>> {
        listing::candidates(outbound, tried_at, answered)
    }
}

fn api_of(ports: &Ports<'_>, account: &SendingAccount) -> Api {
    Api::of(ports, &account.settings, &account.credentials)
}

/// The text of a message, and how many media it has.
pub(super) fn content_of(content: &Content) -> (&str, usize) {
    match content {
        Content::Compound(compound) => (&compound.text, compound.media.len()),
        Content::Text(text) => (text, 0),
        // Never planned for this channel; what can be said of them is their text.
        Content::Media(media) => (media.caption.as_deref().unwrap_or_default(), 1),
        Content::Template(_) => ("", 0),
    }
}

/// The status callback of the message. Its URL names the message, since the callback may arrive before
/// the response with Twilio's id. `None` where Twilio would refuse the URL: the host must be a name
/// without underscores, and Twilio cannot call plain http on a local machine.
fn callback(
    ports: &Ports<'_>,
    account: &SendingAccount,
    api_base: &str,
    message_id: &MessageId,
) -> Option<String> {
    let origin = ports.public_origin().ok()?;
    let is_secure = |url: &str| url.starts_with("https://");
    let takes = !origin.contains('_') && (is_secure(&origin) || !is_secure(api_base));
    let id = &account.channel_id;
    takes.then(|| format!("{origin}{BASE_PATH}/webhook-twilio/{id}?message_id={message_id}"))
}

fn succeeded(answered: &FetchResult) -> Option<Object<'_>> {
    let response = answered.as_ref().ok()?;
    let is_success = (200..300).contains(&response.status);
    object(std::str::from_utf8(&response.body).ok()?).filter(|_| is_success)
}

#[cfg(test)]
mod tests {
    use super::*;
    use channels::Credentials;
    use channels::outbound::{Compound, Media, MediaKind, MediaSource, Recipient};
    use common::ids::ChannelId;
    use common::json::Fields;
    use common::ports::OutboundResponse;

    fn account(settings: &[(&str, &str)]) -> SendingAccount {
        let mut fields = Fields::new();
        fields.insert("account_sid", "AC1".to_owned());
        for (name, value) in settings {
            fields.insert(name, (*value).to_owned());
        }
        SendingAccount {
            channel_id: ChannelId::unchecked("channel-1"),
            address: "+15005550001".into(),
            settings: fields,
            credentials: Credentials {
                auth_token: Some("12345".into()),
                ..Credentials::default()
            },
        }
    }

    fn variable(origin: &str, base: &str) -> impl Fn(&str) -> Option<String> {
        let (origin, base) = (origin.to_owned(), base.to_owned());
        move |name| match name {
            "PUBLIC_ORIGIN" => Some(origin.clone()),
            "TWILIO_API_BASE" => Some(base.clone()),
            "ALLOW_INSECURE_URLS" => Some("1".to_owned()),
            _ => None,
        }
    }

    fn shaped(
        account: &SendingAccount,
        variable: &dyn Fn(&str) -> Option<String>,
        text: &str,
        links: &[&str],
    ) -> (String, Vec<(String, String)>) {
        let media = links.iter().map(|url| Media {
            kind: MediaKind::Image,
            source: MediaSource::Link((*url).into()),
            filename: "a.png".into(),
            caption: None,
        });
        let outbound = Outbound {
            to: Recipient::Number("+353871234567".into()),
            reply_to: None,
            content: Content::Compound(Compound {
                text: text.into(),
                media: media.collect(),
                ..Compound::default()
            }),
        };
        let media_refs: Vec<_> = links
            .iter()
            .map(|url| MediaRef::Link((*url).into()))
            .collect();
        let outgoing = Outgoing {
            message_id: &MessageId::unchecked("m-1"),
            outbound: &outbound,
            media_refs: &media_refs,
            is_late: false,
        };
        let ports = Ports {
            variable,
            ..Ports::NOTHING
        };
        let request = Twilio.shape(&ports, account, &outgoing);
        let body = String::from_utf8(request.body.unwrap()).unwrap();
        (request.url, form::pairs(&body))
    }

    fn get<'f>(form: &'f [(String, String)], name: &str) -> Vec<&'f str> {
        let all = form.iter().filter(|(known, _)| known == name);
        all.map(|(_, value)| value.as_str()).collect()
    }

    #[test]
    fn a_text_and_its_media_are_one_form_with_a_callback_that_names_the_message() {
        let variable = variable("https://tieline.example", "https://api.twilio.com/");
        let links = ["https://a.example/b.png?x=1&y=2", "https://a.example/c.png"];
        let (url, form) = shaped(&account(&[]), &variable, "Hi & bye +1 😀", &links);
        let expected = "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages.json";
        assert_eq!(url, expected);
        assert_eq!(get(&form, "To"), ["+353871234567"]);
        assert_eq!(get(&form, "From"), ["+15005550001"]);
        assert_eq!(get(&form, "Body"), ["Hi & bye +1 😀"]);
        assert_eq!(get(&form, "MediaUrl"), links);
        let callback =
            "https://tieline.example/functions/v1/webhook-twilio/channel-1?message_id=m-1";
        assert_eq!(get(&form, "StatusCallback"), [callback]);
        assert_eq!(form.len(), 6);
    }

    #[test]
    fn a_messaging_service_takes_the_place_of_the_number() {
        let variable = variable("https://tieline.example", "https://api.twilio.com");
        let account = account(&[("messaging_service_sid", "MG1")]);
        let (_, form) = shaped(&account, &variable, "", &["https://a.example/b.png"]);
        assert_eq!(get(&form, "MessagingServiceSid"), ["MG1"]);
        assert!(get(&form, "From").is_empty() && get(&form, "Body").is_empty());
    }

    #[test]
    fn a_callback_that_twilio_would_refuse_the_message_for_is_left_out() {
        for (origin, base, is_there) in [
            ("https://tieline.example", "https://api.twilio.com", true),
            ("https://my_shop.example", "https://api.twilio.com", false),
            ("http://127.0.0.1:8787", "https://api.twilio.com", false),
            ("http://127.0.0.1:8787", "http://127.0.0.1:9000", true),
            ("", "https://api.twilio.com", false),
        ] {
            let (_, form) = shaped(&account(&[]), &variable(origin, base), "Hi", &[]);
            let is_told = !get(&form, "StatusCallback").is_empty();
            assert_eq!(is_told, is_there, "{origin} {base}");
        }
    }

    fn answer(status: u16, body: &str) -> FetchResult {
        Ok(OutboundResponse {
            status,
            body: body.as_bytes().to_vec(),
            ..OutboundResponse::default()
        })
    }

    #[test]
    fn an_answer_tells_the_id_and_the_segments() {
        let body = r#"{"sid":"SM1","status":"queued","error_code":null,"num_segments":"3"}"#;
        let answered = answer(201, body);
        let provider_id = "SM1".to_owned();
        let sent = Twilio.classify(&account(&[]), &answered);
        assert_eq!(sent, SendOutcome::Sent { provider_id });
        assert_eq!(Twilio.segments(&answered), Some(3));
        for none in [
            answer(201, r#"{"sid":"SM1","num_segments":"0"}"#),
            answer(400, body),
            answer(201, ""),
        ] {
            assert_eq!(Twilio.segments(&none), None);
        }
    }

    #[test]
    fn a_success_without_an_id_is_uncertain_and_one_that_failed_at_once_is_refused() {
        for body in ["", "{}", r#"{"sid":""}"#, "<html>"] {
            let outcome = Twilio.classify(&account(&[]), &answer(201, body));
            assert!(matches!(outcome, SendOutcome::Uncertain { .. }), "{body}");
        }
        let body = r#"{"sid":"SM1","status":"failed","error_code":30006}"#;
        let SendOutcome::Refused { code, message, .. } =
            Twilio.classify(&account(&[]), &answer(201, body))
        else {
            panic!("failed at once")
        };
        assert_eq!(code, "30006");
        assert!(message.contains("landline"));
    }
}
