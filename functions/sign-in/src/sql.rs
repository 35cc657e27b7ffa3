//! The statements of this function.

use common::db::Binding::{Business, Everywhere, Key};
use common::{is_here, is_open, statements};

statements! {
    /// ?1 link, ?2 its hash, ?3 now, ?4 session, ?5 its hash, ?6 until when it goes on unused, ?7 until when at most. No
    /// row for a link that is no good.
    SIGN_IN, Key("a link's id is unique and tells the business"),
        concat!("INSERT INTO sessions (business_id, id, secret_hash, key_id, member_id, expires_at, ends_at, created_at)
         SELECT l.business_id, ?4, ?5, '', m.id, ?6, ?7, ?3 FROM sign_in_links l
         CROSS JOIN members m ON m.business_id = l.business_id AND m.id = l.member_id
         WHERE l.id = ?1 AND l.secret_hash = ?2 AND l.expires_at > ?3 AND ", is_open!("l.business_id"), "
         RETURNING business_id, member_id");
    /// ?1 link, ?2 its hash.
    LINK_END, Key("a link's id is unique and tells the business"),
        concat!("DELETE FROM sign_in_links WHERE id = ?1 AND secret_hash = ?2
           AND ", is_open!("sign_in_links.business_id"));

    /// ?1 business, ?2 id, ?3 address, ?4 name, ?5 role, ?6 now, ?7 the digest of the address, ?8 most members. Nobody
    /// for an address that is a member's, or that was one's who was removed.
    MEMBER_ADMIT, Business,
        "INSERT INTO members (business_id, id, email, name, role, created_at)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6
         WHERE (SELECT count(*) FROM members WHERE business_id = ?1) < ?8
           AND NOT EXISTS (SELECT 1 FROM removed_members r WHERE r.business_id = ?1 AND r.email_hash = ?7)
         ON CONFLICT (business_id, email) DO NOTHING";
    /// ?1 business, ?2 address, ?3 now, ?4 to ?7 as of SIGN_IN. No row for who is no member.
    SIGN_IN_AS, Business,
        "INSERT INTO sessions (business_id, id, secret_hash, key_id, member_id, expires_at, ends_at, created_at)
         SELECT ?1, ?4, ?5, '', m.id, ?6, ?7, ?3 FROM members m
         WHERE m.business_id = ?1 AND m.email = ?2
         RETURNING business_id, member_id";

    /// ?1 session, ?2 now.
    SIGNED_IN, Key("a session's id is unique and tells the business"),
        concat!("UPDATE members SET signed_in_at = ?2 WHERE (business_id, id) IN (
           SELECT s.business_id, s.member_id FROM sessions s WHERE s.id = ?1 AND ", is_open!("s.business_id"), ")");
    /// ?1 session, ?2 now, ?3 id of the entry, ?4 operation, ?5 where it comes from, ?6 request, ?7 the member who is made
    /// by it, if nobody had the address before.
    SIGN_IN_AUDIT, Key("a session's id is unique and tells the business"),
        concat!(r#"INSERT INTO audit_log (business_id, id, operation, target, fields, key_id, address, request_id,
           created_at, member_id)
         SELECT s.business_id, ?3, ?4, s.member_id, iif(s.member_id = ?7, '["email","name","role"]', '[]'), '', ?5, ?6,
           ?2, s.member_id
         FROM sessions s WHERE s.id = ?1 AND "#, is_open!("s.business_id"));
    /// ?1 business, ?2 now.
    SESSIONS_OVER, Business,
        "DELETE FROM sessions WHERE business_id = ?1 AND expires_at <= ?2";

    /// ?1 business, ?2 the state's digest, ?3 the browser's, ?4 that of issuer and client, ?5 where it goes then, ?6 until
    /// when it lasts.
    VISIT_BEGIN, Business,
        "INSERT INTO sign_in_visits (business_id, state, browser, provider, next, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    /// ?1 business, ?2 now.
    VISITS_OVER, Business,
        "DELETE FROM sign_in_visits WHERE business_id = ?1 AND expires_at <= ?2";
    /// ?1 the state's digest, ?2 the browser's. Gives a row once.
    VISIT_TAKE, Key("a state is unique and tells the business"),
        concat!("DELETE FROM sign_in_visits WHERE state = ?1 AND browser = ?2
           AND ", is_open!("sign_in_visits.business_id"), "
         RETURNING business_id, provider, next, expires_at");

    /// ?1 domain: whose providers people of it are led to. Of two it cannot be told which.
    PROVIDERS_OF_DOMAIN, Everywhere("the domain tells the business"),
        concat!("SELECT p.business_id, p.name FROM sign_in_domains d
         CROSS JOIN sign_in_providers p ON p.business_id = d.business_id
         WHERE d.domain = ?1 AND ", is_here!("d.business_id"), " LIMIT 2");
    /// Whether somebody has one.
    PROVIDER_ANY, Everywhere("every business's"),
        concat!("SELECT business_id FROM sign_in_providers
         WHERE business_id > '' AND ", is_here!("sign_in_providers.business_id"), " LIMIT 1");

    /// ?1 address, ?2 how many: whose member it is, but for businesses that are suspended.
    MEMBERS_OF_ADDRESS, Everywhere("the address tells the businesses"),
        concat!("SELECT m.business_id, m.id, b.name, p.name AS provider FROM members m
         CROSS JOIN businesses b ON b.id = m.business_id AND b.suspended_at IS NULL
         LEFT JOIN sign_in_providers p ON p.business_id = m.business_id
         WHERE m.email = ?1 AND ", is_here!("m.business_id"), "
         ORDER BY m.business_id LIMIT ?2");
    /// ?1 [[business, member, id, hash], …], ?2 expiry, ?3 now, ?4 since when a member's links count, ?5 how many there
    /// may be. Gives those that are stored.
    LINKS_GIVE, Everywhere("each link names its business"),
        concat!("INSERT INTO sign_in_links (business_id, id, secret_hash, member_id, expires_at, created_at)
         SELECT m.business_id, r.value ->> 2, r.value ->> 3, m.id, ?2, ?3 FROM json_each(?1) r
         CROSS JOIN members m ON m.business_id = r.value ->> 0 AND m.id = r.value ->> 1
         WHERE (SELECT count(*) FROM sign_in_links l
                WHERE l.business_id = m.business_id AND l.member_id = m.id AND l.created_at > ?4) < ?5
           AND ", is_open!("m.business_id"), "
         RETURNING id");
}
