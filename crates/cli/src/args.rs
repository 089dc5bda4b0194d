//! What can be typed. Ids and times stay text here: they are read with the command's name in the error.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::send_args::{ContactArgs, ForwardArgs, LocationArgs, PollArgs, SendArgs, TypingArgs};

const AFTER_HELP: &str = "\
Gateways (secrets come from the environment, never from the address):
  waha+http://HOST[:PORT][/BASE]?session=default      WAHA_API_KEY
  wappfy+https://api.wappfy.com.br?session=NAME       WAPPFY_API_KEY
  green-api+https://7103.api.greenapi.com?instance=N  GREEN_API_TOKEN
  gowa+http://HOST[:PORT][/BASE][?device=ID]          GOWA_USER, GOWA_PASS
  &env_prefix=CRM_ in the address reads CRM_WAHA_API_KEY and so on.

No gateway at hand? `wachats demo` starts some with sample data.

Exit codes: 0 ok, 2 usage or configuration, 3 unsupported, 4 unauthenticated or forbidden, 5 not found,
6 session not ready, 7 rate limited or quota, 8 network or timeout, 9 not a gateway's answer,
10 outcome unknown (look before trying again), 1 anything else.";

/// Read and manage WhatsApp chats through the HTTP gateway you have.
#[derive(Debug, Parser)]
#[command(name = "wachats", version, after_help = AFTER_HELP, disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options that every command takes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Global {
    /// The gateway's address
    #[arg(long, global = true, value_name = "URI", env = "WACHATS_GATEWAY", hide_env_values = true)]
    pub(crate) gateway: Option<String>,
    /// How to print; a table on a terminal, json otherwise
    #[arg(long, global = true, value_enum)]
    pub(crate) format: Option<FormatArg>,
    /// Add the JSON that the gateway sent, as `raw`
    #[arg(long, global = true)]
    pub(crate) raw: bool,
    /// The time of one operation, its retries included [default: 50]
    #[arg(long, global = true, value_name = "SECONDS", allow_negative_numbers = true)]
    pub(crate) timeout: Option<f64>,
    /// Allow plain http to another machine: keys and texts travel readable
    #[arg(long, global = true)]
    pub(crate) allow_insecure: bool,
    /// The most messages that a filter or look-up done on this side reads [default: 10000]
    #[arg(long, global = true, value_name = "N", allow_negative_numbers = true)]
    pub(crate) max_scan: Option<u64>,
}

/// How to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormatArg {
    /// For eyes
    Table,
    /// One array, or one object
    Json,
    /// One object a line, as it arrives
    Jsonl,
    /// A header and lines
    Csv,
}

/// A chat.
#[derive(Debug, Args)]
pub(crate) struct ChatArg {
    /// A phone number or a chat id
    pub(crate) chat: String,
}

/// A message.
#[derive(Debug, Args)]
pub(crate) struct MessageArg {
    /// A phone number or a chat id
    pub(crate) chat: String,
    /// The message's id, in full or its key
    pub(crate) id: String,
}

/// How much of a list.
#[derive(Debug, Args)]
pub(crate) struct Much {
    /// At most so many
    #[arg(long, value_name = "N", conflicts_with = "all", allow_negative_numbers = true)]
    pub(crate) limit: Option<u64>,
    /// All there are
    #[arg(long)]
    pub(crate) all: bool,
    /// Leave out the first N
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) offset: Option<u64>,
}

/// How deliveries are known for a gateway's own.
#[derive(Clone, Debug, Args)]
pub(crate) struct Checking {
    /// Believe deliveries without checking their signature or token
    #[arg(long)]
    pub(crate) insecure: bool,
    /// Take the secret that everybody knows, `secret`, for one
    #[arg(long)]
    pub(crate) allow_default_secret: bool,
}

/// What to do with deliveries.
#[derive(Debug, Subcommand)]
pub(crate) enum WebhookCommand {
    /// Check a delivery read from stdin and print its events; the secret or token is in WACHATS_WEBHOOK_SECRET
    Decode {
        /// Whose delivery
        #[arg(long, value_name = "GATEWAY", value_parser = ["waha", "wappfy", "green-api", "gowa"])]
        from: String,
        /// A header that came with it; may be given several times
        #[arg(long, value_name = "NAME: VALUE", allow_hyphen_values = true)]
        header: Vec<String>,
        #[command(flatten)]
        checking: Checking,
    },
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List chats, the last active first
    Chats {
        #[command(flatten)]
        much: Much,
        /// By what to sort
        #[arg(long, value_name = "KEY", value_parser = ["activity", "id", "name"], default_value = "activity")]
        sort: String,
        /// In which order
        #[arg(long, value_parser = ["desc", "asc"], default_value = "desc")]
        order: String,
        /// Only archived chats (true), or only the others (false)
        #[arg(long, value_name = "BOOL")]
        archived: Option<bool>,
        /// Only chats whose name contains this
        #[arg(long, value_name = "TEXT")]
        name: Option<String>,
    },
    /// List chats with picture and last message
    Overview {
        /// At most so many
        #[arg(long, value_name = "N", allow_negative_numbers = true)]
        limit: Option<u64>,
        /// Leave out the first N
        #[arg(long, value_name = "N", allow_negative_numbers = true)]
        offset: Option<u64>,
        /// Only this chat; may be given several times
        #[arg(long, value_name = "CHAT")]
        id: Vec<String>,
    },
    /// The address of a chat's picture
    Picture {
        #[command(flatten)]
        chat: ChatArg,
        /// Ask WhatsApp anew
        #[arg(long)]
        refresh: bool,
    },
    /// List messages of a chat, the newest first
    Messages {
        /// A phone number or a chat id; `all` for all chats where the gateway can
        chat: String,
        #[command(flatten)]
        much: Much,
        /// Not older than this: RFC 3339, or seconds since 1970
        #[arg(long, value_name = "T", allow_hyphen_values = true)]
        since: Option<String>,
        /// Not newer than this
        #[arg(long, value_name = "T", allow_hyphen_values = true)]
        until: Option<String>,
        /// Only own messages (true), or only others' (false)
        #[arg(long, value_name = "BOOL")]
        from_me: Option<bool>,
        /// Only messages that got so far
        #[arg(long, value_parser = ["error", "pending", "server", "device", "read", "played"])]
        ack: Option<String>,
        /// Only messages with media
        #[arg(long)]
        media_only: bool,
        /// Only messages whose text or caption contains this, letter case aside
        #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
        search: Option<String>,
    },
    /// Show one message
    Message(MessageArg),
    /// Archive a chat
    Archive(ChatArg),
    /// Take a chat out of the archive
    Unarchive(ChatArg),
    /// Mark a chat as read
    MarkRead(ChatArg),
    /// Mark a chat as unread
    MarkUnread(ChatArg),
    /// Delete a chat
    DeleteChat(ChatArg),
    /// Delete all messages of a chat
    Clear(ChatArg),
    /// Pin a message
    Pin {
        #[command(flatten)]
        message: MessageArg,
        /// For how long
        #[arg(long = "for", value_name = "TIME", value_parser = ["24h", "7d", "30d"])]
        time: String,
    },
    /// Unpin a message
    Unpin(MessageArg),
    /// Change the text or caption of an own message
    Edit {
        #[command(flatten)]
        message: MessageArg,
        /// The new text, taken exactly as given. After -- it may look like an option
        #[arg(allow_hyphen_values = true)]
        text: String,
    },
    /// Delete a message for everyone
    Delete {
        #[command(flatten)]
        message: MessageArg,
        /// Only for oneself
        #[arg(long)]
        for_me: bool,
    },
    /// Send a text, or a file with --file or --url
    Send(SendArgs),
    /// Send a place
    SendLocation(LocationArgs),
    /// Send a contact card
    SendContact(ContactArgs),
    /// Send a poll
    SendPoll(PollArgs),
    /// Forward a message to another chat
    Forward(ForwardArgs),
    /// Show the other side that the account is writing
    Typing(TypingArgs),
    /// React to a message
    React {
        #[command(flatten)]
        message: MessageArg,
        /// An emoji; an empty one takes the reaction back
        emoji: String,
    },
    /// Star a message
    Star(MessageArg),
    /// Take the star away
    Unstar(MessageArg),
    /// Pin a chat to the top
    PinChat(ChatArg),
    /// Unpin a chat
    UnpinChat(ChatArg),
    /// Set the disappearing timer of a chat
    Disappearing {
        #[command(flatten)]
        chat: ChatArg,
        /// After how long messages disappear
        #[arg(value_parser = ["off", "24h", "7d", "90d"])]
        timer: String,
    },
    /// Save the media of a message
    Download {
        #[command(flatten)]
        message: MessageArg,
        /// Where to; a file that is there is replaced
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
    /// Write messages to a file, jsonl or csv by --format or by the file's ending
    Export {
        /// A phone number or a chat id
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        chat: Option<String>,
        /// All chats
        #[arg(long)]
        all: bool,
        /// Where to; a file that is there is replaced once the new one is whole
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
        /// Go on where an interrupted export stopped
        #[arg(long)]
        resume: bool,
        /// Not older than this: RFC 3339, or seconds since 1970
        #[arg(long, value_name = "T", allow_hyphen_values = true)]
        since: Option<String>,
        /// Not newer than this
        #[arg(long, value_name = "T", allow_hyphen_values = true)]
        until: Option<String>,
    },
    /// Print messages of all chats since the last time, the oldest first; only as jsonl
    Sync {
        /// Where the place is kept up to which messages were printed; replaced as they are, by one run at a time
        #[arg(long, value_name = "FILE")]
        cursor: PathBuf,
        /// Where to begin while there is no such file: RFC 3339, or seconds since 1970
        #[arg(long, value_name = "T", allow_hyphen_values = true)]
        since: Option<String>,
    },
    /// Compare a chat with the same chat through another gateway; exits 1 where they differ
    Diff {
        #[command(flatten)]
        chat: ChatArg,
        /// The other gateway's address; &env_prefix=NEW_ in it names other secrets
        #[arg(long, value_name = "URI")]
        with: String,
        /// Not older than this: RFC 3339, or seconds since 1970
        #[arg(long, value_name = "T", allow_hyphen_values = true)]
        since: Option<String>,
        /// Only the newest N of each side
        #[arg(long, value_name = "N", allow_negative_numbers = true)]
        limit: Option<u64>,
    },
    /// The state of the account
    Status,
    /// What the gateway can do
    Capabilities,
    /// The phone and the lid of a person
    Resolve {
        /// A phone number, or an id that ends in @c.us or @lid
        id: String,
    },
    /// Show what happens, as it happens: pulled where the gateway can, else received by webhook, whose secret is in
    /// WACHATS_WEBHOOK_SECRET
    ///
    /// Events are printed as they come. With --format json they are one array, closed even where the run then fails:
    /// the exit code tells
    Tail {
        /// At most so many
        #[arg(long, value_name = "N", allow_negative_numbers = true)]
        limit: Option<u64>,
        /// Stop after this time
        #[arg(long = "for", value_name = "SECONDS", allow_negative_numbers = true)]
        seconds: Option<f64>,
        /// Receive webhooks at this address, even where events could be pulled [default: 127.0.0.1:0]
        #[arg(long, value_name = "ADDRESS")]
        bind: Option<String>,
        #[command(flatten)]
        checking: Checking,
    },
    /// Work with what gateways deliver by webhook
    Webhook {
        #[command(subcommand)]
        command: WebhookCommand,
    },
    /// Pair a phone: draws the QR code and waits until it was scanned, or until --timeout
    Pair {
        /// Print a code to be typed on the phone of this number instead
        #[arg(long, value_name = "NUMBER")]
        phone: Option<String>,
    },
    /// Start, restart, stop or log out the session
    Session {
        #[command(subcommand)]
        command: crate::session::SessionCommand,
    },
    /// List the account's contacts, by id
    Contacts {
        /// At most so many
        #[arg(long, value_name = "N", conflicts_with = "all", allow_negative_numbers = true)]
        limit: Option<u64>,
        /// All there are
        #[arg(long)]
        all: bool,
    },
    /// Show one contact
    Contact {
        /// A phone number, or an id that ends in @c.us or @lid
        id: String,
    },
    /// Tell whether phone numbers are on WhatsApp, and under which ids
    Check {
        /// Phone numbers
        #[arg(required = true, value_name = "NUMBER")]
        numbers: Vec<String>,
    },
    /// Show a group and its members
    Group {
        /// The group's id, which ends in @g.us
        id: String,
    },
    /// Start simulated gateways with sample data, until Ctrl-C
    Demo,
}
