//! What a request asks to send, checked.

use super::media;
use super::text::fits;
use crate::sending::not_found;
use channels::outbound::Template;
use channels::{Capabilities, ChannelKind, TextLimit};
use common::context::Context;
use common::http::{Error, json_error};
use common::ids::is_id;
use common::json::raw;
use common::json::raw::{checked_object, list, object};
use common::time::{DAY, Timestamp};
use customer::{Email, Identity, IdentityKind, phone_normalised};
use messaging::messages::send::MAX_ATTACHMENTS;
use std::borrow::Cow;

/// Longest key of a customer that is looked up, in characters.
const MAX_KEY_CHARS: usize = 512;
/// Longest name of a template (channels.md names none; Meta's own form takes 512).
const MAX_TEMPLATE_CHARS: usize = 512;
/// Longest code of a language, such as `pt_BR`.
const MAX_LANGUAGE_CHARS: usize = 15;

/// Longest text that is sent in several messages, in characters: ten of Messenger's.
const MAX_SPLIT_CHARS: usize = 20_000;
/// Longest subject of an email, in characters: its header holds 998 bytes (RFC 5322 §2.1.1).
const MAX_SUBJECT_CHARS: usize = 250;

/// The request of `POST /api-send-message`.
#[derive(Debug, Default)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct SendRequest {
    /// The customer, by our id or by the CRM's.
    pub customer_id: Option<String>,
    /// The customer, by the CRM's id.
    pub external_id: Option<String>,
    /// The customer, by email address.
    pub email: Option<String>,
    /// The customer, by phone number.
    pub phone: Option<String>,
    /// `whatsapp`, `facebook`, `facebook_comments`, `instagram`, `sms`, `email`, `web`, `api`, `telegram`, `line` or `tiktok`.
    pub channel: String,
    /// The text. May be empty with attachments or a template; with a template it is shown in the
    /// thread, and not sent.
    pub content: Option<String>,
    /// At most ten: ids or `file_url`s of uploaded attachments, or public https URLs.
    pub attachments: Option<Vec<String>>,
    /// The conversation to continue; names the customer if no other field does.
    pub conversation_id: Option<String>,
    /// Our id of the message that this one answers.
    pub reply_to: Option<String>,
    /// The subject of an email.
    pub subject: Option<String>,
    /// A template approved by the provider, instead of free text.
    pub template: Option<Template>,
    /// The sending account, if the conversation does not determine it.
    pub channel_id: Option<String>,
}

impl SendRequest {
    /// Reads a request's body.
    ///
    /// # Errors
    /// 400 for invalid JSON; 422 that names the first field which is unknown or of another type.
    pub fn parse(body: &str) -> Result<Self, Error> {
        let fields = checked_object(body).map_err(|error| json_error(&error))?;
        let fields = fields
            .ok_or_else(|| Error::invalid("body", "object", "The body must be an object."))?;
        let mut request = Self::default();
        for (name, value) in fields.iter() {
            match name {
                "customer_id" => request.customer_id = text("customer_id", value)?,
                "external_id" => request.external_id = text("external_id", value)?,
                "email" => request.email = text("email", value)?,
                "phone" => request.phone = text("phone", value)?,
                "channel" => request.channel = text("channel", value)?.unwrap_or_default(),
                "content" => request.content = text("content", value)?,
                "attachments" => request.attachments = texts(value)?,
                "conversation_id" => request.conversation_id = text("conversation_id", value)?,
                "reply_to" => request.reply_to = text("reply_to", value)?,
                "subject" => request.subject = text("subject", value)?,
                "template" => request.template = template(value)?,
                "channel_id" => request.channel_id = text("channel_id", value)?,
                other => return Err(unknown("", other)),
            }
        }
        Ok(request)
    }
}

fn template(value: &str) -> Result<Option<Template>, Error> {
    if value == "null" {
        return Ok(None);
    }
    let fields = object(value).ok_or_else(|| mistyped("template", "object"))?;
    let mut template = Template::default();
    for (name, value) in fields.iter() {
        match name {
            "name" => template.name = text("template.name", value)?.unwrap_or_default(),
            "language" => template.language = text("template.language", value)?.unwrap_or_default(),
            "components" if *value == "null" => {}
            "components" if list(value).is_some() => {
                template.components = Some((*value).to_owned())
            }
            "components" => return Err(mistyped("template.components", "array")),
            other => return Err(unknown("template.", other)),
        }
    }
    Ok(Some(template))
}

/// A text, or null.
fn text(path: &'static str, value: &str) -> Result<Option<String>, Error> {
    match raw::text(value) {
        None if value != "null" => Err(mistyped(path, "text")),
        text => Ok(text),
    }
}

/// Texts, or null.
fn texts(value: &str) -> Result<Option<Vec<String>>, Error> {
    if value == "null" {
        return Ok(None);
    }
    let texts = list(value).and_then(|all| all.into_iter().map(raw::text).collect());
    match texts {
        None => Err(mistyped("attachments", "texts")),
        texts => Ok(texts),
    }
}

fn mistyped(path: &'static str, rule: &'static str) -> Error {
    Error::invalid(path, rule, format!("`{path}` is not of its type: {rule}."))
}

fn unknown(within: &str, name: &str) -> Error {
    let name: String = name.chars().take(64).collect();
    let message = format!("There is no field `{within}{name}` here.");
    Error::invalid(format!("{within}{name}"), "unknown", message)
}

/// A request whose every part is what it should be; what it names is still to be found.
pub(super) struct Draft {
    /// The channel of the conversation.
    pub(super) kind: ChannelKind,
    /// Our id of the customer.
    pub(super) id: Option<String>,
    /// Another name of the customer.
    pub(super) identity: Option<Identity>,
    pub(super) conversation_id: Option<String>,
    pub(super) channel_id: Option<String>,
    pub(super) reply_to: Option<String>,
    pub(super) content: String,
    pub(super) subject: Option<String>,
    pub(super) template: Option<Template>,
    pub(super) attachments: Vec<media::Reference>,
    /// Whether whoever wrote the message that is answered alone gets it.
    pub(super) is_private: bool,
    /// Whether it is stored alone, and sent once the business is no longer suspended.
    pub(super) waits: bool,
    pub(super) key: Option<SendKey>,
}

/// By what a request that is made again is known, so that it happens once.
pub(super) struct SendKey {
    pub(super) text: String,
    /// Since when such a key counts; one that is older is free again.
    pub(super) since: Timestamp,
}

/// # Errors
/// 422 for the first invalid field; 404 for an id that is not a UUID; 503 where nobody can say whether a
/// number without its country is one.
pub(super) async fn checked(cx: &Context<'_>, request: SendRequest) -> Result<Draft, Error> {
    let kind = channel_of(&request.channel)?;
    let (id, identity) = customer_of(cx, &request).await?;
    let content = request.content.unwrap_or_default();
    let attachments = request.attachments.unwrap_or_default();
    if attachments.len() > MAX_ATTACHMENTS {
        let message = format!("A message takes at most {MAX_ATTACHMENTS} attachments.");
        return Err(Error::invalid(
            "attachments",
            format!("at_most_{MAX_ATTACHMENTS}"),
            message,
        ));
    }
    let subject = request.subject.filter(|subject| !subject.is_empty());
    if subject.as_ref().is_some_and(|subject| !is_subject(subject)) {
        let message = "`subject` must be one line of at most 250 characters.";
        return Err(Error::invalid("subject", "one_line", message));
    }
    if let Some(template) = &request.template {
        check_template(template, !attachments.is_empty())?;
    } else if content.trim().is_empty() && attachments.is_empty() {
        let message = "Give `content`, `attachments` or a `template`.";
        return Err(Error::invalid("content", "required", message));
    }
    let draft = Draft {
        kind,
        id,
        identity,
        conversation_id: our_id(request.conversation_id, "conversation_id")?,
        channel_id: our_id(request.channel_id, "channel_id")?,
        reply_to: our_id(request.reply_to, "reply_to")?,
        content,
        subject,
        template: request.template,
        attachments: media::references(cx, &attachments)?,
        is_private: false,
        waits: false,
        key: (cx.header)("idempotency-key").map(|text| SendKey {
            text,
            since: cx.now.plus(-DAY),
        }),
    };
    // A conversation may be on an account of another kind, which takes something else.
    if let (Some(account), None) = (kind.own_account(), &draft.conversation_id) {
        draft.check_fits(Capabilities::of(account))?;
    }
    Ok(draft)
}

impl Draft {
    /// Checks what depends on the kind of the account.
    ///
    /// # Errors
    /// 422 for a text that is too long, and for a subject or a template where there is none.
    pub(super) fn check_fits(&self, takes: &Capabilities) -> Result<(), Error> {
        check_text(takes, &self.content)?;
        if self.subject.is_some() && !takes.subject {
            let message = "Only an email has a `subject`.";
            return Err(Error::invalid("subject", "of_email", message));
        }
        if self.template.is_some() && !takes.templates {
            let message = format!("{} has no templates.", takes.name);
            return Err(Error::invalid("template", "of_channel", message));
        }
        Ok(())
    }
}

fn channel_of(name: &str) -> Result<ChannelKind, Error> {
    ChannelKind::parse(name).ok_or_else(|| {
        let message = format!("`channel` must be one of: {}.", ChannelKind::names());
        Error::invalid("channel", "known_channel", message)
    })
}

fn check_text(takes: &Capabilities, content: &str) -> Result<(), Error> {
    let (max, unit) = match takes.text {
        _ if takes.splits_text => (MAX_SPLIT_CHARS, "characters"),
        TextLimit::Characters(max) => (max, "characters"),
        TextLimit::Bytes(max) => (max, "bytes"),
    };
    let limit = match takes.text {
        TextLimit::Bytes(_) if !takes.splits_text => takes.text,
        _ => TextLimit::Characters(max),
    };
    if fits(content, limit) {
        return Ok(());
    }
    let message = format!(
        "`content` has more than {max} {unit}, the most that {} takes. Send it in parts.",
        takes.name
    );
    let rule = format!("at_most_{max}");
    Err(Error::invalid("content", rule, message))
}

/// Whether a subject fits into its header as it is.
fn is_subject(subject: &str) -> bool {
    subject.chars().count() <= MAX_SUBJECT_CHARS && !subject.chars().any(char::is_control)
}

/// The one name of the customer; none where the conversation tells.
async fn customer_of(
    cx: &Context<'_>,
    request: &SendRequest,
) -> Result<(Option<String>, Option<Identity>), Error> {
    let names = [
        ("customer_id", &request.customer_id),
        ("external_id", &request.external_id),
        ("email", &request.email),
        ("phone", &request.phone),
    ];
    let mut given = names
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.as_deref()?.trim())));
    let one = "Name the customer by exactly one of `customer_id`, `external_id`, `email`, `phone`.";
    let Some((name, value)) = given.next() else {
        if request.conversation_id.is_some() {
            return Ok((None, None));
        }
        return Err(Error::invalid("customer_id", "required", one));
    };
    if given.next().is_some() {
        return Err(Error::invalid("customer_id", "exactly_one", one));
    }
    if value.is_empty() || value.chars().count() > MAX_KEY_CHARS {
        let message = format!("`{name}` must have 1 to {MAX_KEY_CHARS} characters.");
        return Err(Error::invalid(name, "1_to_512_characters", message));
    }
    let identity = match name {
        "email" => {
            let email = Email::parse(Cow::Borrowed(value)).ok_or_else(|| {
                Error::invalid("email", "email", "`email` must be an email address.")
            })?;
            Identity::new(IdentityKind::Email, email.as_str())
        }
        "phone" => {
            let phone = phone_normalised(cx, value).await?.ok_or_else(|| {
                Error::invalid("phone", "phone", "`phone` must be a phone number.")
            })?;
            Identity::new(IdentityKind::Phone, &phone)
        }
        _ => Identity::external(value, ""),
    };
    let id = (name == "customer_id" && is_id(value)).then(|| value.to_ascii_lowercase());
    Ok((id, Some(identity)))
}

/// Our id, if one is given; 404 if it is not a UUID.
fn our_id(given: Option<String>, path: &'static str) -> Result<Option<String>, Error> {
    match given {
        None => Ok(None),
        Some(id) if is_id(&id) => Ok(Some(id.to_ascii_lowercase())),
        Some(_) => Err(missing(path)),
    }
}

/// 404 for what the business does not have, by the field that named it.
pub(super) fn missing(path: &'static str) -> Error {
    let what = match path {
        "conversation_id" => "There is no such conversation.",
        "channel_id" => "There is no such channel account.",
        "reply_to" => "There is no such message to reply to.",
        _ => "There is no such customer.",
    };
    not_found(what, path)
}

fn check_template(template: &Template, has_attachments: bool) -> Result<(), Error> {
    if has_attachments {
        let message = "A template brings its own media, in its `components`.";
        return Err(Error::invalid("attachments", "without_template", message));
    }
    let fits = |text: &str, max: usize| !text.is_empty() && text.len() <= max;
    if !fits(&template.name, MAX_TEMPLATE_CHARS) {
        let message = "`template.name` must be the name of an approved template.";
        return Err(Error::invalid(
            "template.name",
            "1_to_512_characters",
            message,
        ));
    }
    if !fits(&template.language, MAX_LANGUAGE_CHARS) {
        let message = "`template.language` must be a code such as en or pt_BR.";
        return Err(Error::invalid(
            "template.language",
            "1_to_15_characters",
            message,
        ));
    }
    Ok(())
}
