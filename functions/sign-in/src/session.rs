//! The session of somebody who has proven who they are, the same by whatever they have proven it.

use crate::sql::{SESSIONS_OVER, SIGN_IN_AUDIT, SIGNED_IN};
use access::session::{SESSION_COOKIE, SESSION_ENDS_MICROS, SESSION_MICROS};
use access::{SecretToken, TokenKind};
use common::Context;
use common::db::{Columns, Row, Statement, Value};
use common::http::Result;
use common::time::{SECOND, Timestamp};

/// A session that is about to be opened.
pub(crate) struct Opening {
    session: SecretToken,
    /// Until when it goes on at most.
    pub(crate) ends_at: Timestamp,
}

impl Opening {
    pub(crate) fn new(cx: &Context<'_>) -> Self {
        Self {
            session: SecretToken::generate(TokenKind::Session, cx.entropy),
            ends_at: cx.now.plus(SESSION_ENDS_MICROS),
        }
    }

    /// What its row has: now, its id, its hash, until when it goes on unused, and at most.
    pub(crate) fn row(&self, cx: &Context<'_>) -> [Value; 5] {
        [
            cx.now.micros().into(),
            self.session.id.as_str().into(),
            self.session.hash().into(),
            cx.now.plus(SESSION_MICROS).micros().into(),
            self.ends_at.micros().into(),
        ]
    }

    /// What is written behind its row, in the same transaction. `made`: the member who is made by it, if nobody had the
    /// address before.
    pub(crate) fn noted(&self, cx: &Context<'_>, operation: &str, made: &str) -> [Statement; 2] {
        let signed_in = || -> Vec<Value> {
            let id = self.session.id.as_str();
            vec![id.into(), cx.now.micros().into()]
        };
        let mut audit = signed_in();
        audit.extend([
            cx.ids.next().into(),
            operation.into(),
            (cx.header)("cf-connecting-ip").into(),
            cx.request_id.as_str().into(),
            made.into(),
        ]);
        [SIGNED_IN.bind(signed_in()), SIGN_IN_AUDIT.bind(audit)]
    }

    /// The cookie, once its row is there; those of the business that are over go.
    pub(crate) fn cookie(&self, cx: &Context<'_>, row: &Row) -> Result<String> {
        let business = Columns::of(row).text("business_id")?;
        let over = vec![business.into(), cx.now.micros().into()];
        cx.effects.write(SESSIONS_OVER.bind(over));
        let (name, token) = (SESSION_COOKIE, self.session.reveal());
        let age = SESSION_ENDS_MICROS / SECOND;
        Ok(format!(
            "{name}={token}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={age}"
        ))
    }
}
