//! Adding, changing and watching CRM links.

use crate::entry::{CSV, Entry, Shape, answer, created, deleted, json, ok, other};
use crate::shapes;
use authorize_crm_links::begin::Authorization;
use common::http::Kind;
use crm_links::health::Health;
use crm_links::input::{ChannelsRequest, RefreshRequest, StatusRequest};
use crm_links::shown::{AllLinks, LinkAdded, LinkDeleted, LinkList, SavedLink, StatusUpdated};
use embed_text::request::EmbedderRequest;
use embed_text::settings::EmbedderAnswer;
use knowledge::link::request::{LinkPatch, LinkRequest, PreviewRequest};
use knowledge::preview::Preview;
use schemars::{Schema, SchemaGenerator, json_schema};

const PAGE: &str = "<!doctype html><html lang=\"en\">\n…";
const NOT_FOUND: (Kind, &str) = (Kind::NotFound, "The business has no such link.");
const NOT_AT: (Kind, &str) = (
    Kind::NotFound,
    "The page has no link to that URL, or it is not for one of the channels.",
);
const CHANGED: (Kind, &str) = (
    Kind::Conflict,
    "Somebody else changes the link just now. Read it again, then change it.",
);

const EMBEDDER: Shape = json::<EmbedderAnswer>(
    "embedder",
    "Everything is embedded by it",
    include_str!("../examples/embedder.json"),
);

pub(crate) static ENTRIES: &[Entry] = &[
    Entry {
        operation: "crm_link_list",
        summary: "List a page's CRM links",
        description: "Lists the links of a page, oldest first. With `channel`, only those for that \
                      channel, and `is_active` says whether a link is on for it. Keys and secret \
                      headers are shown as `***`.",
        sample_target: "?page_id=123456789",
        request: None,
        answers: &[ok(
            "The links of the page.",
            &[json::<LinkList>(
                "links",
                "A link that is fresh",
                include_str!("../examples/crm_link_list.json"),
            )],
        )],
        errors: &[],
    },
    Entry {
        operation: "crm_link_add",
        summary: "Add a CRM link",
        description: "Adds a link to a page. A link that is on is fetched at once, and its records can \
                      be searched a moment later. Only `page_id`, `channels`, `name`, `url` and \
                      `is_active` are required: the list in the answer, the field that names a record, \
                      the paging and the fields that identify a customer are detected.\n\n\
                      The response to a link of type `webhook` has its `signing_secret`, which is shown \
                      only there, and `crm_link.webhook_url`, to which records are pushed. A business \
                      has at most 100 links.\n\n\
                      An `api` whose `url` is `kustomer://` with `customers`, `conversations`, `companies` \
                      or `klasses/{name}`, or `krayin://` with `persons`, `organizations`, `leads`, `quotes` \
                      or `products`, is that list of the connected CRM. It is read with the connection's \
                      key, and has no `api_key`, `headers`, `auth`, `query` or `body`. Without the \
                      connection the answer is 409.",
        sample_target: "",
        request: Some(json::<LinkRequest>(
            "link",
            "A list of customers",
            include_str!("../examples/crm_link.request.json"),
        )),
        answers: &[created(
            "The link.",
            &[json::<LinkAdded>(
                "added",
                "Added, and not fetched yet",
                include_str!("../examples/crm_link_added.json"),
            )],
        )],
        errors: &[(Kind::Conflict, "The page has a link to that URL.")],
    },
    Entry {
        operation: "crm_link_delete",
        summary: "Delete a CRM link",
        description: "Removes a link from the named channels, or from all of its channels. A link \
                      without channels is deleted, and its records can no longer be found.",
        sample_target: "",
        request: Some(json::<ChannelsRequest>(
            "channels",
            "All of its channels",
            include_str!("../examples/crm_link_delete.request.json"),
        )),
        answers: &[ok(
            "The channels are removed.",
            &[json::<LinkDeleted>(
                "deleted",
                "Deleted",
                include_str!("../examples/crm_link_deleted.json"),
            )],
        )],
        errors: &[NOT_AT, CHANGED],
    },
    Entry {
        operation: "crm_link_status",
        summary: "Turn a CRM link on or off",
        description: "Turns a link on or off for the named channels, or for all of its channels. A link \
                      that is off for a channel is not searched for it; one that is off for all is not \
                      fetched either. Turning it on fetches it at once.",
        sample_target: "",
        request: Some(json::<StatusRequest>(
            "off",
            "Off for one channel",
            include_str!("../examples/crm_link_status.request.json"),
        )),
        answers: &[ok(
            "The status is set.",
            &[json::<StatusUpdated>(
                "updated",
                "Off for one channel",
                include_str!("../examples/crm_link_status.json"),
            )],
        )],
        errors: &[NOT_AT, CHANGED],
    },
    Entry {
        operation: "crm_link_all",
        summary: "List the CRM links of all pages",
        description: "Lists the links of the business by page and channel. A link for both `facebook` \
                      and `messenger` is in both lists, and is counted once.",
        sample_target: "",
        request: None,
        answers: &[ok(
            "The links of all pages.",
            &[json::<AllLinks>(
                "links",
                "A page with one link",
                include_str!("../examples/crm_link_all.json"),
            )],
        )],
        errors: &[],
    },
    Entry {
        operation: "crm_link_health",
        summary: "Read how CRM links are doing",
        description: "Lists every link with its last ten fetches, those in trouble first: the error with \
                      what to do about it, since when it fails, when it is fetched next, and how old \
                      its records are. `embedding` says how many parts of records have no vector yet, \
                      and why.",
        sample_target: "",
        request: None,
        answers: &[ok(
            "The state of every link.",
            &[json::<Health>(
                "health",
                "A link whose key was refused",
                include_str!("../examples/crm_link_health.json"),
            )],
        )],
        errors: &[],
    },
    Entry {
        operation: "crm_link_embedder_get",
        summary: "Read who embeds",
        description: "Which model embeds what CRM links have: `embedder` is null for the built-in one, \
                      which needs no service. `backlog` counts the parts of records that have no vector \
                      of it yet; until there is none, the model before is searched. The key is shown as \
                      `***`.",
        sample_target: "",
        request: None,
        answers: &[ok("What is set, and how embedding goes.", &[EMBEDDER])],
        errors: &[],
    },
    Entry {
        operation: "crm_link_embedder_put",
        summary: "Set who embeds",
        description: "Sets an OpenAI-compatible server that embeds, all of it at once: OpenAI, Workers \
                      AI, Ollama or any other with `/embeddings`. It is tried by one request. Then \
                      everything is embedded anew in the background, while searches go on as before. \
                      The texts of all records and the questions are sent there. An `api_key` that is \
                      absent or `***` stays, for the same `base_url`.",
        sample_target: "",
        request: Some(json::<EmbedderRequest>(
            "openai",
            "A model of OpenAI's",
            include_str!("../examples/embedder.request.json"),
        )),
        answers: &[ok("What is set now.", &[EMBEDDER])],
        errors: &[
            (
                Kind::UnsafeUrl,
                "`base_url` is not https, or does not lead to a public host.",
            ),
            (
                Kind::ProviderRejected,
                "The server refuses; its words are quoted, without keys.",
            ),
        ],
    },
    Entry {
        operation: "crm_link_embedder_delete",
        summary: "Embed with the built-in model",
        description: "Goes back to the built-in model, as from any model to another. The server and its \
                      key are forgotten when everything has a vector of the built-in model.",
        sample_target: "",
        request: None,
        answers: &[deleted("The built-in model is set.")],
        errors: &[],
    },
    Entry {
        operation: "crm_link_preview",
        summary: "Preview a CRM link",
        description: "Fetches the first page of a link without adding it, and shows what would be \
                      stored: the first ten records, every field with an example, what is masked, and \
                      whose the records are. The body is that of [Add a CRM link](#crm_link_add). For a \
                      file that is uploaded it has the file, too: as `content`, or as `content_base64`, \
                      at most 1 MiB. If the endpoint fails or the file cannot be read, the response is \
                      still 200 and `error` says why. Nothing is stored.",
        sample_target: "",
        request: Some(json::<PreviewRequest>(
            "link",
            "A list of customers",
            include_str!("../examples/crm_link.request.json"),
        )),
        answers: &[ok(
            "What would be stored, or why nothing would.",
            &[json::<Preview>(
                "preview",
                "One record",
                include_str!("../examples/crm_link_preview.json"),
            )],
        )],
        errors: &[],
    },
    Entry {
        operation: "crm_link_get",
        summary: "Get a CRM link",
        description: "Returns one link with its settings and its last fetch.",
        sample_target: "$LINK_ID",
        request: None,
        answers: &[ok(
            "The link.",
            &[json::<SavedLink>(
                "link",
                "A link that is fresh",
                include_str!("../examples/crm_link.json"),
            )],
        )],
        errors: &[NOT_FOUND],
    },
    Entry {
        operation: "crm_link_update",
        summary: "Change a CRM link",
        description: "Changes the settings that the request names. An absent field stays as it is; `null` \
                      restores the default. If the change concerns what is fetched or how it is read, the \
                      link is fetched at once. `page_id`, `url` and `type` cannot change.",
        sample_target: "$LINK_ID",
        request: Some(json::<LinkPatch>(
            "schedule",
            "Every hour, and one field less",
            include_str!("../examples/crm_link_patch.request.json"),
        )),
        answers: &[ok(
            "The link as it now is.",
            &[json::<SavedLink>(
                "link",
                "Changed",
                include_str!("../examples/crm_link.json"),
            )],
        )],
        errors: &[NOT_FOUND, CHANGED],
    },
    Entry {
        operation: "crm_link_file_put",
        summary: "Upload a CRM link's file",
        description: "Uploads the file of a link of type `file` whose `url` is `file:<name>`: CSV, TSV, JSON, JSON \
                      Lines, XML, Markdown, HTML or text, as the body. It replaces the file before as a whole and is \
                      read at once; until it is searched, and if it cannot be read, what was there is searched. \
                      The format is told by the content type, the name and the content.",
        sample_target: "$LINK_ID",
        request: Some(Shape {
            name: "file",
            summary: "Prices",
            media: CSV,
            schema: file,
            example: "sku,name,price\nb-1,Blue bicycle,1200 EUR\n",
            is_optional: false,
        }),
        answers: &[ok(
            "The link with its file, which is being read.",
            &[json::<SavedLink>(
                "link",
                "Uploaded",
                include_str!("../examples/crm_link_file.json"),
            )],
        )],
        errors: &[
            NOT_FOUND,
            (
                Kind::Conflict,
                "The link is fetched from its URL, or records are pushed to it.",
            ),
            (
                Kind::QuotaExceeded,
                "The quota of stored bytes is used up. The file before counts until it is removed.",
            ),
        ],
    },
    Entry {
        operation: "crm_link_refresh",
        summary: "Fetch a CRM link now",
        description: "Fetches a link without waiting for its schedule. With `accept_shrink`, a source that \
                      has less than half of its former records is believed at once. What was pushed to a link of type \
                      `webhook` is made again from what is kept of it.",
        sample_target: "$LINK_ID",
        request: Some(json::<RefreshRequest>(
            "refresh",
            "Believe that many records are gone",
            include_str!("../examples/crm_link_refresh.request.json"),
        )),
        answers: &[answer(
            202,
            "The fetch is due.",
            &[json::<SavedLink>(
                "link",
                "Due",
                include_str!("../examples/crm_link.json"),
            )],
        )],
        errors: &[
            NOT_FOUND,
            (
                Kind::Conflict,
                "The link is off, or records are pushed to it.",
            ),
        ],
    },
    Entry {
        operation: "crm_link_authorize",
        summary: "Authorize a CRM link",
        description: "Starts the consent of a person (OAuth 2, grant `authorization_code`): open \
                      `authorize_url` in a browser within ten minutes, once. What was authorized before \
                      is used until the person has consented.",
        sample_target: "$LINK_ID",
        request: None,
        answers: &[ok(
            "Where to send the person.",
            &[json::<Authorization>(
                "authorization",
                "A URL to open",
                include_str!("../examples/crm_link_authorize.json"),
            )],
        )],
        errors: &[
            NOT_FOUND,
            (Kind::Conflict, "The link is not authorized by a person."),
        ],
    },
    Entry {
        operation: "crm_link_authorized",
        summary: "Come back from a consent",
        description: "The redirect URI of OAuth 2, which has the business's id. A person's browser comes \
                      here with a `code` or an `error`, and the `state` that it was sent away with. The \
                      page says whether the link is connected, or why not.",
        sample_target: "$BUSINESS_ID?state=$STATE&code=$CODE",
        request: None,
        answers: &[
            ok(
                "The link is connected, and is fetched.",
                &[other(
                    "text/html",
                    "connected",
                    "Connected",
                    shapes::html,
                    PAGE,
                )],
            ),
            answer(
                400,
                "It is not connected; the page says why.",
                &[other(
                    "text/html",
                    "not_connected",
                    "Not connected",
                    shapes::html,
                    PAGE,
                )],
            ),
        ],
        errors: &[],
    },
];

/// A file as the body of a request.
fn file(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string" })
}
