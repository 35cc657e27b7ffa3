use common::Context;
use common::http::{Error, Kind, Result};
use common::signatures::{StandardWebhook, equal};
use common::time::{SECOND, Timestamp};
use knowledge::link::LinkSecrets;

/// Longest id of a push, in bytes.
const MAX_ID: usize = 200;

/// How a push proves who sends it, read before its body is.
pub(crate) enum Proof {
    /// Standard Webhooks: id, timestamp and signatures.
    Signature {
        id: String,
        timestamp: String,
        signatures: String,
    },
    /// The link's `api_key`, as `Authorization: Bearer` or `x-api-key`.
    Token { token: String, id: Option<String> },
}

/// A push that is proven.
pub(crate) struct Proven {
    /// What names it; two of one id are one push.
    pub(crate) id: Option<String>,
    /// When it was sent.
    pub(crate) sent_at: Timestamp,
}

fn unproven() -> Error {
    let message = "The push is not signed by the link's secret, or lacks its token.";
    Error::new(Kind::InvalidSignature, message)
}

impl Proof {
    /// Reads the headers.
    ///
    /// # Errors
    /// 401 for a push without either.
    pub(crate) fn of(cx: &Context<'_>) -> Result<Self> {
        let header = |name: &str| (cx.header)(name).filter(|value| !value.is_empty());
        let of_either = |name: &str| {
            header(&["webhook-", name].concat()).or_else(|| header(&["svix-", name].concat()))
        };
        let id = of_either("id").filter(|id| id.len() <= MAX_ID);
        if let (Some(id), Some(timestamp), Some(signatures)) =
            (id.clone(), of_either("timestamp"), of_either("signature"))
        {
            return Ok(Self::Signature {
                id,
                timestamp,
                signatures,
            });
        }
        let bearer = header("authorization");
        let bearer = bearer
            .as_deref()
            .and_then(|value| value.strip_prefix("Bearer "));
        let token = bearer.map(str::to_owned).or_else(|| header("x-api-key"));
        let token = token.ok_or_else(unproven)?;
        Ok(Self::Token { token, id })
    }

    /// Checks a push.
    ///
    /// # Errors
    /// 401 for one that is not the link's, and for one that was signed long ago.
    pub(crate) fn check(
        &self,
        cx: &Context<'_>,
        secrets: &LinkSecrets,
        body: &[u8],
    ) -> Result<Proven> {
        match self {
            Self::Signature {
                id,
                timestamp,
                signatures,
            } => {
                let delivery = StandardWebhook {
                    id,
                    timestamp,
                    signatures,
                };
                let secret = secrets.signing.as_deref().ok_or_else(unproven)?;
                if !delivery.is_signed_by(secret, body, cx.now) {
                    return Err(unproven());
                }
                let seconds: i64 = timestamp.parse().map_err(|_| unproven())?;
                Ok(Proven {
                    id: Some(id.clone()),
                    sent_at: Timestamp::from_micros(seconds.saturating_mul(SECOND)),
                })
            }
            Self::Token { token, id } => {
                let expected = secrets.api_key.as_deref().ok_or_else(unproven)?;
                if !equal(token, expected) {
                    return Err(unproven());
                }
                Ok(Proven {
                    id: id.clone(),
                    sent_at: cx.now,
                })
            }
        }
    }
}
