//! The gateway that the contenders ask, in a process of its own: its CPU time is not theirs. It answers from
//! [`payload`] and knows no message before it is asked for.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::payload::{self, ACCOUNT, Cut, Engine};

/// This program, by the name it was called by: under valgrind the process's own file is another one.
pub(crate) fn program() -> io::Result<std::ffi::OsString> {
    std::env::args_os().next().ok_or_else(|| io::ErrorKind::NotFound.into())
}

/// The server's process. It ends with this value.
#[derive(Debug)]
pub(crate) struct Server {
    process: Child,
    /// Where it answers, without a slash at its end.
    pub(crate) url: String,
}

impl Server {
    /// Starts it and waits until it answers.
    pub(crate) fn start() -> io::Result<Self> {
        let mut process =
            Command::new(program()?).arg("serve").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        if let Some(out) = process.stdout.take() {
            BufReader::new(out).read_line(&mut line)?;
        }
        Ok(Self { process, url: line.trim().to_owned() })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// Serves until standard input ends, which it does when the parent does.
pub(crate) fn serve() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut out = io::stdout().lock();
    writeln!(out, "http://{}", listener.local_addr()?)?;
    out.flush()?;
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || connection(stream));
        }
    });
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

fn connection(stream: TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut writer = stream.try_clone()?;
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    loop {
        line.clear();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let target = line.split(' ').nth(1).unwrap_or("/").to_owned();
        let mut length = 0;
        loop {
            line.clear();
            reader.read_line(&mut line)?;
            let header = line.trim_end();
            if header.is_empty() {
                break;
            }
            if let Some((name, value)) = header.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().unwrap_or(0);
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let answer = answer(&target, &body);
        let status = if answer.is_some() { "200 OK" } else { "404 Not Found" };
        let answer = answer.unwrap_or_default();
        let mut whole = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: {}\r\n\r\n",
            answer.len()
        );
        whole.push_str(&answer);
        writer.write_all(whole.as_bytes())?;
    }
}

/// The body that answers a request; `None` where there is none.
fn answer(target: &str, body: &[u8]) -> Option<String> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    match parts.as_slice() {
        ["api", "sessions", name] => {
            let engine = if *name == "webjs" { "WEBJS" } else { "NOWEB" };
            Some(format!(
                r#"{{"name":"{name}","status":"WORKING","me":{{"id":"{ACCOUNT}@c.us","pushName":"we"}},"engine":{{"engine":"{engine}"}}}}"#
            ))
        }
        ["api", "server", "version"] => {
            Some(r#"{"version":"2026.7.1","engine":"NOWEB","tier":"PLUS"}"#.into())
        }
        ["api", session, "chats", chat, "messages"] => {
            wait(session);
            let until = parameter(query, "filter.timestamp.lte").and_then(|until| until.parse().ok());
            let engine = if *session == "webjs" { Engine::Webjs } else { Engine::Noweb };
            Some(payload::waha_page(engine, cut(chat, query, until)))
        }
        ["chat", chat, "messages"] => {
            // `…T08:53:20.999999999Z`, percent-encoded
            let until = parameter(query, "end_time").map(|time| time.replace("%3A", ":"));
            let until = until.and_then(|time| chrono::DateTime::parse_from_rfc3339(&time).ok());
            Some(payload::gowa_page(cut(chat, query, until.map(|time| time.timestamp()))))
        }
        [_, "getChatHistory", _] => {
            let asked: serde_json::Value = serde_json::from_slice(body).ok()?;
            let limit = asked.get("count")?.as_u64()?;
            let total = total(asked.get("chatId")?.as_str()?);
            Some(payload::green_history(Cut { total, limit, ..Cut::default() }))
        }
        _ => None,
    }
}

/// A session named `wait20` answers after 20 ms; one named `webjs` has that engine, any other NOWEB.
fn wait(session: &str) {
    if let Some(time) = session.strip_prefix("wait").and_then(|time| time.parse().ok()) {
        std::thread::sleep(Duration::from_millis(time));
    }
}

fn cut(chat: &str, query: &str, until: Option<i64>) -> Cut {
    let number = |name| parameter(query, name).and_then(|n| n.parse().ok());
    Cut {
        total: total(chat),
        until,
        offset: number("offset").unwrap_or(0),
        limit: number("limit").unwrap_or(10),
    }
}

fn total(chat: &str) -> u64 {
    payload::total_of(chat.split(['@', '%']).next().unwrap_or_default())
}

fn parameter<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}
