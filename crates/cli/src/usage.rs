//! A wrong command line, told in one line. What was typed is not repeated unless it is an option's or a
//! command's name: it may be a text, a number or a secret.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory as _, Error, ValueEnum as _};

use crate::args::{Cli, Command, FormatArg};
use crate::failure::Failure;

pub(crate) fn failure(error: &Error) -> Failure {
    let arg = || text(error, ContextKind::InvalidArg).unwrap_or_else(|| "an argument".to_owned());
    let message = match error.kind() {
        ErrorKind::UnknownArgument => {
            match text(error, ContextKind::InvalidArg).filter(|arg| arg.starts_with("--") && is_name(arg)) {
                Some(arg) => format!("unknown option {arg}{}", suggestion(error, ContextKind::SuggestedArg)),
                None => "there is an argument too many; texts with spaces need quotes".to_owned(),
            }
        }
        ErrorKind::InvalidSubcommand => {
            let typed =
                text(error, ContextKind::InvalidSubcommand).filter(|name| is_name(name)).unwrap_or_default();
            let hint = suggestion(error, ContextKind::SuggestedSubcommand);
            format!("unknown command {typed}{hint}").trim_end().to_owned()
        }
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            "a command is missing".to_owned()
        }
        ErrorKind::InvalidValue => match text(error, ContextKind::ValidValue) {
            Some(valid) => format!("{} is one of {valid}", arg()),
            None => format!("{} needs a value", arg()),
        },
        ErrorKind::ValueValidation => {
            use std::error::Error as _;
            let why = error.source().map(|why| format!(": {why}")).unwrap_or_default();
            format!("the value of {} can't be read{why}", arg())
        }
        ErrorKind::MissingRequiredArgument => format!("missing {}", arg()),
        ErrorKind::ArgumentConflict => match text(error, ContextKind::PriorArg) {
            Some(prior) if prior != arg() => format!("{} and {prior} exclude each other", arg()),
            _ => format!("{} stands twice", arg()),
        },
        ErrorKind::InvalidUtf8 => "an argument is not valid UTF-8".to_owned(),
        _ => format!("{} has too many or too few values", arg()),
    };
    Failure::usage(format!("{message}; see --help"))
}

/// An option that is none and would be sent as a text, or a known one where a caption is due. Texts may begin with a
/// hyphen; what looks like an option is taken for a text only after `--`, and for a caption only after `--caption=`.
pub(crate) fn mistyped(command: &Command, args: &[OsString]) -> Option<Failure> {
    let (name, texts) = match command {
        Command::Send(args) => ("send", [args.text.as_deref(), args.caption.as_deref()]),
        Command::Edit { text, .. } => ("edit", [Some(text.as_str()), None]),
        _ => return None,
    };
    let bare = |text: &&str| {
        let words = args.iter().take_while(|arg| *arg != "--");
        looks_like_an_option(text) && words.into_iter().any(|arg| arg == text)
    };
    texts.into_iter().flatten().find(bare)?;
    // read anew with texts that begin with a letter alone, for the option's name and the one that was meant
    let strict = Cli::command().mut_subcommand(name, |command| {
        command.mut_args(
            |arg| if arg.is_allow_hyphen_values_set() { arg.allow_hyphen_values(false) } else { arg },
        )
    });
    let told = match strict.try_get_matches_from(args) {
        Err(error) if error.kind() == ErrorKind::UnknownArgument => {
            let known =
                text(&error, ContextKind::InvalidArg).filter(|arg| arg.starts_with("--") && is_name(arg));
            known.map(|arg| format!("unknown option {arg}{}", suggestion(&error, ContextKind::SuggestedArg)))
        }
        _ => None,
    };
    let told = told.unwrap_or_else(|| "a text looks like an option".to_owned());
    Some(Failure::usage(format!("{told}; a text that begins like an option stands after --, see --help")))
}

/// A hyphen or two and a letter: not `-5 degrees`, `- milk`, `--- 8< ---`.
fn looks_like_an_option(text: &str) -> bool {
    let name = text.strip_prefix("--").or_else(|| text.strip_prefix('-'));
    name.is_some_and(|name| name.starts_with(|c: char| c.is_ascii_alphabetic()))
}

/// The format that was asked for, found without clap, which could not read the rest.
pub(crate) fn format(args: &[OsString]) -> Option<FormatArg> {
    let mut wanted = None;
    let mut args = args.iter().filter_map(|arg| arg.to_str()).take_while(|arg| *arg != "--").peekable();
    while let Some(arg) = args.next() {
        let value = match arg.strip_prefix("--format") {
            Some("") => args.peek().copied(),
            Some(rest) => rest.strip_prefix('='),
            None => None,
        };
        wanted = value.and_then(|value| FormatArg::from_str(value, false).ok()).or(wanted);
    }
    wanted
}

fn text(error: &Error, kind: ContextKind) -> Option<String> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text.clone()),
        ContextValue::Strings(texts) if !texts.is_empty() => Some(texts.join(", ")),
        _ => None,
    }
}

fn suggestion(error: &Error, kind: ContextKind) -> String {
    text(error, kind).map(|name| format!(" (did you mean {name}?)")).unwrap_or_default()
}

fn is_name(text: &str) -> bool {
    text.len() <= 24 && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_may_begin_with_a_hyphen_and_options_may_not_be_texts() {
        for text in ["-5", "-5 degrees", "- milk", "-", "--", "-- Anna", "--- 8< ---", "a --b", "\u{2014} so"]
        {
            assert!(!looks_like_an_option(text), "{text}");
        }
        for option in ["--flie", "--flie=my picture.jpg", "-f", "-f=x"] {
            assert!(looks_like_an_option(option), "{option}");
        }
    }

    #[test]
    fn the_format_is_found_where_clap_fails() {
        let find = |args: &[&str]| format(&args.iter().map(OsString::from).collect::<Vec<_>>());
        assert_eq!(find(&["chats", "--format", "json", "--limit", "x"]), Some(FormatArg::Json));
        assert_eq!(find(&["--format=csv", "nonsense"]), Some(FormatArg::Csv));
        assert_eq!(find(&["send", "--", "--format=csv"]), None);
        assert_eq!(find(&["--format", "xml"]), None);
    }
}
