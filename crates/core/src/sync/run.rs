use std::cmp::Reverse;
use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures::stream::{self, BoxStream};
use futures::{StreamExt, TryStreamExt};

use super::cursor::SyncCursor;
use super::scope::{List, Plan};
use super::window::{Point, Scope, Window};
use super::{Step, SyncRun, SyncStart, Synced, error};
use crate::{Capability, ChatId, Chats, ErrorKind, Message, MessageKey, Missing, Result, Support};

/// Messages of a page; the gateway's own bound may be lower.
const PAGE: u32 = 100;

/// A run that has begun.
struct Run {
    chats: Chats,
    /// Where the window at hand begins.
    cursor: SyncCursor,
    scope: Arc<Scope>,
    lists: Vec<List>,
    top: Option<i64>,
    now: i64,
    buffer: usize,
    /// Everything up to here was given by this run.
    reached: Option<i64>,
    /// How long a stretch of time the next window is, in seconds; `None` for all there is.
    span: Option<i64>,
    /// What was read and not given yet.
    ready: VecDeque<Message>,
    window: Option<Arc<Window>>,
    given: usize,
}

/// A message that is held until its turn comes.
struct Held {
    /// The second at which it stands.
    at: i64,
    /// The list it came from.
    list: usize,
    /// Its place there, the newest first.
    place: usize,
    message: Message,
}

type Identity = (ChatId, MessageKey, bool);

/// All steps of a run.
pub(super) fn steps(run: SyncRun) -> BoxStream<'static, Result<Step>> {
    enum State {
        Begin(Box<SyncRun>),
        Going(Box<Run>),
        Done,
    }
    stream::try_unfold(State::Begin(Box::new(run)), |state| async move {
        let mut run = match state {
            State::Begin(run) => Box::new(Run::begin(*run).await?),
            State::Going(run) => run,
            State::Done => return Ok(None),
        };
        let step = run.step().await?;
        let state = if run.is_over() { State::Done } else { State::Going(run) };
        Ok(Some((step, state)))
    })
    .boxed()
}

impl Run {
    async fn begin(run: SyncRun) -> Result<Self> {
        let SyncRun { chats, start, overlap, buffer } = run;
        let gateway = chats.gateway();
        let refuse = |message| Err(error(ErrorKind::InvalidInput, message).with_gateway(gateway.clone()));
        let mut cursor = match start {
            SyncStart::After(cursor) => *cursor,
            // its cursor would pass over all that arrives until then
            SyncStart::Since(from) if from > Utc::now() => {
                return refuse("catching up begins at a time in the past: this one is to come");
            }
            SyncStart::Since(from) => {
                let up = u64::from(overlap.subsec_nanos() > 0);
                let overlap = i64::try_from(overlap.as_secs().saturating_add(up)).unwrap_or(i64::MAX);
                SyncCursor::begin(gateway.clone(), from.timestamp(), overlap)
            }
        };
        if cursor.gateway != gateway {
            return refuse("this cursor belongs to another gateway");
        }
        let capabilities = chats.info().capabilities;
        if capabilities.support(Capability::Sync) == Support::No {
            let reason =
                capabilities.reason(Capability::Sync).unwrap_or("the gateway's lists don't allow it");
            return Err(error(ErrorKind::Unsupported, "")
                .with_gateway(gateway)
                .with_capability(Capability::Sync)
                .with_message(reason.to_owned()));
        }
        match (&cursor.account, account(&chats).await?) {
            (Some(of), Some(account)) if *of != account => {
                return refuse("this cursor belongs to another account");
            }
            (_, Some(account)) => cursor.account = Some(account),
            _ => {}
        }
        let Plan { scope, lists, top, now } = Plan::make(&chats, &cursor).await?;
        Ok(Self {
            chats,
            cursor,
            scope: Arc::new(scope),
            lists,
            top,
            now,
            buffer,
            reached: None,
            span: None,
            ready: VecDeque::new(),
            window: None,
            given: 0,
        })
    }

    /// Were all windows given?
    fn is_over(&self) -> bool {
        self.window.is_none() && self.reached == Some(i64::MAX)
    }

    async fn step(&mut self) -> Result<Step> {
        let window = match &self.window {
            Some(window) => window.clone(),
            None => self.read().await?,
        };
        self.window = Some(window.clone());
        let Some(message) = self.ready.pop_front() else {
            let end = Point::end(&window);
            (self.cursor, self.window, self.given) = (end.cursor(), None, 0);
            return Ok(Step::Passed(end));
        };
        self.given += 1;
        let at = Point::after(&window, self.given);
        Ok(Step::Given(Box::new(Synced { message, at })))
    }

    /// Reads the next stretch of time: all there is where it isn't more than can be held.
    async fn read(&mut self) -> Result<Arc<Window>> {
        let wished = self.reached.zip(self.span).map(|(reached, span)| reached.saturating_add(span));
        let mut shelf = Shelf::new(self.buffer, wished.filter(|until| *until < self.newest()));
        for (number, list) in self.lists.iter().enumerate() {
            self.collect(number, list, &mut shelf).await?;
        }
        let Shelf { mut held, until, .. } = shelf;
        held.sort_unstable_by_key(|held| (held.at, held.list, Reverse(held.place)));
        let newest = held.iter().rev().map(|held| held.at).find(|at| *at <= self.now);
        let top = self.top.or(newest).unwrap_or(i64::MIN).min(self.now);
        self.plan_next(&held, until);
        let rows = held.iter().map(|held| (held.at, &held.message));
        let window = Window::new(self.cursor.clone(), self.scope.clone(), rows, top, until);
        self.ready = held.into_iter().map(|held| held.message).collect();
        Ok(Arc::new(window))
    }

    /// How far the next window reaches: twice as far as this one where that one was cut, further where it
    /// brought little.
    fn plan_next(&mut self, held: &[Held], until: Option<i64>) {
        let Some(until) = until else {
            self.reached = Some(i64::MAX);
            return;
        };
        let begun = self.reached.or_else(|| held.first().map(|held| held.at)).unwrap_or(until);
        let span = until.saturating_sub(begun).max(1);
        let growth = if held.len() < self.buffer / 4 { 4 } else { 2 };
        self.span = Some(span.saturating_mul(growth));
        self.reached = Some(until);
    }

    /// Nothing that had reached the gateway when the run began is newer.
    fn newest(&self) -> i64 {
        let last = self.lists.iter().filter_map(|list| list.last).max();
        last.map_or(i64::MAX, |last| last.saturating_add(self.scope.depth))
    }

    /// Reads what is new of one list.
    async fn collect(&self, number: usize, list: &List, shelf: &mut Shelf) -> Result<()> {
        let chat = list.scope.chat();
        let since = self.cursor.since(chat, self.scope.depth);
        let since = self.reached.map_or(since, |reached| reached.max(since));
        let nothing = list.last.is_some_and(|last| last.saturating_add(self.scope.depth) < since);
        if nothing || shelf.until.is_some_and(|until| until < since) {
            return Ok(());
        }
        let mut messages = match chat {
            Some(chat) => self.chats.chat(chat)?.messages().page_size(PAGE),
            None => self.chats.messages().page_size(u32::MAX),
        };
        messages = messages.since(time(since));
        if let Some(until) = shelf.until {
            messages = messages.until(time(until));
        }
        let mut stream = messages.stream();
        // one without a time stands beside the one that is newer
        let mut at = shelf.until.or(self.top).unwrap_or(self.now).max(since);
        for place in 0.. {
            let message = match stream.try_next().await {
                Ok(Some(message)) => message,
                Ok(None) => break,
                Err(error) if chat.is_some() && error.missing() == Some(Missing::Chat) => {
                    tracing::warn!("a chat is not there any more");
                    break;
                }
                Err(error) => return Err(error),
            };
            at = message.sent_at.map_or(at, |sent| sent.timestamp());
            if at >= since && !self.cursor.holds(&message) {
                // journals are held by the gateway's answer anyway: cut, they would be read again and again
                shelf.put(Held { at, list: number, place, message }, chat.is_some());
            }
        }
        Ok(())
    }
}

/// Messages of a window while it is read.
struct Shelf {
    held: Vec<Held>,
    ids: HashSet<Identity>,
    /// Nothing newer is held.
    until: Option<i64>,
    /// How many are held at most, and how many at present before the newest are put back.
    buffer: usize,
    full: usize,
}

impl Shelf {
    fn new(buffer: usize, until: Option<i64>) -> Self {
        Self { held: Vec::new(), ids: HashSet::new(), until, buffer, full: buffer }
    }

    fn put(&mut self, held: Held, cut: bool) {
        if self.until.is_some_and(|until| held.at > until) || !self.ids.insert(identity(&held.message)) {
            return;
        }
        self.held.push(held);
        if cut && self.held.len() > self.full {
            self.cut();
        }
    }

    /// Keeps the older half, all of one second together.
    fn cut(&mut self) {
        self.held.sort_by_key(|held| held.at);
        let Some(until) = self.held.get(self.buffer / 2).map(|held| held.at) else { return };
        self.held.retain(|held| held.at <= until);
        self.until = Some(until);
        self.ids = self.held.iter().map(|held| identity(&held.message)).collect();
        self.full = self.buffer.max(2 * self.held.len());
    }
}

fn identity(message: &Message) -> Identity {
    (message.chat_id.clone(), message.key.clone(), message.from_me)
}

fn time(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap_or(if seconds < 0 {
        DateTime::<Utc>::MIN_UTC
    } else {
        DateTime::<Utc>::MAX_UTC
    })
}

/// The account that the gateway works for, where it tells.
async fn account(chats: &Chats) -> Result<Option<ChatId>> {
    if chats.info().capabilities.support(Capability::Status) == Support::No {
        return Ok(None);
    }
    match chats.status().await {
        Ok(status) => Ok(status.account_id),
        Err(error) if error.kind() == ErrorKind::Unsupported => Ok(None),
        Err(error) => Err(error),
    }
}
