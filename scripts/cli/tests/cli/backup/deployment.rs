//! A deployment on loopback: the real function `backup`, on SQLite, behind as much HTTP as a client sees.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;

use backup::handler::handle;
use testkit::Stack;

type Job = Box<dyn FnOnce(&Stack) + Send>;

/// A running one; it ends with the test process.
pub(super) struct Deployment {
    pub(super) url: String,
    jobs: mpsc::Sender<Job>,
    /// How many requests are answered before the server goes away, all others with 503.
    pub(super) patience: Arc<AtomicUsize>,
    /// What was asked, as `GET /api/operator/backup`.
    pub(super) asked: Arc<Mutex<Vec<String>>>,
}

enum Event {
    Work(Job),
    Request(TcpStream),
}

impl Deployment {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/functions/v1", listener.local_addr().unwrap());
        let (jobs, work) = mpsc::channel::<Job>();
        let (events, happened) = mpsc::channel();
        let of_work = events.clone();
        thread::spawn(move || {
            work.into_iter()
                .try_for_each(|job| of_work.send(Event::Work(job)))
        });
        thread::spawn(move || {
            let mut streams = listener.incoming();
            streams.try_for_each(|stream| events.send(Event::Request(stream.unwrap())))
        });
        let patience = Arc::new(AtomicUsize::new(usize::MAX));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (left, told) = (Arc::clone(&patience), Arc::clone(&asked));
        thread::spawn(move || {
            let stack = Stack::new();
            stack.ports.set("PLATFORM_TOKEN", TOKEN[1]);
            for event in happened {
                match event {
                    Event::Work(job) => job(&stack),
                    Event::Request(stream) => answer(&stack, stream, &left, &told),
                }
            }
        });
        Self {
            url,
            jobs,
            patience,
            asked,
        }
    }

    /// Does something in the deployment, and gives what came of it.
    pub(super) fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Stack) -> T + Send + 'static,
    ) -> T {
        let (done, result) = mpsc::channel();
        let job: Job = Box::new(move |stack| done.send(work(stack)).unwrap());
        self.jobs.send(job).unwrap();
        result.recv().unwrap()
    }

    pub(super) fn sql(&self, sql: &str) -> String {
        let sql = sql.to_owned();
        self.with(move |stack| format!("{:?}", stack.db.sql(&sql)))
    }

    /// From now on, only so many requests are answered.
    pub(super) fn goes_away_after(&self, requests: usize) {
        self.patience.store(requests, Ordering::SeqCst);
    }

    pub(super) fn count(&self, what: &str) -> usize {
        let asked = self.asked.lock().unwrap();
        asked.iter().filter(|one| one.contains(what)).count()
    }
}

fn answer(stack: &Stack, mut stream: TcpStream, left: &AtomicUsize, asked: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut line = String::new();
    let Ok(1..) = reader.read_line(&mut line) else {
        return;
    };
    let mut words = line.split(' ');
    let (method, target) = (
        words.next().unwrap().to_owned(),
        words.next().unwrap().to_owned(),
    );
    let target = target.trim_start_matches("/functions/v1").to_owned();
    let mut call = stack.call("backup", &method, &target);
    let mut length = 0;
    loop {
        let mut line = String::new();
        let _ = reader.read_line(&mut line);
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        let name = name.to_ascii_lowercase();
        if name == "content-length" {
            length = value.parse().unwrap();
        }
        call = call.header(&name, value);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    asked.lock().unwrap().push(format!("{method} {target}"));
    let is_there = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
        left.checked_sub(1)
    });
    let (status, bytes) = match is_there {
        Ok(_) => {
            let answer = call.chunks(vec![Ok(body)]).send(handle);
            (answer.status, answer.bytes().to_vec())
        }
        Err(_) => (503, b"{}".to_vec()),
    };
    let length = if status == 204 {
        String::new()
    } else {
        format!("content-length: {}\r\n", bytes.len())
    };
    let head = format!("HTTP/1.1 {status} Told\r\nconnection: close\r\n{length}\r\n");
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.write_all(&bytes);
}

/// What every command of these tests ends with.
pub(super) const TOKEN: [&str; 4] = [
    "--platform-token",
    "the-platform-token-of-these-tests",
    "--max-retries",
    "1",
];
