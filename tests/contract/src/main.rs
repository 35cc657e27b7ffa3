//! x
use schemars::generate::SchemaSettings;
fn main() {
    let mut s = SchemaSettings::draft2020_12();
    s.meta_schema = None;
    s.definitions_path = "/components/schemas".into();
    let mut g = s.clone().for_serialize().into_generator();
    use common::access::*;
    use common::customers::*;
    g.subschema_for::<SyncResponse>();
    g.subschema_for::<BulkCreateResponse>();
    g.subschema_for::<Customer>();
    g.subschema_for::<ErasedCustomer>();
    g.subschema_for::<keys::KeyList>();
    g.subschema_for::<keys::CreatedKey>();
    g.subschema_for::<business::CreatedBusiness>();
    g.subschema_for::<sessions::CreatedSession>();
    g.subschema_for::<common::serve::Health>();
    println!(
        "{}",
        serde_json::to_string_pretty(&g.take_definitions(true)).unwrap()
    );
    let mut g = s.for_deserialize().into_generator();
    g.subschema_for::<LookupRequest>();
    g.subschema_for::<keys::KeyRequest>();
    g.subschema_for::<business::NewBusiness>();
    println!(
        "{}",
        serde_json::to_string_pretty(&g.take_definitions(true)).unwrap()
    );
}
