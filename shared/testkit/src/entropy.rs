use std::cell::Cell;

thread_local! {
    static DRAWN: Cell<u64> = const { Cell::new(0) };
}

/// Bytes that differ at each draw and are the same in each run of a test.
pub fn entropy(buffer: &mut [u8]) {
    let drawn = DRAWN.get() + 1;
    DRAWN.set(drawn);
    // SplitMix64: spreads the counter over all bits.
    let mut state = drawn;
    for chunk in buffer.chunks_mut(8) {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let bytes = (z ^ (z >> 31)).to_le_bytes();
        for (to, from) in chunk.iter_mut().zip(bytes) {
            *to = from;
        }
    }
}
