//! `session start|restart|stop|logout`.

use std::io::{self, IsTerminal, Write};

use clap::Subcommand;
use wachats::Action;

use crate::args::Command;
use crate::failure::{Failure, Run};

/// What to do with the session.
#[derive(Debug, Subcommand)]
pub(crate) enum SessionCommand {
    /// Start it; the phone must have been paired before
    Start,
    /// Stop it and start it again
    Restart,
    /// Stop it; the phone stays paired
    Stop,
    /// Unpair the phone
    Logout {
        /// Don't ask
        #[arg(long)]
        yes: bool,
    },
}

/// The action that a command means; `None` for any other command. A logout is asked about on a terminal.
pub(crate) fn action(command: &Command) -> Run<Option<Action>> {
    let Command::Session { command } = command else { return Ok(None) };
    Ok(Some(match command {
        SessionCommand::Start => Action::SessionStart,
        SessionCommand::Restart => Action::SessionRestart,
        SessionCommand::Stop => Action::SessionStop,
        SessionCommand::Logout { yes } => {
            if !yes {
                confirm()?;
            }
            Action::SessionLogout
        }
    }))
}

fn confirm() -> Run {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        let why = "a logout unpairs the phone, which only its owner can pair again: say --yes";
        return Err(Failure::usage(why).into());
    }
    write!(io::stderr().lock(), "This unpairs the phone; only its owner can pair it again. Go on? [y/N] ")
        .ok();
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).ok();
    match answer.trim().to_ascii_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(Failure::usage("nothing was done").into()),
    }
}
