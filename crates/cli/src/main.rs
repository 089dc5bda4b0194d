//! The command line `wachats`. Everything it does goes through the library of the same name.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod args;
mod change;
mod cursor_file;
mod demo;
mod diff;
mod export;
mod failure;
mod input;
mod logging;
mod media;
mod output;
mod pair;
mod people;
mod progress;
mod qr;
mod read;
mod run;
mod send;
mod send_args;
mod session;
mod sync;
mod tail;
mod usage;
mod webhook;

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use args::Cli;
use failure::{Failure, Run, Stop};
use output::Format;

fn main() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().collect();
    let (format, outcome) = match Cli::try_parse_from(&args) {
        Ok(cli) => match usage::mistyped(&cli.command, &args) {
            Some(failure) => (run::format(&cli), Err(failure.into())),
            None => (run::format(&cli), start(cli)),
        },
        Err(error) if error.use_stderr() => {
            (Format::of(usage::format(&args)), Err(usage::failure(&error).into()))
        }
        // Help and version were asked for.
        Err(help) => {
            (Format::Table, write!(io::stdout(), "{}", help.render()).map_err(|error| Stop::stdout(&error)))
        }
    };
    match outcome {
        Ok(()) | Err(Stop::BrokenPipe) => ExitCode::SUCCESS,
        Err(Stop::Differs) => ExitCode::FAILURE,
        Err(Stop::Failed(failure)) => {
            // Where stderr is closed, the exit code must do.
            failure.tell(format, &mut io::stderr().lock()).ok();
            ExitCode::from(failure.exit_code())
        }
    }
}

fn start(cli: Cli) -> Run {
    logging::start();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| {
        Failure::new(wachats::ErrorKind::Unexpected, format!("no runtime: {}", error.kind()))
    })?;
    let outcome = runtime.block_on(run::run(cli));
    // A look-up of a name that still hangs must not hold the end.
    runtime.shutdown_background();
    outcome
}
