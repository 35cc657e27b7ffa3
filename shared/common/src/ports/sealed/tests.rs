use super::*;
use crate::signatures::AES_GCM;

const FIRST: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
const SECOND: &str = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";
const FIRST_ID: &str = "cabf5820";
const SECOND_ID: &str = "6bf93c57";

fn entropy(buffer: &mut [u8]) {
    buffer.fill(7);
}

/// With a deployment that has these variables.
fn with<T>(variables: &[(&str, &str)], then: impl FnOnce(&Ports<'_>) -> T) -> T {
    let variable = |name: &str| {
        let found = variables.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    then(&Ports {
        variable: &variable,
        sealing: Some(AES_GCM),
        ..Ports::NOTHING
    })
}

fn with_ring<T>(ring: &str, then: impl FnOnce(&Ports<'_>) -> T) -> T {
    with(&[("MASTER_KEYS", ring)], then)
}

fn cause_of(error: &Error) -> String {
    error.cause().unwrap()
}

/// As texts were sealed before there were rings.
fn sealed_before_rings(context: &str, secret: &str) -> String {
    with(&[("MASTER_KEY", FIRST)], |ports| {
        let key = ports.key_for(PURPOSE).unwrap();
        (AES_GCM.seal)(&key, [1; 12], context, secret).unwrap()
    })
}

#[test]
fn a_printed_master_key_is_a_ring_of_one_that_a_ring_replaces() {
    let sealed = with(&[("MASTER_KEY", FIRST)], |ports| {
        ports.seal(entropy, "x", "a secret").unwrap()
    });
    assert!(sealed.starts_with(&format!("k1.{FIRST_ID}.")), "{sealed}");
    let opened = |ring: &str| with_ring(ring, |ports| ports.open("x", &sealed).ok());
    assert_eq!(opened(FIRST).as_deref(), Some("a secret"));
    assert_eq!(
        opened(&format!("{SECOND},{FIRST}")).as_deref(),
        Some("a secret")
    );
    let both = [("MASTER_KEYS", SECOND), ("MASTER_KEY", FIRST)];
    assert!(with(&both, |ports| ports.open("x", &sealed)).is_err());
}

#[test]
fn what_was_sealed_before_there_were_rings_opens_under_any_of_its_keys() {
    let sealed = sealed_before_rings("x", "a secret");
    for ring in [FIRST, &format!("{SECOND} {FIRST}")] {
        let opened = with_ring(ring, |ports| ports.open("x", &sealed).unwrap());
        assert_eq!(opened, "a secret");
    }
    let refused = with_ring(SECOND, |ports| ports.open("x", &sealed).unwrap_err());
    assert!(cause_of(&refused).contains("no master key"));
}

#[test]
fn a_key_that_the_ring_lacks_is_named_and_no_secret_is() {
    let data_key = with_ring(FIRST, |ports| ports.data_key_new(entropy).unwrap());
    let under = with_ring(FIRST, |ports| {
        [
            ports.seal(entropy, "x", "a secret").unwrap(),
            ports
                .seal_under(entropy, &data_key, "x", "a secret")
                .unwrap(),
        ]
    });
    for sealed in under {
        let opened = with_ring(FIRST, |ports| ports.open("x", &sealed).unwrap());
        assert_eq!(opened, "a secret");
        let refused = with_ring(SECOND, |ports| ports.open("x", &sealed).unwrap_err());
        let refused = cause_of(&refused);
        assert!(refused.contains(FIRST_ID), "{refused}");
        for secret in [FIRST, SECOND, "a secret", sealed.as_str()] {
            assert!(!refused.contains(secret), "{refused}");
        }
        let altered = sealed.replace("k1.", "k1.0").replace("d1.", "d1.0");
        assert!(with_ring(FIRST, |ports| ports.open("x", &altered)).is_err());
        let elsewhere = with_ring(FIRST, |ports| ports.open("y", &sealed).unwrap_err());
        assert!(cause_of(&elsewhere).contains(FIRST_ID));
    }
}

#[test]
fn a_ring_that_is_none_says_which_of_its_keys_is_wrong() {
    for (ring, said) in [
        ("", "neither MASTER_KEYS nor MASTER_KEY is set"),
        ("password", "MASTER_KEYS: key 1 is not 32 bytes"),
        (&format!("{FIRST},AQEB"), "MASTER_KEYS: key 2 is not"),
        (&[FIRST; 9].join(","), "over 8 keys"),
    ] {
        let refused = with_ring(ring, |ports| ports.key_for("x").unwrap_err());
        let refused = cause_of(&refused);
        assert!(refused.contains(said), "{refused}");
        assert!(!refused.contains("AQEB") && !refused.contains("password"));
    }
}

#[test]
fn a_text_is_sealed_anew_without_being_opened_where_its_data_key_stays() {
    let key = with_ring(FIRST, |ports| ports.data_key_new(entropy).unwrap());
    let sealed = with_ring(FIRST, |ports| {
        ports.seal_under(entropy, &key, "x", "a secret").unwrap()
    });
    let ring = format!("{SECOND},{FIRST}");
    let anew = with_ring(&ring, |ports| {
        let key = ports.data_key_reseal(entropy, key).unwrap();
        // Another context would not open it.
        ports.reseal(entropy, &key, "not its context", &sealed)
    });
    let anew = anew.unwrap();
    assert_eq!(master_key_id(&anew), Some(SECOND_ID));
    assert_eq!(anew.rsplit('.').next(), sealed.rsplit('.').next());
    let opened = with_ring(SECOND, |ports| ports.open("x", &anew).unwrap());
    assert_eq!(opened, "a secret");
}

#[test]
fn what_another_key_sealed_is_sealed_anew_under_the_data_key() {
    let ring = format!("{SECOND},{FIRST}");
    let direct = with_ring(FIRST, |ports| ports.seal(entropy, "x", "a secret").unwrap());
    for old in [sealed_before_rings("x", "a secret"), direct] {
        let anew = with_ring(&ring, |ports| {
            let key = ports.data_key_new(entropy).unwrap();
            ports.reseal(entropy, &key, "x", &old).unwrap()
        });
        assert_eq!(master_key_id(&anew), Some(SECOND_ID));
        assert!(anew.starts_with("d1.") && !anew.contains("secret"));
        let opened = with_ring(SECOND, |ports| ports.open("x", &anew).unwrap());
        assert_eq!(opened, "a secret");
    }
}

#[test]
fn an_isolate_remembers_so_many_data_keys_and_no_more() {
    with_ring(FIRST, |ports| {
        for n in 0..=MAX_DATA_KEYS {
            let mut bytes = [0; 32];
            bytes[..8].copy_from_slice(&n.to_be_bytes());
            let key = ports.data_key_of(entropy, bytes).unwrap();
            assert_eq!(ports.data_key_open(key.sealed()).unwrap().bytes, bytes);
        }
    });
    assert_eq!(DATA_KEYS.with_borrow(Vec::len), 1);
}

#[test]
fn ids_of_keys_and_forms_have_one_length() {
    with_ring(&format!("{FIRST}\n{SECOND}\n"), |ports| {
        let ring = ports.ring().unwrap();
        let ids: Vec<_> = ring.keys().map(|key| key.id.as_str()).collect();
        assert_eq!(ids, [FIRST_ID, SECOND_ID]);
        assert_eq!(ring.last().id, SECOND_ID);
        let sealed = ports.seal(entropy, "x", "y").unwrap();
        let prefix = format!("k1.{FIRST_ID}");
        assert_eq!(&sealed[..SEALED_PREFIX_LEN], prefix);
    });
    assert_eq!(master_key_id("AQEB"), None);
}
