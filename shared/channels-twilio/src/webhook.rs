//! What Twilio posts (channels.md §5.2): one message, or one status of a message of ours.

use super::codes::{is_opted_out, meaning};
use channels::opt_outs::OptOutChange;
use channels::{
    InboundBytes, InboundMedia, InboundMessage, MessageStatus, MessageType, NameKind, Sender,
    SenderName, StatusUpdate,
};
use common::ids::MessageId;
use common::json::writer::JsonWriter;
use common::time::Timestamp;

/// Most media of one message that are looked at; Twilio sends ten.
const MAX_MEDIA: usize = 32;
/// The opt-out keywords, for messages where Twilio does not mark them itself (channels.md §5.3).
const STOP_WORDS: [&str; 8] = [
    "STOP",
    "STOPALL",
    "UNSUBSCRIBE",
    "CANCEL",
    "END",
    "QUIT",
    "REVOKE",
    "OPTOUT",
];
/// What takes one back.
const START_WORDS: [&str; 3] = ["START", "YES", "UNSTOP"];

/// One delivery.
#[derive(Debug, Default, PartialEq)]
pub struct Delivery {
    /// The account at Twilio that it says it is of.
    pub account_sid: Option<String>,
    /// A message from a customer.
    pub message: Option<InboundMessage>,
    /// A status of an outbound message.
    pub status: Option<StatusUpdate>,
    /// An opt-out from messages, or its reversal.
    pub opt_out: Option<OptOutChange>,
}

struct Params<'p>(&'p [(String, String)]);

impl<'p> Params<'p> {
    /// A parameter that is there and not empty.
    fn get(&self, name: &str) -> Option<&'p str> {
        let (_, value) = self.0.iter().find(|(known, _)| known == name)?;
        (!value.is_empty()).then_some(value.as_str())
    }
}

/// Reads a delivery received at this time, since Twilio sends none. `message_id` is the message named in
/// the URL of a status callback. Other requests have neither message nor status.
#[must_use]
pub fn parse(
    params: &[(String, String)],
    message_id: Option<&MessageId>,
    at: Timestamp,
) -> Delivery {
    let params = Params(params);
    let mut delivery = Delivery {
        account_sid: params.get("AccountSid").map(str::to_owned),
        ..Delivery::default()
    };
    let names = ["MessageSid", "SmsMessageSid", "SmsSid"];
    let Some(sid) = names.iter().find_map(|name| params.get(name)) else {
        return delivery;
    };
    let told = params.get("MessageStatus").or(params.get("SmsStatus"));
    match (told, params.get("From")) {
        (None | Some("received" | "receiving"), Some(from)) => {
            let message = message(&params, sid, from, at);
            delivery.opt_out = opt_out(&params, &message, at);
            delivery.message = Some(message);
        }
        (Some(status), _) => {
            delivery.status = status_update(&params, sid, status, message_id, at);
            delivery.opt_out = delivery.status.as_ref().and_then(|status| {
                let (code, _) = status.error.as_ref()?;
                is_opted_out(code).then(|| OptOutChange {
                    number: params.get("To").unwrap_or_default().to_owned(),
                    is_out: true,
                    said_by: None,
                    at,
                })
            });
        }
        (None, None) => {}
    }
    delivery
}

fn status_update(
    params: &Params<'_>,
    sid: &str,
    status: &str,
    message_id: Option<&MessageId>,
    at: Timestamp,
) -> Option<StatusUpdate> {
    let status = match status {
        "sent" => MessageStatus::Sent,
        "delivered" | "partially_delivered" => MessageStatus::Delivered,
        "read" => MessageStatus::Read,
        "undelivered" | "failed" | "canceled" => MessageStatus::Failed,
        // On its way, or what a later version of Twilio's may have.
        _ => return None,
    };
    let error = (status == MessageStatus::Failed).then(|| {
        let code = params.get("ErrorCode").unwrap_or("undelivered");
        let sentence = params.get("ErrorMessage").unwrap_or_else(|| meaning(code));
        (code.to_owned(), sentence.to_owned())
    });
    Some(StatusUpdate {
        provider_id: sid.to_owned(),
        status,
        at: Some(at),
        error,
        message_id: message_id.cloned(),
        // Never guessed by: what the CRM's other systems send by the number has callbacks, too.
        recipient: None,
    })
}

/// `+` and digits is a number; anything else in From, a short code or a name, is not (channels.md §8).
fn is_e164(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or_default();
    (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
}

fn name_of(from: &str) -> SenderName {
    let kind = match is_e164(from) {
        true => NameKind::Phone,
        false => NameKind::SmsSender,
    };
    SenderName::new(kind, from.to_owned())
}

fn message(params: &Params<'_>, sid: &str, from: &str, at: Timestamp) -> InboundMessage {
    // A number of Twilio's may have other channels beside SMS, which it names before the sender.
    let (channel, number) = match from.split_once(':') {
        Some((channel, number)) => (Some(channel), number),
        None => (None, from),
    };
    let is_number = is_e164(number);
    let media = media_of(params);
    let kind = match media.first() {
        _ if channel.is_some() => MessageType::Unsupported,
        Some(media) => kind_of(&media.mime_type),
        None => MessageType::Text,
    };
    let detail = JsonWriter::default();
    let segments = params.get("NumSegments");
    let segments = segments.filter(|count| count.len() < 5 && count.parse::<u32>().is_ok());
    let detail = match segments {
        Some(count) => detail.json("segments", count),
        None => detail,
    };
    let opt_out_type = opt_out_type(params).map(str::to_ascii_lowercase);
    let detail = detail
        .maybe("opt_out", opt_out_type.as_deref())
        .maybe("by", channel)
        .finish();
    InboundMessage {
        provider_id: sid.to_owned(),
        thread: None,
        sender: Sender {
            names: vec![name_of(if is_number { number } else { from })],
            // A sender without a number is known by nothing else.
            name: (!is_number).then(|| from.to_owned()),
            phone: is_number.then(|| number.to_owned()),
            contact: channel.is_none().then(|| from.to_owned()),
            ..Sender::default()
        },
        is_echo: false,
        kind,
        content: params.get("Body").unwrap_or_default().to_owned(),
        detail: (detail != "{}").then_some(detail),
        sent_at: Some(at),
        reply_to: None,
        media,
    }
}

/// STOP, START or HELP, as Twilio says, else by the words themselves.
fn opt_out_type<'p>(params: &Params<'p>) -> Option<&'static str> {
    let known = |told: &str| {
        ["STOP", "START", "HELP"]
            .into_iter()
            .find(|word| told.eq_ignore_ascii_case(word))
    };
    if let Some(told) = params.get("OptOutType") {
        return known(told);
    }
    let body = params.get("Body")?.trim();
    let is_one_of = |words: &[&str]| words.iter().any(|word| body.eq_ignore_ascii_case(word));
    match () {
        () if is_one_of(&STOP_WORDS) => Some("STOP"),
        () if is_one_of(&START_WORDS) => Some("START"),
        () => None,
    }
}

fn opt_out(params: &Params<'_>, message: &InboundMessage, at: Timestamp) -> Option<OptOutChange> {
    let is_out = match opt_out_type(params)? {
        "STOP" => true,
        "START" => false,
        _ => return None,
    };
    Some(OptOutChange {
        number: message.sender.contact.clone()?,
        is_out,
        said_by: Some(message.provider_id.clone()),
        at,
    })
}

fn media_of(params: &Params<'_>) -> Vec<InboundMedia> {
    let one = |n: usize| {
        let url = params.get(&format!("MediaUrl{n}"))?;
        let told = params.get(&format!("MediaContentType{n}"));
        let told = told.unwrap_or("application/octet-stream");
        let essence = told.split(';').next().unwrap_or_default().trim();
        let mime_type = essence.to_ascii_lowercase();
        Some(InboundMedia {
            bytes: InboundBytes::At(url.to_owned()),
            filename: format!("{}.{}", kind_of(&mime_type).as_str(), extension(&mime_type)),
            mime_type,
            sha256: None,
        })
    };
    (0..MAX_MEDIA).map_while(one).collect()
}

fn kind_of(mime_type: &str) -> MessageType {
    match mime_type.split('/').next() {
        Some("image") => MessageType::Image,
        Some("video") => MessageType::Video,
        Some("audio") => MessageType::Audio,
        _ => MessageType::Document,
    }
}

fn extension(mime_type: &str) -> &'static str {
    match mime_type {
        "image/jpeg" => "jpg",
        "image/png" => "png",
        "image/gif" => "gif",
        "image/webp" => "webp",
        "video/mp4" => "mp4",
        "video/3gpp" | "audio/3gpp" => "3gp",
        "video/quicktime" => "mov",
        "audio/mpeg" => "mp3",
        "audio/mp4" => "m4a",
        "audio/ogg" => "ogg",
        "audio/amr" => "amr",
        "text/vcard" | "text/x-vcard" => "vcf",
        "text/plain" => "txt",
        "text/csv" => "csv",
        "text/calendar" => "ics",
        "application/pdf" => "pdf",
        _ => "bin",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::form;

    const AT: Timestamp = Timestamp::from_micros(7);

    fn parsed(form: &str) -> Delivery {
        parse(&form::pairs(form), None, AT)
    }

    fn sms(from: &str, more: &str) -> InboundMessage {
        let form = format!("MessageSid=SM1&SmsStatus=received&From={from}&{more}");
        parsed(&form).message.unwrap()
    }

    #[test]
    fn a_number_is_a_phone_and_a_short_code_or_a_name_is_none() {
        let message = sms("%2B353871234567", "Body=Hi");
        assert_eq!(message.sender.names, [name_of("+353871234567")]);
        assert_eq!(message.sender.phone.as_deref(), Some("+353871234567"));
        assert_eq!(message.sender.contact, message.sender.phone);
        assert_eq!(
            (message.sender.name, message.kind),
            (None, MessageType::Text)
        );
        for from in ["12345", "AnPost", "%2B12345", "%2B1234567890123456"] {
            let message = sms(from, "Body=Hi");
            let from = from.replace("%2B", "+");
            assert_eq!(message.sender.names[0].kind, NameKind::SmsSender, "{from}");
            assert_eq!(message.sender.phone, None, "{from}");
            assert_eq!(message.sender.contact.as_ref(), Some(&from));
            assert_eq!(message.sender.name, Some(from));
        }
    }

    #[test]
    fn a_message_of_another_channel_is_shown_and_not_answered_by_sms() {
        let message = sms("whatsapp:%2B353871234567", "Body=STOP");
        assert_eq!(message.kind, MessageType::Unsupported);
        assert_eq!(message.sender.names, [name_of("+353871234567")]);
        assert_eq!(message.sender.contact, None);
        let delivery = parsed("MessageSid=SM1&From=whatsapp:%2B353871234567&Body=STOP");
        assert_eq!(delivery.opt_out, None);
    }

    #[test]
    fn media_are_taken_in_order_with_names_of_their_types() {
        let more = "NumMedia=2&MediaUrl0=https://a/0&MediaContentType0=image/jpeg\
                    &MediaUrl1=https://a/1&MediaContentType1=text/x-vcard%3Bcharset%3Dx";
        let message = sms("%2B353871234567", more);
        assert_eq!(
            (message.kind, message.content.as_str()),
            (MessageType::Image, "")
        );
        let media: Vec<_> = message
            .media
            .iter()
            .map(|m| (&*m.filename, &*m.mime_type))
            .collect();
        assert_eq!(
            media,
            [
                ("image.jpg", "image/jpeg"),
                ("document.vcf", "text/x-vcard")
            ]
        );
        assert_eq!(
            message.media[1].bytes,
            InboundBytes::At("https://a/1".into())
        );
    }

    #[test]
    fn an_opt_out_is_what_twilio_says_else_what_the_words_say() {
        let said = |more: &str| {
            let form = format!("MessageSid=SM1&From=%2B353871234567&{more}");
            parsed(&form).opt_out.map(|change| change.is_out)
        };
        for (more, is_out) in [
            ("Body=stop", Some(true)),
            ("Body=+Stop%0A", Some(true)),
            ("Body=OptOut", Some(true)),
            ("Body=Unstop", Some(false)),
            ("Body=Please+stop", None),
            ("Body=No+more&OptOutType=STOP", Some(true)),
            ("Body=STOP&OptOutType=HELP", None),
            ("Body=Ja&OptOutType=START", Some(false)),
            ("Body=", None),
        ] {
            assert_eq!(said(more), is_out, "{more}");
        }
    }

    #[test]
    fn statuses_are_told_apart_from_messages() {
        let id = MessageId::unchecked("01900000-0000-7000-8000-000000000001");
        let told = |status: &str| {
            let form = format!(
                "MessageSid=SM1&SmsStatus={status}&MessageStatus={status}&To=%2B353871234567&From=%2B1"
            );
            parse(&form::pairs(&form), Some(&id), AT)
        };
        for status in ["queued", "sending", "accepted", "scheduled", "dancing"] {
            let delivery = told(status);
            assert_eq!(
                (delivery.status, delivery.message),
                (None, None),
                "{status}"
            );
        }
        let update = told("delivered").status.unwrap();
        assert_eq!(
            (update.status, update.at),
            (MessageStatus::Delivered, Some(AT))
        );
        assert_eq!((update.message_id, update.recipient), (Some(id), None));
    }

    #[test]
    fn what_failed_says_why_and_an_opt_out_elsewhere_is_one() {
        let form = "MessageSid=SM1&MessageStatus=undelivered&To=%2B353871234567&ErrorCode=";
        let failed = parsed(&format!("{form}30003"));
        let (code, sentence) = failed.status.unwrap().error.unwrap();
        assert_eq!(code, "30003");
        assert!(sentence.contains("cannot be reached"));
        assert_eq!(failed.opt_out, None);
        let change = parsed(&format!("{form}21610")).opt_out.unwrap();
        assert_eq!((change.is_out, &*change.number), (true, "+353871234567"));
    }

    #[test]
    fn what_is_nothing_of_these_is_nothing() {
        for form in [
            "",
            "CallSid=CA1&From=%2B1",
            "MessageSid=&SmsSid=",
            "MessageSid=SM1",
        ] {
            let delivery = parsed(form);
            assert_eq!((delivery.message, delivery.status), (None, None), "{form}");
        }
    }
}
