//! What only WASM shows: the platform's entropy and clock, and that digests are the same there.

#![cfg(target_arch = "wasm32")]

use common::ids::{Ids, is_id};
use common::signatures::{AES_GCM, hmac_sha256, sha256_hex};
use common::time::Timestamp;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
fn entropy_fills_the_buffer_and_differs_each_time() {
    let (mut a, mut b) = ([0; 64], [0; 64]);
    edge::entropy(&mut a);
    edge::entropy(&mut b);
    assert_ne!(a, b);
    assert!(a.iter().filter(|byte| **byte == 0).count() < 8);
}

#[wasm_bindgen_test]
fn the_clock_tells_a_time_that_can_be_stored() {
    let now = edge::now();
    let start = Timestamp::parse("2026-01-01T00:00:00Z").unwrap();
    assert!(now > start && now.micros() < 1 << 53);
    assert_eq!(Timestamp::parse(&now.to_string()), Some(now));
}

#[wasm_bindgen_test]
fn ids_made_with_the_platforms_entropy_are_ids() {
    let ids = Ids::new(edge::now(), edge::entropy);
    assert!(is_id(&ids.next()));
    assert_ne!(ids.next(), Ids::new(edge::now(), edge::entropy).next());
}

#[wasm_bindgen_test]
fn digests_are_those_of_the_published_vectors() {
    let sha = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(sha256_hex(b"abc"), sha);
    let mac = hmac_sha256(b"secret", b"test");
    let expected = "0329a06b62cd16b33eb6792be8c60b158d89a2ee3a876fce9a881ebb488c0914";
    assert_eq!(
        mac.iter().map(|b| format!("{b:02x}")).collect::<String>(),
        expected
    );
}

#[wasm_bindgen_test]
fn what_is_sealed_opens_again() {
    let sealed = (AES_GCM.seal)(&[7; 32], [1; 12], "context", "a secret").unwrap();
    assert_eq!(
        (AES_GCM.open)(&[7; 32], "context", &sealed).as_deref(),
        Some("a secret")
    );
}

#[wasm_bindgen_test]
fn the_clocks_of_a_zone_show_its_time() {
    for (zone, at, shown) in [
        ("UTC", "2026-11-23T00:05:09.999Z", "2026-11-23 00:05:09"),
        (
            "Asia/Kolkata",
            "2026-11-23T20:00:00Z",
            "2026-11-24 01:30:00",
        ),
        (
            "Europe/Berlin",
            "2026-03-29T00:59:59Z",
            "2026-03-29 01:59:59",
        ),
        (
            "Europe/Berlin",
            "2026-03-29T01:00:00Z",
            "2026-03-29 03:00:00",
        ),
        (
            "America/Sao_Paulo",
            "2026-01-01T02:30:00Z",
            "2025-12-31 23:30:00",
        ),
    ] {
        let at = Timestamp::parse(at).unwrap();
        assert_eq!(edge::wall_clock(zone, at).as_deref(), Some(shown), "{zone}");
    }
    for zone in ["", "Mars/Olympus", "+25:00"] {
        assert_eq!(edge::wall_clock(zone, edge::now()), None, "{zone}");
    }
}
