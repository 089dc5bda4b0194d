//! Who reads the same pages: the library, and what one would write without it.

use std::hint::black_box;

use futures::TryStreamExt;
use serde_json::Value;
use wachats::gowa::Gowa;
use wachats::green_api::GreenApi;
use wachats::waha::Waha;
use wachats::wappfy::Wappfy;
use wachats::{Chats, Error, ErrorKind, HttpOptions, Message, Operation, Result};

use crate::payload::{NEWEST, chat_number};

pub(crate) const INSTANCE: &str = "7103000001";
pub(crate) const TOKEN: &str = "d75b3a66374942c5b3c019c698abc2067e151558acbd412345";
const KEY: &str = "the-key-of-the-bench";

/// Which gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// WAHA with whatsapp-web.js.
    Webjs,
    /// WAHA with Baileys.
    Noweb,
    Wappfy,
    GreenApi,
    Gowa,
}

impl Kind {
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "webjs" => Self::Webjs,
            "noweb" => Self::Noweb,
            "wappfy" => Self::Wappfy,
            "green-api" => Self::GreenApi,
            "gowa" => Self::Gowa,
            _ => return None,
        })
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Webjs => "webjs",
            Self::Noweb => "noweb",
            Self::Wappfy => "wappfy",
            Self::GreenApi => "green-api",
            Self::Gowa => "gowa",
        }
    }

    /// The library, connected. Green-API's own limit of one call a second would be all that is measured.
    pub(crate) fn connect(self, url: &str) -> Result<Chats> {
        self.connect_to(url, self.word())
    }

    /// The same with a session of this name.
    pub(crate) fn connect_to(self, url: &str, session: &str) -> Result<Chats> {
        let http = HttpOptions::new().rate_limits(false);
        Ok(match self {
            Self::Webjs | Self::Noweb => {
                Chats::new(Waha::builder(url).session(session).key(KEY).http(http).build()?)
            }
            Self::Wappfy => Chats::new(Wappfy::builder(url).session(session).key(KEY).http(http).build()?),
            Self::GreenApi => {
                Chats::new(GreenApi::builder(url).instance(INSTANCE).token(TOKEN).http(http).build()?)
            }
            Self::Gowa => Chats::new(Gowa::builder(url).http(http).build()?),
        })
    }
}

/// How the pages are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Contender {
    /// wachats, with all its layers, as a stream.
    Library,
    /// The same, keeping the raw JSON of each message.
    LibraryRaw,
    /// reqwest, and the same structs and model.
    Same,
    /// reqwest and `serde_json::Value`.
    Value,
    /// reqwest alone: the bytes are not looked at.
    Floor,
}

impl Contender {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Library => "library",
            Self::LibraryRaw => "library-raw",
            Self::Same => "same",
            Self::Value => "value",
            Self::Floor => "floor",
        }
    }

    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "library" => Self::Library,
            "library-raw" => Self::LibraryRaw,
            "same" => Self::Same,
            "value" => Self::Value,
            "floor" => Self::Floor,
            _ => return None,
        })
    }
}

/// What is to be read.
pub(crate) struct Task {
    kind: Kind,
    url: String,
    chats: Chats,
    http: reqwest::Client,
    base: reqwest::Url,
    /// How many messages a page.
    page: u32,
    /// How many messages the chat has, and are read.
    total: u64,
    /// How often it is read.
    times: u32,
}

impl Task {
    pub(crate) fn new(kind: Kind, url: &str, page: u32, total: u64, times: u32) -> Result<Self> {
        let chats = kind.connect(url)?; // first: it chooses ring for the process
        let http = reqwest::Client::builder().no_proxy().build().map_err(network)?;
        let base = reqwest::Url::parse(url).map_err(|_| unexpected())?;
        Ok(Self { kind, url: url.to_owned(), chats, http, base, page, total, times })
    }

    /// The same, read so often.
    pub(crate) fn times(self, times: u32) -> Self {
        Self { times, ..self }
    }

    /// Reads it; gives how many messages there were.
    pub(crate) async fn run(&self, contender: Contender) -> Result<u64> {
        let mut read = 0;
        for _ in 0..self.times {
            read += match (contender, self.kind) {
                (Contender::Library, _) => self.library(false).await?,
                (Contender::LibraryRaw, _) => self.library(true).await?,
                (_, Kind::GreenApi) => self.green(contender).await?,
                _ => self.waha(contender).await?,
            };
        }
        if read != self.total * u64::from(self.times) {
            return Err(unexpected());
        }
        Ok(read)
    }

    async fn library(&self, raw: bool) -> Result<u64> {
        let chat = self.chats.chat(chat_number(self.total))?;
        let list = chat.messages().page_size(self.page).limit(self.total).raw(raw);
        let mut stream = list.stream();
        let mut read = 0;
        while let Some(message) = stream.try_next().await? {
            black_box(&message);
            read += 1;
        }
        Ok(read)
    }

    /// Page by page below the oldest second seen, as the library does it.
    async fn waha(&self, contender: Contender) -> Result<u64> {
        let chat = chat_number(self.total);
        let (mut until, mut read) = (None, 0);
        while read < self.total {
            let wanted = u64::from(self.page).min(self.total - read) + u64::from(until.is_some());
            let mut url = format!(
                "{}/api/{}/chats/{chat}%40c.us/messages?limit={wanted}&downloadMedia=false",
                self.url,
                self.kind.word()
            );
            if let Some(until) = until {
                url.push_str(&format!("&filter.timestamp.lte={until}"));
            }
            let request = self.http.get(url).header("x-api-key", KEY).header("accept", "application/json");
            let body = request.send().await.map_err(network)?.bytes().await.map_err(network)?;
            let rows = match contender {
                Contender::Value => {
                    let page: Value = serde_json::from_slice(&body).map_err(|_| unexpected())?;
                    values(&page, "id", "body")
                }
                Contender::Floor => {
                    black_box(&body);
                    wanted
                }
                _ => {
                    let page = wachats_bench_waha::messages(&body, &self.base).map_err(|_| unexpected())?;
                    consume(page)
                }
            };
            read += rows - u64::from(until.is_some());
            until = Some(NEWEST + 1 - read.cast_signed());
        }
        Ok(read)
    }

    async fn green(&self, contender: Contender) -> Result<u64> {
        let url = format!("{}/waInstance{INSTANCE}/getChatHistory/{TOKEN}", self.url);
        let body = format!(r#"{{"chatId":"{}@c.us","count":{}}}"#, chat_number(self.total), self.total);
        let request = self.http.post(url).header("content-type", "application/json").body(body);
        let body = request.send().await.map_err(network)?.bytes().await.map_err(network)?;
        Ok(match contender {
            Contender::Value => {
                let page: Value = serde_json::from_slice(&body).map_err(|_| unexpected())?;
                values(&page, "idMessage", "textMessage")
            }
            Contender::Floor => {
                black_box(&body);
                self.total
            }
            _ => consume(wachats_bench_green_api::entries(&body).map_err(|_| unexpected())?),
        })
    }
}

fn consume(page: Vec<Message>) -> u64 {
    let mut read = 0;
    for message in page {
        black_box(&message);
        read += 1;
    }
    read
}

/// Looks at two fields of each row, as a program must at the very least.
fn values(page: &Value, id: &str, text: &str) -> u64 {
    let rows = page.as_array().map(Vec::as_slice).unwrap_or_default();
    for row in rows {
        black_box((row.get(id).and_then(Value::as_str), row.get(text).and_then(Value::as_str)));
    }
    rows.len() as u64
}

pub(crate) fn unexpected() -> Error {
    Error::new(ErrorKind::Unexpected, Operation::ListMessages)
        .with_message("the bench's own server answered something else")
}

fn network(error: reqwest::Error) -> Error {
    Error::new(ErrorKind::Network, Operation::ListMessages).with_source(error)
}
