//! How a message is stored while it waits to be sent.

use super::outbound::{Content, Media, MediaKind, MediaSource, Outbound, Recipient, Template};
use crate::json::raw::{list, text};

impl MediaKind {
    const ALL: [Self; 5] = [
        Self::Image,
        Self::Video,
        Self::Audio,
        Self::Document,
        Self::Sticker,
    ];

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

impl Outbound {
    /// As it is stored: a JSON array of texts and nulls, whose first four say who gets it, what it
    /// answers, and what kind of content the rest is.
    #[must_use]
    pub fn to_stored(&self) -> String {
        let (kind, to) = match &self.to {
            Recipient::Number(number) => ("number", number),
            Recipient::User(id) => ("user", id),
        };
        let mut texts = vec![Some(kind), Some(to.as_str()), self.reply_to.as_deref()];
        match &self.content {
            Content::Text(text) => texts.extend([Some("text"), Some(text)]),
            Content::Template(template) => texts.extend([
                Some("template"),
                Some(template.name.as_str()),
                Some(template.language.as_str()),
                template.components.as_deref(),
            ]),
            Content::Media(media) => {
                texts.extend([
                    Some(media.kind.as_str()),
                    Some(media.filename.as_str()),
                    media.caption.as_deref(),
                ]);
                match &media.source {
                    MediaSource::Link(url) => texts.extend([Some("link"), Some(url)]),
                    MediaSource::Stored {
                        attachment_id,
                        mime_type,
                    } => texts.extend([
                        Some("stored"),
                        Some(attachment_id.as_str()),
                        Some(mime_type.as_str()),
                    ]),
                }
            }
        }
        // Texts are always JSON; what is empty is unreadable, should they ever not be.
        serde_json::to_string(&texts).unwrap_or_default()
    }

    /// See [`Outbound::to_stored`]; `None` for what another version stored.
    #[must_use]
    pub fn from_stored(stored: &str) -> Option<Self> {
        let mut texts = list(stored)?.into_iter();
        let mut next = || texts.next().and_then(text);
        let to = match next()?.as_str() {
            "number" => Recipient::Number(next()?),
            "user" => Recipient::User(next()?),
            _ => return None,
        };
        let reply_to = next();
        let content = match next()?.as_str() {
            "text" => Content::Text(next()?),
            "template" => Content::Template(Template {
                name: next()?,
                language: next()?,
                components: next(),
            }),
            kind => Content::Media(Media {
                kind: MediaKind::named(kind)?,
                filename: next()?,
                caption: next(),
                source: match next()?.as_str() {
                    "link" => MediaSource::Link(next()?),
                    "stored" => MediaSource::Stored {
                        attachment_id: next()?,
                        mime_type: next()?,
                    },
                    _ => return None,
                },
            }),
        };
        Some(Self {
            to,
            reply_to,
            content,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_is_read_back() {
        let media = |source, caption: Option<&str>| {
            Content::Media(Media {
                kind: MediaKind::Document,
                source,
                filename: "a\".pdf".into(),
                caption: caption.map(str::to_owned),
            })
        };
        let stored = MediaSource::Stored {
            attachment_id: "a-1".into(),
            mime_type: "application/pdf".into(),
        };
        let template = |components: Option<&str>| {
            Content::Template(Template {
                name: "order_ready".into(),
                language: "pt_BR".into(),
                components: components.map(str::to_owned),
            })
        };
        let contents = [
            Content::Text("Hi 😀\n".into()),
            media(stored, Some("c")),
            media(MediaSource::Link("https://a.example/b".into()), None),
            template(None),
            template(Some("[{}]")),
        ];
        for content in contents {
            for (to, reply_to) in [
                (Recipient::Number("+1".into()), None),
                (Recipient::User("IE.1".into()), Some("wamid.1".to_owned())),
            ] {
                let outbound = Outbound {
                    to,
                    reply_to,
                    content: content.clone(),
                };
                let read = Outbound::from_stored(&outbound.to_stored());
                assert_eq!(read, Some(outbound));
            }
        }
        for other in ["", "{}", "[]", r#"["number","+1",null,"dance","x"]"#] {
            assert_eq!(Outbound::from_stored(other), None, "{other}");
        }
    }
}
