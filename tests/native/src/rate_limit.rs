//! That who waits as long as `Retry-After` says is let through.

use serve::RATE_LIMIT_SECONDS;
use std::path::Path;

#[test]
fn the_wait_of_a_key_over_its_limit_is_the_limiters_whole_period() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../functions");
    let mut limited = 0;
    for folder in std::fs::read_dir(root).unwrap().flatten() {
        let Ok(config) = std::fs::read_to_string(folder.path().join("wrangler.toml")) else {
            continue;
        };
        let Some((_, limiter)) = config.split_once("[[ratelimits]]") else {
            continue;
        };
        let (_, period) = limiter.split_once("period = ").unwrap();
        let (period, _) = period.split_once(' ').unwrap();
        assert_eq!(
            period.parse(),
            Ok(RATE_LIMIT_SECONDS),
            "{:?}",
            folder.path()
        );
        limited += 1;
    }
    assert!(limited > 10);
}
