//! A wrong command line, told in one line. What was typed is not repeated unless it is an option's or a
//! command's name: it may be a text, a number or a secret.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Error, ValueEnum as _};

use crate::args::FormatArg;
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
    fn the_format_is_found_where_clap_fails() {
        let find = |args: &[&str]| format(&args.iter().map(OsString::from).collect::<Vec<_>>());
        assert_eq!(find(&["chats", "--format", "json", "--limit", "x"]), Some(FormatArg::Json));
        assert_eq!(find(&["--format=csv", "nonsense"]), Some(FormatArg::Csv));
        assert_eq!(find(&["send", "--", "--format=csv"]), None);
        assert_eq!(find(&["--format", "xml"]), None);
    }
}
