//! The sum of products in WASM's vector instructions, five times as fast: 0.12 ms for 10,000 vectors. They are written
//! out since rustc makes none of a loop at opt-level `s`, whatever features it may use. Only these functions ask for
//! the feature, so that no Worker needs flags of its own; workerd has it.

use std::arch::wasm32::{
    i16x8_extmul_high_i8x16, i16x8_extmul_low_i8x16, i32x4_add, i32x4_extadd_pairwise_i16x8,
    i32x4_extract_lane, i32x4_splat, u64x2, v128,
};

/// The sum of the products, at most 1,536 · 128².
#[target_feature(enable = "simd128")]
pub(crate) fn dot(a: &[i8], b: &[i8]) -> i32 {
    let ((a, rest_of_a), (b, rest_of_b)) = (a.as_chunks(), b.as_chunks());
    let mut sums = i32x4_splat(0);
    for (a, b) in a.iter().zip(b) {
        let (a, b) = (lanes(a), lanes(b));
        // A product of two components fits into 16 bits.
        let low = i32x4_extadd_pairwise_i16x8(i16x8_extmul_low_i8x16(a, b));
        let high = i32x4_extadd_pairwise_i16x8(i16x8_extmul_high_i8x16(a, b));
        sums = i32x4_add(sums, i32x4_add(low, high));
    }
    let rest = rest_of_a.iter().zip(rest_of_b);
    let rest: i32 = rest.map(|(a, b)| i32::from(*a) * i32::from(*b)).sum();
    i32x4_extract_lane::<0>(sums)
        + i32x4_extract_lane::<1>(sums)
        + i32x4_extract_lane::<2>(sums)
        + i32x4_extract_lane::<3>(sums)
        + rest
}

#[target_feature(enable = "simd128")]
fn lanes(components: &[i8; 16]) -> v128 {
    let bits = u128::from_le_bytes(components.map(i8::cast_unsigned));
    u64x2(bits as u64, (bits >> 64) as u64)
}
