//! From arguments to the command.

use wachats::transport::HttpOptions;
use wachats::{Chats, ConnectOptions, ErrorKind, Operation, Secrets};

use crate::args::{Cli, Command, FormatArg, Global};
use crate::failure::{Failure, Run, Stop};
use crate::output::{Format, Output};
use crate::progress::Progress;
use crate::{change, demo, export, input, media, read};

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
        (_, format) => Format::of(format),
    }
}

/// Runs the command.
pub(crate) async fn run(cli: Cli) -> Run {
    let operation = operation(&cli.command);
    let gateway = gateway(&cli.global);
    dispatch(cli).await.map_err(|stop: Stop| stop.of(operation, gateway))
}

async fn dispatch(cli: Cli) -> Run {
    let mut out = Output::new(format(&cli), cli.global.raw);
    let global = &cli.global;
    if let Command::Demo = cli.command {
        return demo::run(&mut out).await;
    }
    // What the command is about is read first: a wrong argument is told even where no gateway is named.
    let plan = Plan::of(&cli.command, global)?;
    let progress = Progress::new();
    let session = Session { chats: connect(global, progress.clone())?, out, progress };
    match plan {
        Plan::Change(action) => change::run(session, action).await,
        Plan::Read(read) => read::run(session, read).await,
        Plan::Download(download) => media::run(session, download).await,
        Plan::Export(export) => export::run(session, export).await,
    }
}

enum Plan {
    Change(wachats::Action),
    Read(read::Read),
    Download(media::Download),
    Export(export::Wish),
}

impl Plan {
    fn of(command: &Command, global: &Global) -> Run<Self> {
        if let Some(action) = change::action(command)? {
            return Ok(Self::Change(action));
        }
        if let Some(download) = media::download(command)? {
            return Ok(Self::Download(download));
        }
        if let Some(wish) = export::wish(command, global)? {
            return Ok(Self::Export(wish));
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

fn gateway(global: &Global) -> Option<&'static str> {
    let (scheme, _) = global.gateway.as_deref()?.split_once('+')?;
    GATEWAYS.into_iter().find(|name| *name == scheme)
}

/// The word for a command in errors.
fn operation(command: &Command) -> Option<Operation> {
    Some(match command {
        Command::Chats { .. } => Operation::ListChats,
        Command::Overview { .. } => Operation::Overview,
        Command::Picture { .. } => Operation::ChatPicture,
        Command::Messages { .. } | Command::Export { .. } => Operation::ListMessages,
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
        Command::Send { .. } => Operation::SendText,
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
        Command::Demo => return None,
    })
}
