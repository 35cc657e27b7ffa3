//! What only WASM shows: that its vector instructions give what the plain sum gives.

#![cfg(target_arch = "wasm32")]

use knowledge::vector::{DIMENSION, Vector, cosine};
use wasm_bindgen_test::wasm_bindgen_test;

/// The cosine by the plain sum.
fn expected(a: &Vector, b: &Vector) -> f32 {
    let dot = |a: &Vector, b: &Vector| -> i32 {
        let pairs = a.components().iter().zip(b.components());
        pairs.map(|(a, b)| i32::from(*a) * i32::from(*b)).sum()
    };
    let norm = |one: &Vector| (dot(one, one) as f32).sqrt();
    dot(a, b) as f32 / (norm(a) * norm(b))
}

fn vector(dimension: usize, component: impl FnMut(usize) -> f32) -> Vector {
    let components: Vec<f32> = (0..dimension).map(component).collect();
    Vector::of(&components).unwrap()
}

#[wasm_bindgen_test]
fn a_cosine_is_that_of_the_plain_sum_at_every_place() {
    let mut state = 7_u32;
    // Whole lanes, and lanes with a rest.
    for dimension in [1, 15, 16, 100, DIMENSION, 1536] {
        let mut vectors = Vec::new();
        vectors.extend([1.0, -1.0].map(|all| vector(dimension, |_| all)));
        for place in 0..dimension.min(DIMENSION) {
            vectors.push(vector(dimension, |n| if n == place { 1.0 } else { 0.25 }));
            vectors.push(vector(dimension, |_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 16) as f32 - 32_768.5
            }));
        }
        for a in vectors.iter().take(32) {
            for b in &vectors {
                let (ours, expected) = (cosine(a, b), expected(a, b));
                assert!((ours - expected).abs() < 1e-5, "{ours} for {expected}");
            }
        }
    }
}
