use crate::client::Client;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock, mpsc};
use std::time::Duration;
use tempfile::TempDir;

/// The stack in workerd, on a free port, with a state of its own.
pub struct Stack {
    /// Where it is.
    pub origin: String,
    platform_token: String,
    child: Child,
    log: Arc<Mutex<String>>,
}

/// A business with its keys.
#[derive(Debug, Clone)]
pub struct Tenant {
    /// A key with every scope but `admin`.
    pub api_key: String,
    /// A key with `admin`.
    pub admin_key: String,
}

impl Stack {
    /// The one stack that most tests share, each with its own business.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<(Stack, TempDir)> = OnceLock::new();
        let (stack, _) = SHARED.get_or_init(|| {
            let state = tempfile::tempdir().unwrap();
            (Self::start(state.path(), None), state)
        });
        stack
    }

    /// Starts a stack on a state; a test Worker may stand in for `customers`.
    pub fn start(state: &Path, stand_in: Option<&str>) -> Self {
        let mut command = Self::command(state);
        command.args(stand_in);
        Self::of(command)
    }

    /// Starts a stack on a state, whose files lie in an R2 bucket.
    pub fn with_bucket(state: &Path) -> Self {
        let mut command = Self::command(state);
        command.env("TIELINE_BUCKET", "1");
        Self::of(command)
    }

    fn command(state: &Path) -> Command {
        let mut command = node();
        command
            .arg(root().join("scripts/lib/e2e-stack.mjs"))
            .arg(state);
        command
    }

    fn of(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("node starts; run the tests by scripts/test");
        let log = Arc::new(Mutex::new(String::new()));
        collect(child.stderr.take().unwrap(), Arc::clone(&log));
        let mut first = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut first)
            .unwrap();
        let Ok(ready) = serde_json::from_str::<Value>(&first) else {
            panic!("the stack did not start: {}", log.lock().unwrap())
        };
        Self {
            origin: ready["origin"].as_str().unwrap().into(),
            platform_token: ready["platform_token"].as_str().unwrap().into(),
            child,
            log,
        }
    }

    /// A client without a key.
    pub fn client(&self) -> Client {
        Client::new(&self.origin)
    }

    /// Makes a business in Ireland.
    pub fn tenant(&self, name: &str) -> Tenant {
        let body = json!({ "name": name, "default_region": "IE" });
        let client = self
            .client()
            .header("authorization", &format!("Bearer {}", self.platform_token));
        let made = client.post("/api/dashboard/businesses", &body);
        assert_eq!(made.status, 201, "{}", made.text);
        let key = |name: &str| made.json[name].as_str().unwrap().to_owned();
        Tenant {
            api_key: key("api_key"),
            admin_key: key("admin_key"),
        }
    }

    /// A client of a new business.
    pub fn crm(&self, name: &str) -> Client {
        self.client()
            .header("x-api-key", &self.tenant(name).api_key)
    }

    /// A client of a business's settings.
    pub fn dashboard(&self, tenant: &Tenant) -> Client {
        self.client().header("authorization", &self.session(tenant))
    }

    /// Opens a session; gives its header.
    pub fn session(&self, tenant: &Tenant) -> String {
        let opened = self
            .client()
            .header("x-api-key", &tenant.admin_key)
            .post("/api/dashboard/sessions", &json!({}));
        format!("Bearer {}", opened.json["token"].as_str().unwrap())
    }

    /// The platform token of this deployment.
    pub fn platform_token(&self) -> &str {
        &self.platform_token
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Ends it at once, as a machine that loses its power.
    pub fn kill(mut self) {
        let workerd = Command::new("pkill")
            .args(["-KILL", "-P", &self.child.id().to_string()])
            .status();
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        assert!(workerd.is_ok());
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        // Its standard input ends with the child's handle; the rest is its own affair.
        drop(self.child.stdin.take());
        drop(self.child.wait());
        if !std::thread::panicking() {
            let log = self.log();
            assert!(
                !log.contains("a limit of Cloudflare's is exceeded"),
                "{log}"
            );
        }
    }
}

fn collect(mut stream: impl Read + Send + 'static, log: Arc<Mutex<String>>) {
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(read @ 1..) = stream.read(&mut buffer) {
            log.lock()
                .unwrap()
                .push_str(&String::from_utf8_lossy(&buffer[..read]));
        }
    });
}

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

/// The Node that npm brought. What it starts keeps Cloudflare's limits.
pub fn node() -> Command {
    let mut node = Command::new(root().join("node_modules/.bin/node"));
    node.env("TIELINE_LIMITS", "1");
    node
}

/// Longer than any script takes on a busy machine.
const DEADLINE: Duration = Duration::from_secs(360);

/// Runs a script of the repository that checks things itself. One that hangs is ended, and says how far
/// it came.
pub fn run(script: &str) {
    // A file, not a pipe: what the script leaves running could hold a pipe open for ever.
    let log = tempfile::NamedTempFile::new().unwrap();
    let mut child = node()
        .arg(root().join(script))
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(log.as_file().try_clone().unwrap())
        .stderr(log.as_file().try_clone().unwrap())
        .spawn()
        .expect("node starts; run the tests by scripts/test");
    let group = format!("-{}", child.id());
    let (tell, ended) = mpsc::channel();
    std::thread::spawn(move || tell.send(child.wait().is_ok_and(|status| status.success())));
    let outcome = ended.recv_timeout(DEADLINE);
    if outcome.is_err() {
        drop(Command::new("kill").args(["-KILL", "--", &group]).status());
    }
    let said = std::fs::read_to_string(log.path()).unwrap();
    match outcome {
        Ok(true) => {}
        Ok(false) => panic!("{script} failed:\n{said}"),
        Err(_) => panic!("{script} did not end within {DEADLINE:?}:\n{said}"),
    }
}

/// The bytes of every file, as text where they are.
pub fn contents(folder: &Path) -> String {
    let read = |entry: std::io::Result<std::fs::DirEntry>| {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => contents(&path),
            false => String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned(),
        }
    };
    std::fs::read_dir(folder).unwrap().map(read).collect()
}
