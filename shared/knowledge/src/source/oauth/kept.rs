//! Client credentials (RFC 6749 §4.4): tokens, which the isolate keeps until shortly before their end.

use super::{Client, MARGIN_SECONDS};
use crate::source::Trouble;
use common::context::Context;
use common::signatures::sha256_hex;
use common::time::{DAY, SECOND, Timestamp};
use common::ttl_cache::TtlCache;
use std::cell::RefCell;

/// How many tokens an isolate keeps.
const MAX_TOKENS: usize = 512;
/// How long a token is used whose answer does not say how long it is good, in seconds.
const DEFAULT_SECONDS: i64 = 600;

#[derive(Clone)]
struct Token {
    text: String,
    until: Timestamp,
}

thread_local! {
    static TOKENS: RefCell<TtlCache<Token>> = RefCell::new(TtlCache::new(MAX_TOKENS, DAY));
}

impl Client<'_> {
    pub(super) async fn token_kept(
        &self,
        cx: &Context<'_>,
        refused: Option<&str>,
    ) -> Result<String, Trouble> {
        // Another secret is another client.
        let name = sha256_hex([&*self.digest(), self.secret].concat().as_bytes());
        let now = cx.time_now();
        let known = TOKENS.with_borrow(|tokens| tokens.get(&name, now));
        let is_good = |token: &Token| token.until > now && Some(token.text.as_str()) != refused;
        if let Some(token) = known.filter(is_good) {
            return Ok(token.text);
        }
        let mut pairs = vec![("grant_type", "client_credentials")];
        if !self.scope.is_empty() {
            pairs.push(("scope", self.scope));
        }
        let granted = self.grant(cx, &pairs, &[]).await;
        let granted = granted.map_err(|refused| refused.trouble)?;
        let seconds = granted.seconds.unwrap_or(DEFAULT_SECONDS) - MARGIN_SECONDS;
        let token = Token {
            text: granted.access,
            until: cx.time_now().plus(seconds * SECOND),
        };
        let text = token.text.clone();
        TOKENS.with_borrow_mut(|tokens| tokens.insert(name, token, now));
        Ok(text)
    }
}
