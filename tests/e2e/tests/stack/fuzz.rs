//! Every endpoint of the OpenAPI document, asked nonsense: no 5xx, no hang, always the envelope.

use e2e::{Client, Stack, Tenant};
use serde_json::{Map, Value, json};

/// SplitMix64, so that a run can be repeated.
struct Random(u64);

impl Random {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % below as u64).unwrap_or_default()
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        let n = self.next(from.len());
        from.get(n).copied().unwrap_or_default()
    }

    fn text(&mut self) -> String {
        let known = [
            "",
            " ",
            "a@b.ie",
            "+353871234567",
            "CRM-1",
            "true",
            "-1",
            "1e309",
            "null",
            "😀",
            "\u{0}",
            "'; DROP TABLE customers; --",
            "%00",
            "../../etc",
            "2026-01-01T00:00:00Z",
            "\"",
            "\\",
            "$[0]",
            "01920000-0000-7000-8000-000000000000",
            "{\"a\":1}",
            "\u{202e}abc",
            "admin",
            "customers:read",
        ];
        match self.next(8) {
            0 => "x".repeat(self.next(3_000)),
            1 => "é\u{300}".repeat(self.next(40)),
            _ => self.pick(&known).to_owned(),
        }
    }

    fn value(&mut self, depth: usize, keys: &[String]) -> Value {
        match self.next(if depth == 0 { 7 } else { 10 }) {
            0 => Value::Null,
            1 => json!(self.next(2) == 0),
            2 => json!(self.next(1_000_000)),
            3 => json!(-1.5e300),
            4 => json!(u64::MAX),
            5 | 6 => json!(self.text()),
            7 => (0..self.next(5))
                .map(|_| self.value(depth - 1, keys))
                .collect(),
            _ => {
                let mut object = Map::new();
                for _ in 0..self.next(8) {
                    let key = match self.next(6) {
                        0 => self.text(),
                        _ => keys
                            .get(self.next(keys.len().max(1)))
                            .cloned()
                            .unwrap_or_default(),
                    };
                    object.insert(key, self.value(depth - 1, keys));
                }
                Value::Object(object)
            }
        }
    }
}

/// Every property name of the document's schemas.
fn property_names(document: &Value) -> Vec<String> {
    let mut names = Vec::new();
    let mut open = vec![document];
    while let Some(value) = open.pop() {
        if let Some(properties) = value["properties"].as_object() {
            names.extend(properties.keys().cloned());
        }
        open.extend(value.as_object().into_iter().flat_map(Map::values));
        open.extend(value.as_array().into_iter().flatten());
    }
    names.sort();
    names.dedup();
    names
}

fn encode(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// Who asks: mostly with a good key, and a session where the path takes one.
struct Caller {
    tenant: Tenant,
    bearer: String,
    client: Client,
}

impl Caller {
    /// A business of its own, so that no operation uses up the limits of another, or ends its session.
    fn new(stack: &Stack) -> Self {
        let tenant = stack.tenant("Fuzz");
        let (bearer, client) = (stack.session(&tenant), stack.client());
        Self {
            tenant,
            bearer,
            client,
        }
    }

    fn client(&self, path: &str, random: &mut Random) -> Client {
        let key = match random.next(12) {
            0 => "tl_",
            1 => &self.tenant.admin_key,
            _ => &self.tenant.api_key,
        };
        let mut client = self.client.clone().header("x-api-key", key);
        if random.next(6) == 0 {
            client = client.header("idempotency-key", &format!("k{}", random.next(5)));
        }
        if path.contains("dashboard") && random.next(4) > 0 {
            client = client.header("authorization", &self.bearer);
        }
        client.header("content-type", "application/json")
    }
}

#[test]
fn nonsense_is_refused_and_never_breaks_anything() {
    let stack = Stack::shared();
    let document = stack.client().get("/openapi.json").json;
    let keys = property_names(&document);
    let mut random = Random(20_261_121);
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if !["get", "post", "put", "patch", "delete"].contains(&method.as_str()) {
                continue;
            }
            let caller = Caller::new(stack);
            let parameters: Vec<_> = operation["parameters"]
                .as_array()
                .into_iter()
                .flatten()
                .collect();
            for round in 0..40 {
                let mut target = path.replace("{id}", &encode(&random.text()));
                let mut separator = '?';
                for parameter in &parameters {
                    if parameter["in"] == "query" && random.next(3) == 0 {
                        let name = parameter["name"].as_str().unwrap_or_default();
                        target = format!("{target}{separator}{name}={}", encode(&random.text()));
                        separator = '&';
                    }
                }
                let client = caller.client(path, &mut random);
                let body = match (method.as_str(), random.next(6)) {
                    ("get" | "delete", _) => Vec::new(),
                    (_, 0) => random.text().into_bytes(),
                    (_, 1) => vec![0xff, 0xfe, b'{'],
                    (_, 2) => {
                        json!({ "customers": [random.value(3, &keys), random.value(3, &keys)] })
                            .to_string()
                            .into_bytes()
                    }
                    _ => random.value(4, &keys).to_string().into_bytes(),
                };
                let method = method.to_uppercase();
                // A connection may break by itself on a busy machine; nonsense that breaks it does so again.
                let answer = client
                    .try_send(&method, &target, &body)
                    .unwrap_or_else(|_| client.send(&method, &target, &body));
                let shown = || {
                    format!(
                        "{method} {target} round {round}: {} {}",
                        answer.status, answer.text
                    )
                };
                // 429 would say that the nonsense was not looked at.
                assert!(answer.status < 429, "{}", shown());
                // What a person's browser is sent to answers with a page, as its description says.
                let described = &operation["responses"][answer.status.to_string()]["content"];
                let is_page = described["text/html"].is_object()
                    && answer.header("content-type").starts_with("text/html");
                if answer.status >= 400 && !is_page {
                    assert!(
                        answer.json["code"].is_string() && answer.json["request_id"].is_string(),
                        "{}",
                        shown()
                    );
                }
            }
        }
    }
}
