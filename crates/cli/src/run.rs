//! From arguments to the command.

use wachats::transport::HttpOptions;
use wachats::{Chats, ConnectOptions, ErrorKind, Operation, Secrets};

use crate::args::{Cli, Command, FormatArg, Global, WebhookCommand};
use crate::failure::{Failure, Run, Stop};
use crate::output::{Format, Output};
use crate::progress::Progress;
use crate::session::SessionCommand;
use crate::{
    change, demo, diff, export, input, media, pair, people, read, send, session, sync, tail, webhook,
};

/// The words before the `+` of an address, which are the gateways' names.
const GATEWAYS: [&str; 4] = ["waha", "wappfy", "green-api", "gowa"];

/// What every command needs.
pub(crate) struct Session {
    pub(crate) chats: Chats,
    pub(crate) out: Output,
    pub(crate) progress: Progress,
}

/// The format in force.
pub(crate) fn format(cli: &Cli) -> Format {
    match (&cli.command, cli.global.format) {
        // There csv names the format of the file.
        (Command::Export { .. }, Some(FormatArg::Csv)) => Format::of(None),
        // Lines as they come, and nothing else.
        (Command::Sync { .. }, None) => Format::Jsonl,
        (_, format) => Format::of(format),
    }
}

/// Runs the command.
pub(crate) async fn run(cli: Cli) -> Run {
    let operation = operation(&cli.command);
    let gateway = gateway(&cli);
    dispatch(cli).await.map_err(|stop: Stop| stop.of(operation, gateway))
}

async fn dispatch(cli: Cli) -> Run {
    let mut out = Output::new(format(&cli), cli.global.raw);
    let global = &cli.global;
    if let Command::Demo = cli.command {
        return demo::run(&mut out).await;
    }
    if let Command::Webhook { command: WebhookCommand::Decode { from, header, checking } } = &cli.command {
        return webhook::decode(&mut out, from, header, checking, global.raw);
    }
    // What the command is about is read first: a wrong argument is told even where no gateway is named.
    let plan = Plan::of(&cli.command, global)?;
    let progress = Progress::new();
    let session = Session { chats: connect(global, progress.clone())?, out, progress };
    match plan {
        Plan::Change(action) => change::run(session, action).await,
        Plan::Send(wish) => send::run(session, wish).await,
        Plan::Read(read) => read::run(session, read).await,
        Plan::Download(download) => media::run(session, download).await,
        Plan::Export(export) => export::run(session, export).await,
        Plan::Tail(tail) => tail::run(session, tail).await,
        Plan::Pair(wish) => pair::run(session, wish).await,
        Plan::People(wish) => people::run(session, wish).await,
        Plan::Sync(sync) => sync::run(session, sync).await,
        Plan::Diff(diff) => {
            let there = connect_to(&diff.with, global, session.progress.clone());
            let there = there.map_err(|stop| stop.of_option("--with"))?;
            diff::run(session, there, diff).await
        }
    }
}

enum Plan {
    Change(wachats::Action),
    Send(send::Wish),
    Read(read::Read),
    Download(media::Download),
    Export(export::Wish),
    Tail(tail::Wish),
    Pair(pair::Wish),
    People(people::Wish),
    Sync(sync::Wish),
    Diff(diff::Wish),
}

impl Plan {
    fn of(command: &Command, global: &Global) -> Run<Self> {
        if let Some(action) = change::action(command)? {
            return Ok(Self::Change(action));
        }
        if let Some(wish) = send::wish(command)? {
            return Ok(Self::Send(wish));
        }
        if let Some(download) = media::download(command)? {
            return Ok(Self::Download(download));
        }
        if let Some(wish) = export::wish(command, global)? {
            return Ok(Self::Export(wish));
        }
        if let Some(wish) = tail::wish(command, global)? {
            return Ok(Self::Tail(wish));
        }
        if let Some(wish) = sync::wish(command, global)? {
            return Ok(Self::Sync(wish));
        }
        if let Some(wish) = diff::wish(command)? {
            return Ok(Self::Diff(wish));
        }
        if let Some(action) = session::action(command)? {
            return Ok(Self::Change(action));
        }
        if let Some(wish) = pair::wish(command, global)? {
            return Ok(Self::Pair(wish));
        }
        if let Some(wish) = people::wish(command)? {
            return Ok(Self::People(wish));
        }
        match read::read(command)? {
            Some(read) => Ok(Self::Read(read)),
            None => Err(Failure::usage("this command is not known").into()),
        }
    }
}

fn connect(global: &Global, progress: Progress) -> Run<Chats> {
    let uri = global.gateway.as_deref().filter(|uri| !uri.is_empty()).ok_or_else(|| {
        Failure::new(
            ErrorKind::ConfigInvalid,
            "no gateway is named: give --gateway or set WACHATS_GATEWAY (`wachats demo` starts some to try)",
        )
    })?;
    connect_to(uri, global, progress)
}

fn connect_to(uri: &str, global: &Global, progress: Progress) -> Run<Chats> {
    let mut options = ConnectOptions::new(Secrets::from_env())
        .http(HttpOptions::new().allow_insecure(global.allow_insecure));
    if let Some(time) = input::timeout(global.timeout)? {
        options = options.timeout(time);
    }
    if let Some(messages) = input::count(global.max_scan, "--max-scan")? {
        options = options.max_scan(messages);
    }
    let chats = wachats::connect(uri, options)?.raw(global.raw);
    Ok(chats.on_skipped(move |skipped| progress.line(&format!("skipped: {skipped}"))))
}

fn gateway(cli: &Cli) -> Option<&'static str> {
    let scheme = match &cli.command {
        Command::Webhook { command: WebhookCommand::Decode { from, .. } } => from.as_str(),
        _ => cli.global.gateway.as_deref()?.split_once('+')?.0,
    };
    GATEWAYS.into_iter().find(|name| *name == scheme)
}

/// The word for a command in errors.
fn operation(command: &Command) -> Option<Operation> {
    Some(match command {
        Command::Chats { .. } => Operation::ListChats,
        Command::Overview { .. } => Operation::Overview,
        Command::Picture { .. } => Operation::ChatPicture,
        Command::Messages { .. } | Command::Export { .. } | Command::Diff { .. } => Operation::ListMessages,
        Command::Sync { .. } => Operation::Sync,
        Command::Message(_) => Operation::GetMessage,
        Command::Archive(_) => Operation::Archive,
        Command::Unarchive(_) => Operation::Unarchive,
        Command::MarkRead(_) => Operation::MarkRead,
        Command::MarkUnread(_) => Operation::MarkUnread,
        Command::DeleteChat(_) => Operation::DeleteChat,
        Command::Clear(_) => Operation::ClearMessages,
        Command::Pin { .. } => Operation::PinMessage,
        Command::Unpin(_) => Operation::UnpinMessage,
        Command::Edit { .. } => Operation::EditMessage,
        Command::Delete { .. } => Operation::DeleteMessage,
        Command::Send(args) => send::operation(args),
        Command::SendLocation(_) => Operation::SendLocation,
        Command::SendContact(_) => Operation::SendContact,
        Command::SendPoll(_) => Operation::SendPoll,
        Command::Forward(_) => Operation::Forward,
        Command::Typing(_) => Operation::Typing,
        Command::React { .. } => Operation::React,
        Command::Star(_) => Operation::Star,
        Command::Unstar(_) => Operation::Unstar,
        Command::PinChat(_) => Operation::PinChat,
        Command::UnpinChat(_) => Operation::UnpinChat,
        Command::Disappearing { .. } => Operation::Disappearing,
        Command::Download { .. } => Operation::DownloadMedia,
        Command::Status => Operation::Status,
        Command::Capabilities => Operation::Capabilities,
        Command::Resolve { .. } => Operation::ResolveLid,
        Command::Tail { .. } => Operation::PollEvents,
        Command::Webhook { .. } => Operation::WebhookEvents,
        Command::Pair { phone: None } => Operation::PairQr,
        Command::Pair { phone: Some(_) } => Operation::PairCode,
        Command::Session { command } => match command {
            SessionCommand::Start => Operation::SessionStart,
            SessionCommand::Restart => Operation::SessionRestart,
            SessionCommand::Stop => Operation::SessionStop,
            SessionCommand::Logout { .. } => Operation::SessionLogout,
        },
        Command::Contacts { .. } => Operation::Contacts,
        Command::Contact { .. } => Operation::Contact,
        Command::Check { .. } => Operation::CheckNumber,
        Command::Group { .. } => Operation::GroupInfo,
        Command::Demo => return None,
    })
}
