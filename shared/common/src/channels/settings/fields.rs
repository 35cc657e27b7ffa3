use crate::channels::{ChannelKind, Credentials};
use crate::customers::Email;
use serde_json::Value;
use std::borrow::Cow;

/// What a field may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// A provider's id, which may come as a number: some providers print theirs so.
    Id,
    /// A number in E.164, or a short code.
    Phone,
    /// An address of email.
    Email,
    /// A provider of email that there is an adapter for.
    Provider,
    /// A short text for people.
    Label,
    /// A secret that travels in a header.
    Token,
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

/// The fields of a kind of account (design.md §3, Settings).
#[derive(Debug)]
pub(super) struct Fields {
    /// By which the provider names the account.
    pub(super) address: Field,
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
/// alone can be missing.
const META: &[Field] = &[
    required("access_token", Rule::Token),
    required("app_secret", Rule::Secret),
    optional("verify_token", Rule::Secret),
];

static WHATSAPP: Fields = Fields {
    address: required("phone_number_id", Rule::Id),
    settings: &[
        optional("waba_id", Rule::Id),
        optional("display_phone_number", Rule::Label),
    ],
    credentials: META,
};
static FACEBOOK: Fields = Fields {
    address: required("page_id", Rule::Id),
    settings: &[],
    credentials: META,
};
static INSTAGRAM: Fields = Fields {
    address: required("instagram_account_id", Rule::Id),
    settings: &[],
    credentials: META,
};
static SMS: Fields = Fields {
    address: required("phone_number", Rule::Phone),
    settings: &[
        required("account_sid", Rule::Id),
        optional("messaging_service_sid", Rule::Id),
    ],
    credentials: &[required("auth_token", Rule::Token)],
};
static EMAIL: Fields = Fields {
    address: required("address", Rule::Email),
    settings: &[required("provider", Rule::Provider)],
    credentials: &[
        required("api_key", Rule::Token),
        optional("webhook_secret", Rule::Secret),
    ],
};

impl Fields {
    /// The fields of a kind.
    pub(super) fn of(kind: ChannelKind) -> &'static Self {
        match kind {
            ChannelKind::WhatsApp => &WHATSAPP,
            ChannelKind::Facebook => &FACEBOOK,
            ChannelKind::Instagram => &INSTAGRAM,
            ChannelKind::Sms => &SMS,
            ChannelKind::Email => &EMAIL,
        }
    }
}

impl Credentials {
    /// The place of a secret.
    pub(super) fn slot(&mut self, name: &str) -> Option<&mut Option<String>> {
        Some(match name {
            "access_token" => &mut self.access_token,
            "app_secret" => &mut self.app_secret,
            "verify_token" => &mut self.verify_token,
            "auth_token" => &mut self.auth_token,
            "api_key" => &mut self.api_key,
            "webhook_secret" => &mut self.webhook_secret,
            _ => return None,
        })
    }
}

impl Rule {
    /// The value in the form in which it is stored.
    ///
    /// # Errors
    /// The rule that it breaks, by its stable name and as a sentence.
    pub(super) fn read(self, value: &Value) -> Result<String, (&'static str, &'static str)> {
        let (name, sentence) = self.description();
        let text = match value {
            Value::String(text) => Cow::Borrowed(text.trim()),
            Value::Number(n) if self == Self::Id && (n.is_u64() || n.is_i64()) => {
                Cow::Owned(n.to_string())
            }
            _ => return Err((name, sentence)),
        };
        self.normal(&text).ok_or((name, sentence))
    }

    const fn description(self) -> (&'static str, &'static str) {
        match self {
            Self::Id => (
                "provider_id",
                "must be the provider's id: 1 to 64 letters, digits, `_` or `-`.",
            ),
            Self::Phone => (
                "e164_or_short_code",
                "must be a number such as +353871234567, or a short code.",
            ),
            Self::Email => ("email", "must be an address of email."),
            Self::Provider => ("resend_or_postmark", "must be `resend` or `postmark`."),
            Self::Label => ("1_to_64_characters", "must have 1 to 64 characters."),
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
        let valid = match self {
            Self::Id => {
                let is_part = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
                fits(64) && text.bytes().all(is_part)
            }
            Self::Phone => return phone(text),
            Self::Email => {
                let email = Email::parse(Cow::Borrowed(text))?;
                return Some(email.as_str().to_owned());
            }
            Self::Provider => matches!(text, "resend" | "postmark"),
            Self::Label => fits(64) && is_plain(),
            Self::Token => fits(4096) && text.bytes().all(|b| b.is_ascii_graphic()),
            Self::Secret => fits(4096) && is_plain(),
        };
        valid.then(|| text.to_owned())
    }
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
