//! Fetching, on scripted answers.

mod answers;
mod circles;
mod consent;
mod graphql;
mod oauth;
mod paging;
mod redirects;
mod requests;
mod urls;
mod vendors;

use super::*;
use crate::link::{Auth, Paging};
use common::ports::FetchError;
use serde_json::{Value, json};
use testkit::Stack;

const URL: &str = "https://api.crm.example/v1/people";
const KEY: &str = "key-1234567890";

type Answer = Result<OutboundResponse, FetchError>;

/// A link, with the deployment that fetches it.
struct Link {
    stack: Stack,
    id: Option<LinkId>,
    kind: LinkType,
    url: String,
    settings: Settings,
    secrets: LinkSecrets,
}

impl Link {
    fn to(url: &str) -> Self {
        Self {
            stack: Stack::new(),
            id: None,
            kind: LinkType::Api,
            url: url.into(),
            settings: Settings::default(),
            secrets: LinkSecrets {
                api_key: Some(KEY.into()),
                ..LinkSecrets::default()
            },
        }
    }

    fn new() -> Self {
        Self::to(URL)
    }

    fn with(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(&mut self.settings);
        self
    }

    fn paged(self, next: &str) -> Self {
        self.with(|settings| settings.next = Paging::parse(next).unwrap())
    }

    fn place(&self) -> Place<'_> {
        Place {
            link: self.id.as_ref(),
            kind: self.kind,
            url: &self.url,
            settings: &self.settings,
            secrets: &self.secrets,
        }
    }

    fn will(&self, answer: Answer) -> &Self {
        self.stack.ports.will(answer);
        self
    }

    fn fetch_at(
        &self,
        at: Option<&Cursor>,
        known: Option<&Validators>,
    ) -> Result<Fetched, Trouble> {
        let mut fetched = None;
        let log = self.stack.job("", async |cx: &Context<'_>, _: &str| {
            fetched = Some(fetch(cx, &self.place(), at, known).await);
            Ok(())
        });
        let fetched = fetched.unwrap();
        if let Err(trouble) = &fetched {
            assert!(!trouble.message.contains(KEY), "{}", trouble.message);
        }
        assert!(!log.to_string().contains(KEY));
        fetched
    }

    fn page_at(&self, at: Option<&Cursor>) -> Page {
        match self.fetch_at(at, None) {
            Ok(Fetched::Page(page)) => page,
            other => panic!("{other:?}"),
        }
    }

    fn page(&self) -> Page {
        self.page_at(None)
    }

    /// What comes of this answer.
    fn trouble(&self, answer: Answer) -> Trouble {
        self.will(answer).fetch_at(None, None).unwrap_err()
    }

    /// The requests made since this was asked last.
    fn requests(&self) -> Vec<OutboundRequest> {
        self.stack.ports.take_requests()
    }

    /// The one request made since.
    fn request(&self) -> OutboundRequest {
        let mut requests = self.requests();
        assert_eq!(requests.len(), 1, "{requests:?}");
        requests.remove(0)
    }

    /// Where the list goes on behind these answers, fetched one after the other; of each the records on it.
    fn walk(&self, answers: Vec<(Answer, usize)>) -> Result<Option<Cursor>, Trouble> {
        let mut at: Option<Cursor> = None;
        for (answer, records) in answers {
            let page = self.will(answer).page_at(at.as_ref());
            at = next(&self.place(), at.as_ref(), &page, records)?;
            // Cursors are kept as JSON between runs.
            let kept = serde_json::to_string(&at).unwrap();
            assert!(!kept.contains(KEY), "{kept}");
            at = serde_json::from_str(&kept).unwrap();
        }
        Ok(at)
    }

    /// The URL that the list goes on at behind one answer with a record.
    fn next_url(&self, answer: Answer) -> Option<String> {
        match self.walk(vec![(answer, 1)]).unwrap()?.target() {
            Target::Url(url) => Some(url.clone()),
            other => panic!("{other:?}"),
        }
    }
}

use super::paging::Target;

fn ok(body: &Value) -> Answer {
    testkit::answer(200, body)
}

fn with_headers(answer: Answer, headers: &[(&str, &str)]) -> Answer {
    let mut response = answer.unwrap();
    let headers = headers.iter().map(|(n, v)| ((*n).into(), (*v).into()));
    response.headers.extend(headers);
    Ok(response)
}

fn raw(status: u16, content_type: &str, body: &[u8]) -> Answer {
    Ok(OutboundResponse {
        status,
        headers: vec![("content-type".into(), content_type.into())],
        body: body.into(),
        is_cut: false,
    })
}

/// A header of a request, whichever list it is in.
fn header<'r>(request: &'r OutboundRequest, name: &str) -> Option<&'r str> {
    let own = request.headers.iter().map(|(n, v)| (*n, v.as_str()));
    let custom = request.custom_headers.iter();
    let mut all = own.chain(custom.map(|(n, v)| (n.as_str(), v.as_str())));
    all.find(|(known, _)| *known == name)
        .map(|(_, value)| value)
}

fn sent(request: &OutboundRequest) -> Value {
    serde_json::from_slice(request.body.as_deref().unwrap()).unwrap()
}
