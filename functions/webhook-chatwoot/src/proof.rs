//! Whether a delivery is Chatwoot's, of the account that its address names.

use channels::ReceivingAccount;
use common::context::Context;
use common::http::{Error, Kind};
use source_chatwoot::webhook::{MIN_TOKEN_CHARS, Refusal, Signature, is_token};

/// What came along to prove it, not yet checked.
pub(crate) struct Proof<'p> {
    /// What stands behind the account's id in the address, for servers that sign nothing.
    token: Option<&'p str>,
    signature: Option<Signature>,
}

fn refused(message: &'static str) -> Error {
    Error::new(Kind::InvalidSignature, message)
}

impl<'p> Proof<'p> {
    /// Reads the headers, and the end of the address.
    ///
    /// # Errors
    /// 401 where there is neither what has the form of a signature, nor a token of the length that ours have.
    pub(crate) fn expect(cx: &Context<'_>, token: Option<&'p str>) -> Result<Self, Error> {
        let header = |name: &str| (cx.header)(name);
        let signed = header("x-chatwoot-signature").zip(header("x-chatwoot-timestamp"));
        let signature = signed.and_then(|(mac, at)| Signature::parse(&mac, &at));
        let token = token.filter(|token| token.len() >= MIN_TOKEN_CHARS);
        match signature.is_some() || token.is_some() {
            true => Ok(Self { token, signature }),
            false => Err(refused(
                "The delivery is neither signed nor has it a token.",
            )),
        }
    }

    /// Checks it with the account's secret; of an account whose server never told one, by its token. Who has a
    /// secret is not taken at a token's word.
    ///
    /// # Errors
    /// 401.
    pub(crate) fn check(
        &self,
        cx: &Context<'_>,
        account: &ReceivingAccount,
        body: &[u8],
    ) -> Result<(), Error> {
        let credentials = &account.credentials;
        if let Some(secret) = &credentials.webhook_secret {
            let signature = self.signature.as_ref();
            let signature = signature.ok_or_else(|| refused("The delivery is not signed."))?;
            return match signature.check(secret, body, cx.now) {
                Ok(()) => Ok(()),
                Err(Refusal::Forged) => Err(refused(
                    "The signature of `x-chatwoot-signature` is not that of this delivery.",
                )),
                Err(Refusal::Skewed) => Err(refused(
                    "The delivery was not signed within the last five minutes.",
                )),
            };
        }
        let known = credentials.webhook_token.as_deref();
        match known.zip(self.token) {
            Some((known, given)) if is_token(known, given) => Ok(()),
            _ => Err(refused("The token of the address is not the account's.")),
        }
    }
}
