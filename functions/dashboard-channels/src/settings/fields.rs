use channels::AccountKind;
use common::json::raw::{integer, text};
use source_chatwoot::api::Base;
use source_chatwoot::{channels_setting, left_out_setting};

/// What a field may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// A provider's id, which may come as a number: some providers print theirs so.
    Id,
    /// The id of an account at Twilio.
    AccountSid,
    /// A number in E.164, or a short code.
    Phone,
    /// An address of email.
    Email,
    /// A provider of email that mail comes by.
    Provider,
    /// A provider of email that mail goes out by.
    Sender,
    /// A domain.
    Domain,
    /// A short text for people.
    Label,
    /// A switch: `true` or `false`.
    Flag,
    /// By which of Meta's logins an Instagram account was connected.
    Login,
    /// Where a server of Chatwoot's is.
    Server,
    /// A number by which Chatwoot knows what it has.
    Number,
    /// Inboxes of Chatwoot's: a list of ids.
    Inboxes,
    /// Channels of inboxes of Chatwoot's.
    InboxChannels,
    /// A secret that travels in a header.
    Token,
    /// A secret at the end of a path.
    PathToken,
    /// Any other secret.
    Secret,
}

/// A field of an account.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) rule: Rule,
    pub(super) required: bool,
}

/// The fields of a kind of account (contract.md, Settings).
#[derive(Debug)]
pub(super) struct KindFields {
    /// By which the provider names the account; `None` where `settings` have the parts of it.
    pub(super) address: Option<Field>,
    /// What else is known of it.
    pub(super) settings: &'static [Field],
    /// Its secrets.
    pub(super) credentials: &'static [Field],
}

const fn required(name: &'static str, rule: Rule) -> Field {
    Field {
        name,
        rule,
        required: true,
    }
}

const fn optional(name: &'static str, rule: Rule) -> Field {
    Field {
        name,
        rule,
        required: false,
    }
}

/// A handshake may have been done under another account of the same app, so that the verify token
/// can be missing. Whether the app secret can, `input` checks: the deployment may have an app of its own.
const META: &[Field] = &[
    required("access_token", Rule::Token),
    optional("app_secret", Rule::Secret),
    optional("verify_token", Rule::Secret),
];

/// Whether Meta has approved the feature of this name for the app, by which a person may answer for
/// seven days.
const HUMAN_AGENT: Field = optional("human_agent", Rule::Flag);
/// Whether files that customers send are kept; else only their links are (channels.md §4.4).
const STORE_MEDIA: Field = optional("store_media", Rule::Flag);

static WHATSAPP: KindFields = KindFields {
    address: Some(required("phone_number_id", Rule::Id)),
    settings: &[
        optional("waba_id", Rule::Id),
        optional("display_phone_number", Rule::Label),
    ],
    credentials: META,
};
static FACEBOOK: KindFields = KindFields {
    address: Some(required("page_id", Rule::Id)),
    settings: &[HUMAN_AGENT, STORE_MEDIA],
    credentials: META,
};
static FACEBOOK_COMMENTS: KindFields = KindFields {
    address: Some(required("page_id", Rule::Id)),
    settings: &[STORE_MEDIA],
    credentials: META,
};
static INSTAGRAM: KindFields = KindFields {
    address: Some(required("instagram_account_id", Rule::Id)),
    settings: &[HUMAN_AGENT, STORE_MEDIA, optional("login", Rule::Login)],
    credentials: &[
        required("access_token", Rule::Token),
        optional("app_secret", Rule::Secret),
        optional("instagram_app_secret", Rule::Secret),
        optional("verify_token", Rule::Secret),
    ],
};
static SMS: KindFields = KindFields {
    address: Some(required("phone_number", Rule::Phone)),
    settings: &[
        required("account_sid", Rule::AccountSid),
        optional("messaging_service_sid", Rule::Id),
        optional("api_key_sid", Rule::Id),
        optional("webhook_key_id", Rule::Id),
        optional("delete_media", Rule::Flag),
    ],
    credentials: &[
        required("auth_token", Rule::Token),
        optional("api_key_secret", Rule::Token),
        optional("webhook_secret", Rule::Secret),
    ],
};
static EMAIL: KindFields = KindFields {
    address: Some(required("address", Rule::Email)),
    settings: &[
        required("provider", Rule::Provider),
        optional("sends_by", Rule::Sender),
        optional("from_name", Rule::Label),
        optional("reply_domain", Rule::Domain),
        optional("authserv_id", Rule::Domain),
    ],
    // Whoever sends needs a key, which `input` checks: Cloudflare alone only receives.
    credentials: &[
        optional("api_key", Rule::Token),
        optional("webhook_secret", Rule::Secret),
    ],
};

static CHATWOOT: KindFields = KindFields {
    // The server and the number of the account there.
    address: None,
    settings: &[
        required(BASE_URL, Rule::Server),
        required(ACCOUNT_ID, Rule::Number),
        optional("inboxes_left_out", Rule::Inboxes),
        optional("inbox_channels", Rule::InboxChannels),
        optional("crm_card", Rule::Flag),
    ],
    credentials: &[
        required("access_token", Rule::Token),
        optional("webhook_secret", Rule::Secret),
        optional("webhook_token", Rule::PathToken),
    ],
};

/// The parts of an address at Chatwoot.
pub(super) const BASE_URL: &str = "base_url";
pub(super) const ACCOUNT_ID: &str = "account_id";

impl KindFields {
    /// The fields of a kind.
    pub(super) fn of(kind: AccountKind) -> &'static Self {
        match kind {
            AccountKind::WhatsApp => &WHATSAPP,
            AccountKind::Facebook => &FACEBOOK,
            AccountKind::FacebookComments => &FACEBOOK_COMMENTS,
            AccountKind::Instagram => &INSTAGRAM,
            AccountKind::Sms => &SMS,
            AccountKind::Email => &EMAIL,
            AccountKind::Chatwoot => &CHATWOOT,
        }
    }

    /// Whether a field names such an account, and therefore does not change.
    pub(super) fn is_name(&self, key: &str) -> bool {
        match &self.address {
            Some(field) => field.name == key,
            None => matches!(key, BASE_URL | ACCOUNT_ID),
        }
    }

    /// Whether an account of this kind has such a secret.
    pub(super) fn has_credential(&self, name: &str) -> bool {
        self.credentials.iter().any(|field| field.name == name)
    }
}

impl Rule {
    /// The value in the form in which it is stored.
    ///
    /// # Errors
    /// The rule that it breaks, by its stable name and as a sentence.
    pub(super) fn read(self, value: &str) -> Result<String, (&'static str, &'static str)> {
        let given = match (self, integer(value)) {
            (Self::Id | Self::Number, Some(digits)) => Some(digits.to_owned()),
            (Self::Inboxes, _) => left_out_setting(value),
            (Self::InboxChannels, _) => channels_setting(value),
            (Self::Flag, _) if matches!(value, "true" | "false") => Some(value.to_owned()),
            _ => text(value),
        };
        let normal = given.and_then(|given| self.normal(given.trim()));
        normal.ok_or_else(|| self.description())
    }

    const fn description(self) -> (&'static str, &'static str) {
        match self {
            Self::Id => (
                "provider_id",
                "must be the provider's id: 1 to 64 letters, digits, `_` or `-`.",
            ),
            Self::AccountSid => (
                "account_sid",
                "must be the account's SID: `AC` and 32 hexadecimal digits.",
            ),
            Self::Phone => (
                "e164_or_short_code",
                "must be a number such as +353871234567, or a short code.",
            ),
            Self::Email => ("email", "must be an address of email."),
            Self::Provider => (
                "resend_postmark_or_cloudflare",
                "must be `resend`, `postmark` or `cloudflare`.",
            ),
            Self::Sender => ("resend_or_postmark", "must be `resend` or `postmark`."),
            Self::Domain => ("domain", "must be a domain such as in.example.com."),
            Self::Flag => ("boolean", "must be true or false."),
            Self::Label => ("1_to_64_characters", "must have 1 to 64 characters."),
            Self::Login => (
                "facebook_or_instagram",
                "must be `facebook` or `instagram`.",
            ),
            Self::Server => (
                "server",
                "must be where the server is, such as https://chat.example.com.",
            ),
            Self::Number => ("number", "must be a number, as its pages have it."),
            Self::Inboxes => ("inbox_ids", "must be a list of at most 100 ids of inboxes."),
            Self::InboxChannels => (
                "inbox_channels",
                "must have ids of inboxes, at most 100, each with a channel.",
            ),
            Self::PathToken => (
                "32_to_128_letters_or_digits",
                "must have 32 to 128 letters, digits, `_` or `-`: `openssl rand -hex 24` makes one.",
            ),
            Self::Token => (
                "1_to_4096_visible_ascii",
                "must have 1 to 4096 visible ASCII characters.",
            ),
            Self::Secret => (
                "1_to_4096_characters",
                "must have 1 to 4096 characters, none of them a control character.",
            ),
        }
    }

    fn normal(self, text: &str) -> Option<String> {
        let fits = |max: usize| (1..=max).contains(&text.chars().count());
        let is_plain = || !text.chars().any(char::is_control);
        let is_part = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
        let valid = match self {
            Self::Id => fits(64) && text.bytes().all(is_part),
            Self::PathToken => (32..=128).contains(&text.len()) && text.bytes().all(is_part),
            Self::Server => return Base::parse(text).map(|base| base.root),
            Self::Number => fits(18) && text.bytes().all(|b| b.is_ascii_digit()),
            // Read already.
            Self::Inboxes | Self::InboxChannels => true,
            Self::AccountSid => {
                let digits = text.strip_prefix("AC").unwrap_or_default();
                let is_hex = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
                digits.len() == 32 && digits.bytes().all(is_hex)
            }
            Self::Phone => return phone(text),
            Self::Email => return email(text),
            Self::Provider => matches!(text, "resend" | "postmark" | "cloudflare"),
            Self::Sender => matches!(text, "resend" | "postmark"),
            // A local part of one letter makes it an address.
            Self::Domain => {
                let address = email(&format!("a@{text}"))?;
                return address.strip_prefix("a@").map(str::to_owned);
            }
            Self::Label => fits(64) && is_plain(),
            Self::Flag => matches!(text, "true" | "false"),
            Self::Login => matches!(text, "facebook" | "instagram"),
            Self::Token => fits(4096) && text.bytes().all(|b| b.is_ascii_graphic()),
            Self::Secret => fits(4096) && is_plain(),
        };
        valid.then(|| text.to_owned())
    }
}

/// Addresses that providers give out are ASCII.
fn email(text: &str) -> Option<String> {
    let (local, domain) = text.split_once('@')?;
    let is_plain = |b: u8| b.is_ascii_graphic() && !b"()<>[],;:\\\"@".contains(&b);
    let valid = !local.is_empty()
        && text.len() <= 254
        && local.bytes().chain(domain.bytes()).all(is_plain)
        && domain.contains('.')
        && domain.split('.').all(|label| !label.is_empty());
    valid.then(|| text.to_ascii_lowercase())
}

/// Short codes have 3 to 8 digits, and no `+` before them.
fn phone(text: &str) -> Option<String> {
    let mut number = text.to_owned();
    number.retain(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')'));
    let digits = number.strip_prefix('+').unwrap_or(&number);
    let length = if digits.len() < number.len() {
        7..=15
    } else {
        3..=8
    };
    let valid = length.contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    valid.then_some(number)
}
