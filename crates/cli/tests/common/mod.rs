//! The binary run against simulators.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking; not every test uses everything"
)]

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value;
use tokio::io::AsyncReadExt as _;
use tokio::process::Command;
use wachats_simulator::waha::Engine;
use wachats_simulator::{Server, World, gowa, waha};

/// A key that must never be seen in any output.
pub const KEY: &str = "canary-5e1f8a-key";
pub const ALICE: &str = "5511911111111@c.us";
pub const BEA: &str = "5511966666666@c.us";
pub const HELLO: &str = "3EB0A000000000000001";
pub const OWN: &str = "3EB0A000000000000012";

/// A simulator and the address that the command line takes.
pub struct Gateway {
    pub world: World,
    pub server: Server,
    pub uri: String,
    pub name: &'static str,
}

pub async fn waha_with(engine: Engine) -> Gateway {
    let world = World::sample();
    let server = waha::serve(world.clone(), waha::Profile::new(engine).key(KEY)).await.unwrap();
    let uri = format!("waha+{}?session=default", server.url());
    Gateway { world, server, uri, name: "waha" }
}

pub async fn waha() -> Gateway {
    waha_with(Engine::Webjs).await
}

pub async fn gowa() -> Gateway {
    let world = World::sample();
    let profile = gowa::Profile::v9_2().basic_auth("demo", KEY);
    let server = gowa::serve(world.clone(), profile).await.unwrap();
    let uri = format!("gowa+{}", server.url());
    Gateway { world, server, uri, name: "gowa" }
}

pub async fn both() -> [Gateway; 2] {
    [waha().await, gowa().await]
}

impl Gateway {
    /// How many of Alice's 21 messages it tells of: GOWA stores no poll and no revoked message.
    pub fn of_alice(&self) -> usize {
        if self.name == "gowa" { 19 } else { 21 }
    }

    /// Runs a command against it.
    pub async fn run(&self, args: &[&str]) -> Ran {
        let mut command = command(args);
        command.env("WACHATS_GATEWAY", &self.uri);
        Ran::of(command).await
    }
}

/// The binary with these arguments, secrets and nothing else of ours in its environment.
pub fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wachats"));
    command.args(args).stdin(Stdio::null()).kill_on_drop(true);
    for name in
        ["WACHATS_GATEWAY", "RUST_LOG", "http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "ALL_PROXY"]
    {
        command.env_remove(name);
    }
    command.env("WAHA_API_KEY", KEY).env("GOWA_USER", "demo").env("GOWA_PASS", KEY);
    command
}

/// Runs a command without a gateway.
pub async fn run(args: &[&str]) -> Ran {
    Ran::of(command(args)).await
}

/// What a command gave.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    pub async fn of(mut command: Command) -> Self {
        let output = command.output().await.unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
    }

    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    #[track_caller]
    pub fn lines(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The failure, told in both lines, with this exit code.
    #[track_caller]
    pub fn failed(&self, code: i32, kind: &str) -> Value {
        assert_eq!(self.code, code, "{self:?}");
        assert_eq!(self.out, "", "{self:?}");
        let lines: Vec<_> = self.err.lines().collect();
        let [.., told, json] = lines[..] else { panic!("two lines are wanted: {self:?}") };
        assert!(told.starts_with(&format!("error: {kind}: ")), "{self:?}");
        let json: Value = serde_json::from_str(json).unwrap();
        let error = &json["error"];
        let keys: Vec<_> = error.as_object().unwrap().keys().map(String::as_str).collect();
        let mut expected =
            ["kind", "message", "gateway", "operation", "status", "effect", "retry_after_seconds"];
        expected.sort_unstable();
        assert_eq!(keys, expected, "{self:?}");
        assert_eq!(error["kind"], kind, "{self:?}");
        error.clone()
    }
}

/// A folder that goes when the test ends.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("wachats-cli-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn file(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }

    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = std::fs::read_dir(&self.0)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

/// Reads until a line ends.
pub async fn first_line(out: &mut (impl tokio::io::AsyncRead + Unpin)) -> String {
    let mut line = Vec::new();
    while let Ok(byte) = out.read_u8().await {
        if byte == b'\n' {
            break;
        }
        line.push(byte);
    }
    String::from_utf8(line).unwrap()
}
