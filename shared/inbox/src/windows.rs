//! Until when each kind of account lets a business answer.

/// How long the window of each kind of account is, as the statements take it: `{kind: [microseconds, those
/// of a human agent or null]}`, of the table of capabilities.
pub const WINDOWS: &str = "{\"whatsapp\":[86400000000,null],\
     \"facebook\":[86400000000,604800000000],\"instagram\":[86400000000,604800000000]}";

#[cfg(test)]
mod tests {
    use super::*;
    use channels::{AccountKind, Capabilities};
    use common::time::SECOND;

    #[test]
    fn the_windows_are_those_of_the_table() {
        let told: serde_json::Value = serde_json::from_str(WINDOWS).unwrap();
        for kind in AccountKind::ALL {
            let takes = Capabilities::of(kind);
            let micros = |seconds: Option<i64>| seconds.map(|seconds| seconds * SECOND);
            let window = &told[kind.as_str()];
            assert_eq!(window[0].as_i64(), micros(takes.window_seconds));
            assert_eq!(window[1].as_i64(), micros(takes.human_agent_seconds));
        }
    }
}
