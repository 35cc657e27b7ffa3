//! Written by a test from the schema: `UPDATE_TABLES=1 cargo test -p native backup`. What is left out is said by hand, in
//! `functions/backup/src/tests/schema.rs`.

/// A table, its first key within a business, and its columns with what they are where a row has none.
pub type TableRow = (&'static str, &'static str, &'static str);

/// The number of the last migration.
pub const SCHEMA: u32 = 40;

/// Every table of a backup.
#[rustfmt::skip]
pub const TABLE_ROWS: &[TableRow] = &[
    ("businesses", r#""#, r#"id name default_region created_at fanned_out=0 reopen_hours=72 embed_origins="[]" sweep_at=0 watch_at=0 inbound_counted_to=0 suspended_at=null suspended_reason=null"#),
    ("api_keys", r#""""#, r#"business_id id name secret_hash scopes expires_at=null revoked_at=null last_used_at=null created_at"#),
    ("customers", r#""""#, r#"business_id id external_id=null external_system="" other_external_ids=null name=null first_name=null last_name=null email=null phone=null whatsapp_number=null address=null notes=null tags="[]" custom_fields="{}" fingerprint=null revision created_at updated_at erased_at=null crm_ids=null"#),
    ("identities", r#""","","""#, r#"business_id kind value system customer_id"#),
    ("outbox", r#"-9007199254740991"#, r#"business_id sequence id event subject_id created_at detail=null body=null"#),
    ("channels", r#""""#, r#"business_id id kind name address settings="{}" credentials=null app_secret_id="" verify_token_id=null status="active" status_reason=null created_at updated_at deleted_at=null second_secret_id="" verification="assumed" verification_error=null verify_at=null token_ends_at=null token_check_at=0"#),
    ("conversations", r#""""#, r#"business_id id customer_id channel_id channel status="open" priority="medium" assignee=null tags="[]" message_count=0 last_message_at last_inbound_at=null closed_at=null created_at updated_at contact=null delivered_up_to=null read_up_to=null unread_count=0 thread="""#),
    ("messages", r#"-9007199254740991"#, r#"business_id created_at id conversation_id customer_id channel_id channel direction type content="" detail=null status error=null provider_id=null reply_to=null sent_at=null delivered_at=null read_at=null failed_at=null updated_at"#),
    ("sends", r#""""#, r#"business_id message_id state request tries=0 due_at=null idempotency_key=null created_at tried_at=null"#),
    ("unmatched_statuses", r#""","","""#, r#"business_id channel_id provider_id status at error=null created_at"#),
    ("attachments", r#""""#, r#"business_id id message_id=null position=0 state filename type size=null sha256=null source=null error=null tries=0 due_at=null created_at"#),
    ("held_events", r#"-9007199254740991"#, r#"business_id sequence message_id due_at"#),
    ("webhook_endpoints", r#""""#, r#"business_id id name url events status="active" disabled_reason=null secret old_secret=null old_secret_until=null failing_since=null created_at updated_at deleted_at=null retries="long""#),
    ("deliveries", r#""""#, r#"business_id id endpoint_id sequence event event_id status="pending" attempts=0 tries=0 due_at=null lease=null reason=null created_at updated_at is_swept=0"#),
    ("delivery_attempts", r#""",-9007199254740991"#, r#"business_id delivery_id number at status_code=null duration_ms response_excerpt=null error=null"#),
    ("message_revisions", r#""","""#, r#"business_id channel_id provider_id edits content is_deleted created_at"#),
    ("opt_outs", r#""","""#, r#"business_id number channel_id is_out changed_at"#),
    ("email_ids", r#""","""#, r#"business_id channel_id message_id provider_id created_at"#),
    ("sso_keys", r#""""#, r#"business_id id expires_at=null created_at"#),
    ("sso_revocations", r#""","""#, r#"business_id kind subject_id up_to expires_at"#),
    ("sso_agents", r#""""#, r#"business_id id name"#),
    ("conversation_notes", r#""""#, r#"business_id id conversation_id author_id=null author content created_at"#),
    ("integrations", r#""""#, r#"business_id connector status="disabled" remote_org="" remote_user=null settings="{}" credentials=null default_key=0 revision=1 webhook_id=null broken_until=null broken_reason=null failures=0 succeeded_at=null failed_at=null last_error=null phrases_to=0 reconciled_to=null reconcile_at=null backfill=null created_at updated_at cursors=null"#),
    ("crm_jobs", r#""","""#, r#"business_id connector key id stream kind subject detail=null state="waiting" priority=0 ordered_at sequence=0 generation=1 tries=0 failures=0 error=null created_at updated_at"#),
    ("crm_attempts", r#""","",-9007199254740991"#, r#"business_id connector key number at duration_ms outcome requests error=null"#),
    ("crm_links", r#""","","""#, r#"business_id connector kind local_id remote_id rev=null fingerprint=null created_at updated_at"#),
    ("crm_days", r#""",-9007199254740991"#, r#"business_id connector day done=0 failed=0 requests=0 throttled=0"#),
    ("escalations", r#""""#, r#"business_id id conversation_id source reason=null priority team_id=null note_id=null created_at"#),
    ("conversation_ratings", r#""""#, r#"business_id conversation_id score comment=null rated_at"#),
    ("handoff_settings", r#""#, r#"business_id enabled=0 triggers="{}" message=null scanned_to=0 revision=1 created_at updated_at"#),
    ("crm_agents", r#""","""#, r#"business_id connector id name=null email=null"#),
    ("identity_handles", r#""","""#, r#"business_id kind value handle"#),
    ("quotas", r#""""#, r#"business_id kind n updated_at"#),
    ("data_keys", r#""""#, r#"business_id purpose sealed created_at"#),
    ("retention_settings", r#""#, r#"business_id event_bodies_days=null deliveries_days=null uploads_days=null updated_at"#),
    ("erasures", r#""""#, r#"business_id customer_id names eraser="" progress="" is_second=0 due_at=null started_at done_at=null"#),
    ("audit_log", r#""""#, r#"business_id id operation target=null fields key_id address=null request_id error=null created_at member_id=null reason=null"#),
    ("source_contacts", r#""","""#, r#"business_id channel_id remote_id customer_id=null merged_into=null fingerprint=null last_activity_at=null updated_at"#),
    ("knowledge_links", r#""""#, r#"business_id id page_id url type name description channels is_active settings credentials revision=1 fetch_at=null lease_until=0 attempts=0 suspect=null progress=null validators=null fetches="[]" failing_since=null created_at updated_at deleted_at=null remade_after=null file=null"#),
    ("knowledge_pushes", r#""","""#, r#"business_id link_id id body sent_at created_at"#),
    ("reply_settings", r#""#, r#"business_id id settings credentials created_at updated_at auto_reply="{}" failure=null failed_at=null"#),
    ("knowledge_records", r#""","""#, r#"business_id link_id record_key path body owners identity is_whole sent_at removed_at=null"#),
    ("knowledge_record_owners", r#""","","""#, r#"business_id link_id record_key owner"#),
    ("knowledge_erasures", r#""""#, r#"business_id customer_id asked_at due_at=null progress="""#),
    ("erased_owners", r#""""#, r#"business_id name erased_at"#),
    ("link_tokens", r#""""#, r#"business_id link_id tokens="" version=0 lease_until=0 state=null state_session=null state_client=null state_until=null"#),
    ("knowledge_files", r#""","""#, r#"business_id link_id id is_searched=0 unused_since=null size=0"#),
    ("embedders", r#""""#, r#"business_id model id settings credentials created_at updated_at"#),
    ("embeddings", r#""#, r#"business_id model due_at=null wakes=0 lease_until=0 attempts=0 error=null failing_since=null set_at"#),
    ("auto_replies", r#""""#, r#"business_id message_id conversation_id state written_at reason=null tries=0 due_at=null created_at updated_at"#),
    ("members", r#""""#, r#"business_id id email name role created_at signed_in_at=null"#),
    ("api_calls", r#"-9007199254740991"#, r#"business_id n at key_id=null member_id=null operation status ms request_id error=null"#),
    ("api_usage", r#"-9007199254740991,"","","""#, r#"business_id day operation key_id member_id calls refused failed ms kept"#),
    ("api_hours", r#"-9007199254740991"#, r#"business_id hour calls refused failed ms up_to_50 up_to_100 up_to_250 up_to_500 up_to_1000 up_to_2000 up_to_5000"#),
    ("alert_settings", r#""#, r#"business_id rules="{}" quiet_hours=null updated_at"#),
    ("alert_destinations", r#""""#, r#"business_id id type name address credentials="" created_at"#),
    ("alerts", r#""""#, r#"business_id id cause severity object name summary began_at raised_at clear_since=null ended_at=null acknowledged_at=null acknowledged_by=null"#),
    ("alert_notifications", r#""","","""#, r#"business_id alert_id destination_id event state="pending" attempts=0 due_at=null sent_at=null error=null created_at"#),
    ("inbound_hours", r#""",-9007199254740991"#, r#"business_id channel_id hour n last_at"#),
    ("alert_samples", r#""",-9007199254740991"#, r#"business_id connector at day done failed"#),
    ("sign_in_providers", r#""#, r#"business_id id name issuer client_id client_secret allowed_domains default_role updated_at"#),
    ("sign_in_domains", r#""""#, r#"business_id domain proven_at"#),
    ("removed_members", r#""""#, r#"business_id email_hash removed_at"#),
    ("crm_hours", r#""",-9007199254740991"#, r#"business_id connector hour requests errors ms done failed waited_ms up_to_100 up_to_250 up_to_500 up_to_1000 up_to_2000 up_to_5000 up_to_10000"#),
    ("crm_outages", r#""",-9007199254740991"#, r#"business_id connector began_at ended_at=null"#),
];

/// Tables that a backup leaves out, and that go along where a business is moved to another database.
#[rustfmt::skip]
pub const ALONG_ROWS: &[TableRow] = &[
    ("crm_budgets", r#""""#, r#"business_id connector per_minute tokens filled_at day used=0 blocked_until=0"#),
    ("crm_cache", r#""","""#, r#"business_id connector key value expires_at"#),
    ("crm_streams", r#""","""#, r#"business_id connector stream priority=0 due_at=null lease=null minute=0 used=0"#),
    ("customer_words", r#""","""#, r#"business_id word customer_id"#),
    ("idempotency", r#""""#, r#"business_id key request_hash claimed_at expires_at status=null response=null recall=null"#),
    ("inbox_counts", r#""""#, r#"business_id kind n"#),
    ("sessions", r#""""#, r#"business_id id secret_hash key_id expires_at created_at member_id=null ends_at=null support_role=null support_reason=null"#),
    ("sign_in_links", r#""""#, r#"business_id id secret_hash member_id expires_at created_at"#),
    ("usage_counts", r#""",-9007199254740991"#, r#"business_id kind day n"#),
];

/// Every other table, and why a backup has none of it.
#[rustfmt::skip]
pub const LEFT_OUT: &[(&str, &str)] = &[
    ("api_totals", "counts of the deployment's calls, of no business"),
    ("crm_budgets", "what was used of the current minute and day"),
    ("crm_cache", "a cache of what CRMs answered"),
    ("crm_streams", "leases of jobs; made again with the jobs"),
    ("customer_words", "what customers are searched by; made again with conversations"),
    ("idempotency", "answers of the last day, for requests that are repeated at once"),
    ("inbound_items", "empty but for the time of a transaction"),
    ("inbox_counts", "counts of conversations; made again with them"),
    ("moves", "where this deployment's businesses are"),
    ("parked_deliveries", "what failed while this deployment's database was away"),
    ("sessions", "people sign in again"),
    ("sign_in_links", "links to sign in live a quarter of an hour"),
    ("sign_in_visits", "visits to a provider of sign-in last ten minutes"),
    ("stale_writes", "empty but for the time of a transaction"),
    ("usage_counts", "counts of rows; made again with them"),
];
