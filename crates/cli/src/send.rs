//! Commands that send.

use std::sync::Once;
use std::time::Duration;

use wachats::{Action, Attachment, AttachmentKind, ChatId, Location, Operation, Typing};

use crate::args::Command;
use crate::change::{self, of_chat, of_message};
use crate::failure::{Failure, Run};
use crate::input;
use crate::run::Session;
use crate::send_args::{SendArgs, TypingArgs};

/// What to send.
pub(crate) enum Wish {
    /// At once.
    Once(Box<Action>),
    /// For a time.
    Typing { chat: ChatId, typing: Typing, time: Duration },
}

/// What a command sends; `None` for one that doesn't.
pub(crate) fn wish(command: &Command) -> Run<Option<Wish>> {
    Ok(Some(Wish::Once(Box::new(match command {
        Command::Send(args) => message(args)?,
        Command::SendLocation(args) => {
            let mut location = Location::new(args.latitude, args.longitude);
            (location.name, location.address) = (args.name.clone(), args.address.clone());
            Action::SendLocation { chat: of_chat(&args.chat)?, location, reply_to: None }
        }
        Command::SendContact(args) => Action::SendContact {
            chat: of_chat(&args.chat)?,
            name: args.name.clone(),
            phone: args.phone.clone(),
            reply_to: None,
        },
        Command::SendPoll(args) => Action::SendPoll {
            chat: of_chat(&args.chat)?,
            question: args.question.clone(),
            options: args.options.clone(),
            multiple: args.multiple,
            reply_to: None,
        },
        Command::Forward(args) => {
            let (chat, id) = of_message(&args.message)?;
            Action::Forward { chat, id, to: input::chat(&args.to)? }
        }
        Command::Typing(args) => return typing(args).map(Some),
        _ => return Ok(None),
    }))))
}

/// The operation that `send` is: of a file another than of a text.
pub(crate) fn operation(args: &SendArgs) -> Operation {
    if args.file.is_some() || args.url.is_some() { Operation::SendMedia } else { Operation::SendText }
}

fn message(args: &SendArgs) -> Run<Action> {
    let usage = |why: &str| Err(Failure::usage(why).into());
    let chat = of_chat(&args.chat)?;
    let reply_to = args.reply_to.as_deref().map(input::message).transpose()?;
    let mut attachment = match (&args.file, &args.url) {
        (Some(path), _) => Attachment::file(path),
        (None, Some(url)) => Attachment::url(url)?.gateway_fetches(args.gateway_fetches),
        (None, None) => {
            let of_files = [
                (args.kind.is_some(), "--as"),
                (args.caption.is_some(), "--caption"),
                (args.file_name.is_some(), "--file-name"),
            ];
            if let Some((_, option)) = of_files.into_iter().find(|(given, _)| *given) {
                return usage(&format!("{option} is for a file: give --file or --url; see --help"));
            }
            let Some(text) = args.text.clone() else {
                return usage("missing <TEXT>, --file or --url; see --help");
            };
            return Ok(Action::SendText { chat, text, reply_to });
        }
    };
    match (&args.text, &args.caption) {
        (Some(_), Some(_)) => {
            return usage("with a file the text is its caption: --caption can't stand beside it");
        }
        (Some(caption), None) | (None, Some(caption)) => attachment = attachment.caption(caption),
        (None, None) => {}
    }
    if let Some(kind) = &args.kind {
        attachment = attachment.kind(kind.parse::<AttachmentKind>()?);
    }
    if let Some(name) = &args.file_name {
        attachment = attachment.file_name(name);
    }
    Ok(Action::SendMedia { chat, attachment, reply_to })
}

fn typing(args: &TypingArgs) -> Run<Wish> {
    let chat = of_chat(&args.chat)?;
    let typing = if args.recording { Typing::Recording } else { Typing::Composing };
    Ok(match args.seconds {
        None => Wish::Once(Box::new(Action::Typing { chat, typing, time: None })),
        Some(seconds) if (0.001..=600.0).contains(&seconds) => {
            Wish::Typing { chat, typing, time: Duration::from_secs_f64(seconds) }
        }
        Some(_) => return Err(Failure::usage("--for is a number of seconds, above 0 and at most 600").into()),
    })
}

pub(crate) async fn run(session: Session, wish: Wish) -> Run {
    match wish {
        Wish::Once(action) => match *action {
            Action::SendMedia { chat, attachment, reply_to } => {
                let (bar, begun) = (session.progress.clone(), Once::new());
                let attachment = attachment.on_progress(move |done, len| {
                    begun.call_once(|| bar.show_bytes(Some(len)));
                    bar.set(done, len, String::new());
                });
                let outcome = session.chats.perform(Action::SendMedia { chat, attachment, reply_to }).await;
                session.progress.finish();
                change::told(session, &outcome?)
            }
            action => change::run(session, action).await,
        },
        Wish::Typing { chat, typing, time } => {
            let outcome = session.chats.chat(chat)?.typing_for(typing, time).await?;
            change::told(session, &outcome)
        }
    }
}
