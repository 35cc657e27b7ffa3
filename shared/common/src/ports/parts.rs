//! Under which keys a file lies. A value of a store is read whole, so a large file is several: a range of
//! it costs no more than the parts that it is in.

/// Most bytes of a part. A file that has more lies under `<key>.0`, `<key>.1`, …, any other under its key.
pub const PART_BYTES: usize = 4 * 1024 * 1024;
/// Most parts of a file: the largest that is stored has 25 MiB.
pub const MAX_PARTS: usize = 7;

/// How many parts a file of this size lies in; 0 for one that lies whole.
#[must_use]
pub const fn part_count(size: usize) -> usize {
    match size > PART_BYTES {
        true => size.div_ceil(PART_BYTES),
        false => 0,
    }
}

/// The key of a file's n-th part.
#[must_use]
pub fn part_key(key: &str, n: usize) -> String {
    format!("{key}.{n}")
}

/// All keys under which a file of this size may lie: those of its parts, and its own, which a file has
/// that was stored before there were parts. Where the size is not known, those of the largest file.
#[must_use]
pub fn file_keys(key: &str, size: Option<usize>) -> Vec<String> {
    let parts = size.map_or(MAX_PARTS, part_count);
    let parts = (0..parts).map(|n| part_key(key, n));
    parts.chain([key.to_owned()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_lies_whole_up_to_the_size_of_a_part() {
        let counts = [0, 1, PART_BYTES, PART_BYTES + 1, 2 * PART_BYTES].map(part_count);
        assert_eq!(counts, [0, 0, 0, 2, 2]);
        assert_eq!(part_count(25 * 1024 * 1024), MAX_PARTS);
        assert_eq!(file_keys("k", Some(PART_BYTES)), ["k"]);
        assert_eq!(file_keys("k", Some(PART_BYTES + 1)), ["k.0", "k.1", "k"]);
        assert_eq!(file_keys("k", None).len(), MAX_PARTS + 1);
    }
}
