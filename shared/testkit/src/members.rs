use crate::{Stack, Tenant, entropy};
use access::session::{SESSION_ENDS_MICROS, SESSION_MICROS};
use access::{SecretToken, TokenKind};
use common::http::Role;
use common::ids::{Ids, MemberId};

/// A member of a test's business, who is signed in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The member.
    pub member_id: String,
    /// Their session's token.
    pub token: String,
}

impl SignedIn {
    /// The session as a browser sends it.
    #[must_use]
    pub fn cookie(&self) -> String {
        format!("theme=dark; __Host-tieline={}", self.token)
    }
}

impl Stack {
    /// The token of the inbox that a member opens from the dashboard.
    #[must_use]
    pub fn member_inbox(&self, member: &SignedIn) -> String {
        let call = self.call("sso-token", "POST", "/api/dashboard/inbox-session");
        let opened = call.bearer(&member.token).send(sso_token::handler::handle);
        opened.json["token"].as_str().expect("a token").to_owned()
    }

    /// A member with this role, named by it, who has just signed in.
    #[must_use]
    pub fn member(&self, tenant: &Tenant, role: Role) -> SignedIn {
        let session = SecretToken::generate(TokenKind::Session, entropy);
        let member_id = MemberId::new(&Ids::new(self.now(), entropy)).to_string();
        let (business, now) = (&tenant.business_id, self.now().micros());
        let address = member_id.replace('-', "");
        self.db.sql(&format!(
            "INSERT INTO members (business_id, id, email, name, role, created_at)
             VALUES ('{business}', '{member_id}', '{address}@acme.example', 'The {role}', '{role}', {now})"
        ));
        self.db.sql(&format!(
            "INSERT INTO sessions (business_id, id, secret_hash, key_id, member_id, expires_at, ends_at, created_at)
             VALUES ('{business}', '{}', '{}', '', '{member_id}', {now} + {SESSION_MICROS},
               {now} + {SESSION_ENDS_MICROS}, {now})",
            session.id,
            session.hash()
        ));
        SignedIn {
            member_id,
            token: session.reveal(),
        }
    }
}
