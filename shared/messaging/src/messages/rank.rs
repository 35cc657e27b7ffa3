//! How a status climbs, for the statements that move messages.

/// How far a status has climbed (channels.md §0): as [`MessageStatus`](channels::MessageStatus)
/// orders them.
#[macro_export]
macro_rules! rank {
    ($status:expr) => {
        concat!(
            "CASE ",
            $status,
            " WHEN 'queued' THEN 0 WHEN 'uncertain' THEN 1 WHEN 'sent' THEN 2
               WHEN 'delivered' THEN 3 WHEN 'failed' THEN 4 WHEN 'read' THEN 5 ELSE 9 END"
        )
    };
}

/// Whether a status goes on from another: it never goes back, and what failed is over.
#[macro_export]
macro_rules! climbs {
    ($new:expr, $old:expr) => {
        concat!(
            "(",
            $old,
            " <> 'failed' AND ",
            $crate::rank!($new),
            " > ",
            $crate::rank!($old),
            ")"
        )
    };
}
