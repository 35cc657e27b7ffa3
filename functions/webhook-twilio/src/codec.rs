//! How a delivery is parked until the database is back.

use channels_twilio::webhook::{Delivery, parse};
use common::form;
use common::ids::MessageId;
use common::time::Timestamp;

/// Writes when it came, the message that its address names, its parameters.
pub(crate) fn encode(
    now: Timestamp,
    message_id: Option<&MessageId>,
    params: &[(String, String)],
) -> Vec<u8> {
    let params = params.iter().map(|(name, value)| (&**name, &**value));
    let form = form::encoded(params);
    let message_id = message_id.map_or("-", MessageId::as_str);
    format!("{} {message_id}\n{form}", now.micros()).into_bytes()
}

/// Reads what [`encode`] wrote.
pub(crate) fn decode(parked: &[u8]) -> Option<Delivery> {
    let (head, form) = std::str::from_utf8(parked).ok()?.split_once('\n')?;
    let (at, message_id) = head.split_once(' ')?;
    let at = Timestamp::from_micros(at.parse().ok()?);
    let message_id = MessageId::parse(message_id);
    Some(parse(&form::pairs(form), message_id.as_ref(), at))
}
