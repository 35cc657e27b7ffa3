//! How a message is stored while it waits to be sent.

use super::outbound::{
    Compound, Content, Media, MediaKind, MediaSource, Outbound, Recipient, Template,
};
use common::ids::AttachmentId;
use common::json::raw::{integer, list, text};

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
    /// answers, and what kind of content the rest is. The sizes of stored media follow as numbers, at
    /// which a reader of texts that does not know them stops.
    #[must_use]
    pub fn to_stored(&self) -> String {
        let (kind, to) = match &self.to {
            Recipient::Number(number) => ("number", number),
            Recipient::User(id) => ("user", id),
            Recipient::Email(address) => ("email", address),
            Recipient::Comment(id) => ("comment", id),
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
            Content::Media(media) => texts.extend(media.to_texts()),
            Content::Compound(compound) => {
                texts.extend([
                    Some("compound"),
                    compound.subject.as_deref(),
                    Some(compound.text.as_str()),
                    compound.reply_address.as_deref(),
                ]);
                for id in &compound.references {
                    texts.extend([Some("reference"), Some(id.as_str())]);
                }
                for media in &compound.media {
                    texts.extend(media.to_texts());
                }
            }
        }
        // Texts are always JSON; what is empty is unreadable, should they ever not be.
        let mut stored = serde_json::to_string(&texts).unwrap_or_default();
        for media in self.content.media() {
            if let MediaSource::Stored { size, .. } = &media.source {
                let size = size.map_or_else(|| "-1".to_owned(), |size| size.to_string());
                stored.pop();
                stored.push_str(&[",", &size, "]"].concat());
            }
        }
        stored
    }

    /// See [`Outbound::to_stored`]; `None` for what another version stored.
    #[must_use]
    pub fn from_stored(stored: &str) -> Option<Self> {
        let parts = list(stored)?;
        let mut sizes = parts.iter().filter_map(|part| integer(part));
        let mut texts = parts.iter().copied();
        let mut next = || texts.next().and_then(text);
        let to = match next()?.as_str() {
            "number" => Recipient::Number(next()?),
            "user" => Recipient::User(next()?),
            "email" => Recipient::Email(next()?),
            "comment" => Recipient::Comment(next()?),
            _ => return None,
        };
        let reply_to = next();
        let mut content = match next()?.as_str() {
            "text" => Content::Text(next()?),
            "template" => Content::Template(Template {
                name: next()?,
                language: next()?,
                components: next(),
            }),
            "compound" => {
                let mut compound = Compound {
                    subject: next(),
                    text: next()?,
                    reply_address: next(),
                    ..Compound::default()
                };
                while let Some(kind) = next() {
                    match kind.as_str() {
                        "reference" => compound.references.push(next()?),
                        kind => compound.media.push(Media::from_texts(kind, &mut next)?),
                    }
                }
                Content::Compound(compound)
            }
            kind => Content::Media(Media::from_texts(kind, &mut next)?),
        };
        for media in content.media_mut() {
            if let MediaSource::Stored { size, .. } = &mut media.source {
                *size = sizes.next().and_then(|size| size.parse().ok());
            }
        }
        Some(Self {
            to,
            reply_to,
            content,
        })
    }
}

impl Media {
    fn to_texts(&self) -> [Option<&str>; 6] {
        let (source, place, mime_type) = match &self.source {
            MediaSource::Link(url) => ("link", url.as_str(), None),
            MediaSource::Stored {
                attachment_id,
                mime_type,
                ..
            } => ("stored", attachment_id.as_str(), Some(mime_type.as_str())),
        };
        [
            Some(self.kind.as_str()),
            Some(self.filename.as_str()),
            self.caption.as_deref(),
            Some(source),
            Some(place),
            mime_type,
        ]
    }

    fn from_texts(kind: &str, next: &mut impl FnMut() -> Option<String>) -> Option<Self> {
        let (filename, caption) = (next()?, next());
        let (source, place, mime_type) = (next()?, next()?, next());
        Some(Self {
            kind: MediaKind::named(kind)?,
            filename,
            caption,
            source: match source.as_str() {
                "link" => MediaSource::Link(place),
                "stored" => MediaSource::Stored {
                    attachment_id: AttachmentId::unchecked(place),
                    mime_type: mime_type?,
                    size: None,
                },
                _ => return None,
            },
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
        let stored_as = |size| MediaSource::Stored {
            attachment_id: AttachmentId::unchecked("a-1"),
            mime_type: "application/pdf".into(),
            size,
        };
        let stored = stored_as(Some(77));
        let template = |components: Option<&str>| {
            Content::Template(Template {
                name: "order_ready".into(),
                language: "pt_BR".into(),
                components: components.map(str::to_owned),
            })
        };
        let one = |source| match media(source, None) {
            Content::Media(media) => media,
            _ => unreachable!("a medium"),
        };
        let compound = Compound {
            subject: Some("Your order".into()),
            text: "Hi".into(),
            media: vec![
                one(stored_as(None)),
                one(stored.clone()),
                one(MediaSource::Link("https://a.example/b".into())),
            ],
            references: vec!["<a@x>".into(), "<b@x>".into()],
            reply_address: Some("reply+1@x.example".into()),
        };
        let contents = [
            Content::Compound(compound),
            Content::Compound(Compound::default()),
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
                (Recipient::Comment("1_2".into()), None),
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
        // Rows of before, which have no sizes.
        for old in [
            r#"["number","+1",null,"document","a",null,"stored","a-1","a/b"]"#,
            r#"["email","a@x",null,"compound",null,"Hi",null,"document","a",null,"stored","a-1","a/b"]"#,
        ] {
            let read = Outbound::from_stored(old).unwrap();
            let [media] = read.content.media() else {
                unreachable!("one medium")
            };
            assert!(matches!(
                media.source,
                MediaSource::Stored { size: None, .. }
            ));
        }
        for other in ["", "{}", "[]", r#"["number","+1",null,"dance","x"]"#] {
            assert_eq!(Outbound::from_stored(other), None, "{other}");
        }
    }
}
