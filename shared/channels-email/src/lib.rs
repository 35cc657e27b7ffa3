//! Email: what a mail says, whose it is, and how one is sent (channels.md §6, §7).

mod address;
mod authentication;
mod automatic;
pub mod html;
mod inbound;
mod mail;
mod message_id;
mod mime;
mod postmark;
mod quoted;
mod reply;
mod resend;
mod send;

pub use address::{Address, addresses, named, without_tag};
pub use authentication::{SenderVerified, Verifier};
pub use automatic::is_automatic;
pub use inbound::{MAX_HTML_BYTES, Role, Thread, inbound_message, is_own};
pub use mail::{Mail, answer_subject, base_subject};
pub use message_id::{capped, message_id, message_ids, thread_of};
pub use mime::{MAX_PARTS, MailFile, mail_of_mime};
pub use postmark::{PostmarkEvent, postmark_id, postmark_message_id};
pub use quoted::without_quotes;
pub use reply::{REPLY_DAYS, ReplyAccount, ReplyToken};
pub use resend::{ResendEvent, mail_of_resend};
pub use send::{Email, MailSender};
pub use send::{postmark_base, resend_authorization, resend_base};
