//! The statements of this function.

use common::db::Binding::Business;
use common::statements;

statements! {
    /// ?1 business, ?2 the address after which, ?3 how many.
    MEMBER_LIST, Business,
        "SELECT id, email, name, role, created_at, signed_in_at FROM members
         WHERE business_id = ?1 AND email > ?2 ORDER BY email LIMIT ?3";
    /// ?1 business, ?2 member.
    MEMBER_GET, Business,
        "SELECT id, email, name, role, created_at, signed_in_at FROM members
         WHERE business_id = ?1 AND id = ?2";
    /// ?1 business, ?2 id, ?3 address, ?4 name, ?5 role, ?6 now, ?7 most members. No row where the address is a
    /// member's, or there are so many.
    MEMBER_INSERT, Business,
        "INSERT INTO members (business_id, id, email, name, role, created_at)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6
         WHERE (SELECT count(*) FROM members WHERE business_id = ?1) < ?7
         ON CONFLICT (business_id, email) DO NOTHING
         RETURNING id, email, name, role, created_at, signed_in_at";
    /// ?1 business, ?2 address.
    MEMBER_BY_EMAIL, Business,
        "SELECT id FROM members WHERE business_id = ?1 AND email = ?2";
    /// ?1 business, ?2 member, ?3 name, ?4 role, either null for what it is, ?5 the role that it was read with. No row
    /// where that changed, or the last owner would be none any more.
    MEMBER_UPDATE, Business,
        "UPDATE members SET name = coalesce(?3, name), role = coalesce(?4, role)
         WHERE business_id = ?1 AND id = ?2 AND role = ?5
           AND (role <> 'owner' OR coalesce(?4, 'owner') = 'owner'
                OR EXISTS (SELECT 1 FROM members o WHERE o.business_id = ?1 AND o.role = 'owner' AND o.id <> ?2))
         RETURNING id, email, name, role, created_at, signed_in_at";
    /// ?1 business, ?2 member, ?3 the role that it was read with. No row as for MEMBER_UPDATE.
    MEMBER_DELETE, Business,
        "DELETE FROM members
         WHERE business_id = ?1 AND id = ?2 AND role = ?3
           AND (role <> 'owner'
                OR EXISTS (SELECT 1 FROM members o WHERE o.business_id = ?1 AND o.role = 'owner' AND o.id <> ?2))
         RETURNING id";
    /// ?1 business, ?2 member, where there is none any more.
    MEMBER_SESSIONS_END, Business,
        "DELETE FROM sessions WHERE business_id = ?1 AND member_id = ?2
           AND NOT EXISTS (SELECT 1 FROM members m WHERE m.business_id = ?1 AND m.id = ?2)";
    /// ?1 business, ?2 member, where there is none any more.
    MEMBER_LINKS_END, Business,
        "DELETE FROM sign_in_links WHERE business_id = ?1 AND member_id = ?2
           AND NOT EXISTS (SELECT 1 FROM members m WHERE m.business_id = ?1 AND m.id = ?2)";
    /// ?1 business, ?2 member, where there is none any more, ?3 the digest of the address, ?4 now.
    MEMBER_REMOVED, Business,
        "INSERT INTO removed_members (business_id, email_hash, removed_at)
         SELECT ?1, ?3, ?4 WHERE NOT EXISTS (SELECT 1 FROM members m WHERE m.business_id = ?1 AND m.id = ?2)
         ON CONFLICT (business_id, email_hash) DO UPDATE SET removed_at = excluded.removed_at";
    /// ?1 business, ?2 the digest of an address: whoever is invited was not removed.
    MEMBER_BACK, Business,
        "DELETE FROM removed_members WHERE business_id = ?1 AND email_hash = ?2";

    /// ?1 business, ?2 id, ?3 name, ?4 issuer, ?5 client, ?6 its sealed secret, ?7 domains, ?8 role, ?9 now.
    PROVIDER_PUT, Business,
        "INSERT INTO sign_in_providers (business_id, id, name, issuer, client_id, client_secret, allowed_domains,
           default_role, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT (business_id) DO UPDATE SET id = excluded.id, name = excluded.name, issuer = excluded.issuer,
           client_id = excluded.client_id, client_secret = excluded.client_secret,
           allowed_domains = excluded.allowed_domains, default_role = excluded.default_role,
           updated_at = excluded.updated_at";
    /// ?1 business.
    PROVIDER_DELETE, Business, "DELETE FROM sign_in_providers WHERE business_id = ?1";
    /// ?1 business.
    DOMAINS_CLEAR, Business, "DELETE FROM sign_in_domains WHERE business_id = ?1";
    /// ?1 business, ?2 domains, a JSON list, ?3 now.
    DOMAINS_PROVEN, Business,
        "INSERT INTO sign_in_domains (business_id, domain, proven_at)
         SELECT DISTINCT ?1, value, ?3 FROM json_each(?2)";
    /// ?1 business.
    DOMAINS_LIST, Business,
        "SELECT domain FROM sign_in_domains WHERE business_id = ?1 ORDER BY domain";

    /// ?1 business.
    BUSINESS_NAME, Business, "SELECT name FROM businesses WHERE id = ?1";
}
