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

fn vector(component: impl FnMut(usize) -> f32) -> Vector {
    Vector::of(&std::array::from_fn(component)).unwrap()
}

#[wasm_bindgen_test]
fn a_cosine_is_that_of_the_plain_sum_at_every_place() {
    let (mut state, mut vectors) = (7_u32, Vec::new());
    vectors.extend([1.0, -1.0].map(|all| vector(|_| all)));
    for place in 0..DIMENSION {
        vectors.push(vector(|n| if n == place { 1.0 } else { 0.25 }));
        vectors.push(vector(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) as f32 - 32_768.0
        }));
    }
    for a in &vectors {
        for b in &vectors {
            let (ours, expected) = (cosine(a, b), expected(a, b));
            assert!((ours - expected).abs() < 1e-5, "{ours} for {expected}");
        }
    }
}
