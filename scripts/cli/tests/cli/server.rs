//! A server that answers as a test says and keeps what it was asked.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(crate) fn customers(&self) -> Vec<Value> {
        self.json()["customers"].as_array().unwrap().clone()
    }
}

/// What a test answers.
pub(crate) enum Reply {
    Answer {
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: String,
    },
    /// The connection ends without an answer.
    Hangup,
}

impl Reply {
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::Answer {
            status,
            headers: Vec::new(),
            body: body.to_string(),
        }
    }

    pub(crate) fn status(status: u16) -> Self {
        let error = format!("Scripted {status}.");
        Self::json(
            status,
            &json!({"error": error, "code": "scripted", "request_id": "req-7"}),
        )
    }

    pub(crate) fn with_header(mut self, name: &'static str, value: &str) -> Self {
        if let Self::Answer { headers, .. } = &mut self {
            headers.push((name, value.to_owned()));
        }
        self
    }

    /// Every record is created, with its external_id (or place) in its id; a record named `bad`
    /// fails.
    pub(crate) fn all_created(request: &Request) -> Self {
        let customers = request.customers();
        let details = customers.iter().enumerate().map(|(index, customer)| {
            let id = customer["external_id"]
                .as_str()
                .map_or(index.to_string(), str::to_owned);
            if customer["name"] == "bad" {
                return json!({"index": index, "action": "failed", "customer_id": null,
                    "code": "invalid_email", "error": "The email is not one, \"sadly\"."});
            }
            json!({"index": index, "action": "created", "customer_id": format!("cus-{id}"),
                "changed": true})
        });
        let details: Vec<Value> = details.collect();
        Self::json(
            200,
            &json!({"success": true, "results": {"details": details}}),
        )
    }
}

/// A running server; it ends with the test process.
pub(crate) struct Server {
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// Answers one request after the other; `answer` gets the number of the request, from 0.
    pub(crate) fn start(mut answer: impl FnMut(usize, &Request) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/functions/v1", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::<Request>::new()));
        let seen = Arc::clone(&requests);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let Some(request) = read(&stream) else {
                    continue;
                };
                let number = {
                    let mut seen = seen.lock().unwrap();
                    seen.push(request.clone());
                    seen.len() - 1
                };
                write(&mut stream, &answer(number, &request));
            }
        });
        Self { url, requests }
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.map_or(0, |(_, value)| value.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Request {
        method,
        path,
        headers,
        body: String::from_utf8(body).unwrap(),
    })
}

/// A client that has gone away is part of some tests.
fn write(stream: &mut TcpStream, reply: &Reply) {
    let Reply::Answer {
        status,
        headers,
        body,
    } = reply
    else {
        return;
    };
    let mut text = format!("HTTP/1.1 {status} Scripted\r\nconnection: close\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    if *status != 204 {
        text.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    let _ = stream.write_all(format!("{text}\r\n{body}").as_bytes());
}
