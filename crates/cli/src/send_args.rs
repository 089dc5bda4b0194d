//! What the commands that send take.

use std::path::PathBuf;

use clap::Args;

use crate::args::{ChatArg, MessageArg};

/// A text or a file.
#[derive(Debug, Args)]
pub(crate) struct SendArgs {
    #[command(flatten)]
    pub(crate) chat: ChatArg,
    /// The text, taken exactly as given; with a file its caption. After -- it may look like an option
    #[arg(allow_hyphen_values = true)]
    pub(crate) text: Option<String>,
    /// Send this file
    #[arg(long, value_name = "PATH", conflicts_with = "url")]
    pub(crate) file: Option<PathBuf>,
    /// Send what is at this address; it is fetched here, from public places alone
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// Let the gateway fetch the address: it does so unprotected, from private places too
    #[arg(long, requires = "url")]
    pub(crate) gateway_fetches: bool,
    /// How the file is shown; by its bytes otherwise
    #[arg(long = "as", value_name = "KIND", value_parser = ["image", "video", "audio", "voice", "document", "sticker"])]
    pub(crate) kind: Option<String>,
    /// The text below the file
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub(crate) caption: Option<String>,
    /// The name that the file is sent under
    #[arg(long, value_name = "NAME")]
    pub(crate) file_name: Option<String>,
    /// The message that it answers
    #[arg(long, value_name = "ID")]
    pub(crate) reply_to: Option<String>,
}

/// A place.
#[derive(Debug, Args)]
pub(crate) struct LocationArgs {
    #[command(flatten)]
    pub(crate) chat: ChatArg,
    /// Degrees north
    #[arg(value_name = "LAT", allow_negative_numbers = true)]
    pub(crate) latitude: f64,
    /// Degrees east
    #[arg(value_name = "LON", allow_negative_numbers = true)]
    pub(crate) longitude: f64,
    /// The place's name
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// The place's address
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) address: Option<String>,
}

/// A contact card.
#[derive(Debug, Args)]
pub(crate) struct ContactArgs {
    #[command(flatten)]
    pub(crate) chat: ChatArg,
    /// The phone number on the card
    pub(crate) phone: String,
    /// The name on the card
    pub(crate) name: String,
}

/// A poll.
#[derive(Debug, Args)]
pub(crate) struct PollArgs {
    #[command(flatten)]
    pub(crate) chat: ChatArg,
    /// The question
    pub(crate) question: String,
    /// 2 to 12 different options
    #[arg(required = true, value_name = "OPTION")]
    pub(crate) options: Vec<String>,
    /// Several options may be chosen
    #[arg(long)]
    pub(crate) multiple: bool,
}

/// A message for another chat.
#[derive(Debug, Args)]
pub(crate) struct ForwardArgs {
    #[command(flatten)]
    pub(crate) message: MessageArg,
    /// Where to: a phone number or a chat id
    pub(crate) to: String,
}

/// What the other side sees.
#[derive(Debug, Args)]
pub(crate) struct TypingArgs {
    #[command(flatten)]
    pub(crate) chat: ChatArg,
    /// Recording a voice note instead of writing
    #[arg(long)]
    pub(crate) recording: bool,
    /// For how long, up to 600; renewed until then and ended where the gateway can
    #[arg(long = "for", value_name = "SECONDS", allow_negative_numbers = true)]
    pub(crate) seconds: Option<f64>,
}
