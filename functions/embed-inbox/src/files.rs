//! The files of the pages, which are in `shared/pages/assets/`.

use pages::Files;

/// Those of the inbox and of the CRM card.
pub const FILES: Files = pages::files! { "/embed/assets":
    "base.css"
    "dialog.js"
    "dom.js"
    "format.js"
    "http.js"
    "inbox/api.js"
    "inbox/assign.js"
    "inbox/card.js"
    "inbox/comments.js"
    "inbox/composer.js"
    "inbox/crm-card.css"
    "inbox/crm-card.js"
    "inbox/dialogs.js"
    "inbox/enter.js"
    "inbox/events.js"
    "inbox/inbox.css"
    "inbox/inbox.js"
    "inbox/keys.js"
    "inbox/limits.js"
    "inbox/list.js"
    "inbox/live.js"
    "inbox/mail.css"
    "inbox/message.js"
    "inbox/outbox.js"
    "inbox/over.js"
    "inbox/suggest.js"
    "inbox/templates.js"
    "inbox/thread.js"
    "inbox/timeline.js"
    "inbox/uploads.js"
};
