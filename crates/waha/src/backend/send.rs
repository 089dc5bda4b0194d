//! Sending places, contact cards, polls, forwards, presence, and files in base64.

use reqwest::Method;
use serde_json::{Map, Value, json};
use wachats_core::sending::{self, Body, Prepared};
use wachats_core::transport::{Call, Upload};
use wachats_core::{
    Action, Attachment, AttachmentKind as Kind, Capability, ChatId, Effect, Error, ErrorKind, Location,
    MessageId, Operation, Outcome, Result, Retry, Typing,
};

use super::Waha;
use super::reply::{accepted, sent_id};

type Fields = Map<String, Value>;

impl Waha {
    pub(super) async fn send_more(&self, action: &Action) -> Result<Outcome> {
        let mut outcome = Outcome::of(action);
        let operation = action.operation();
        let (call, chat) = match action {
            Action::SendMedia { chat, attachment, reply_to } => {
                (self.file(chat, attachment, reply_to.as_ref()).await?, chat)
            }
            Action::SendLocation { chat, location, reply_to } => {
                let title = self.title(location)?;
                let place =
                    json!({"latitude": location.latitude, "longitude": location.longitude, "title": title});
                let fields = self.fields(operation, chat, place, reply_to.as_ref()).await?;
                (self.verb(operation, "/api/sendLocation", "sendLocation").json(&fields), chat)
            }
            Action::SendContact { chat, name, phone, reply_to } => {
                // from a name and a number the server would write the card unescaped
                let card = sending::vcard(name, &sending::digits(phone)?);
                let contacts = json!({"contacts": [{"vcard": card}]});
                let fields = self.fields(operation, chat, contacts, reply_to.as_ref()).await?;
                (self.verb(operation, "/api/sendContactVcard", "sendContactVcard").json(&fields), chat)
            }
            Action::SendPoll { chat, question, options, multiple, reply_to } => {
                let poll =
                    json!({"poll": {"name": question, "options": options, "multipleAnswers": multiple}});
                let fields = self.fields(operation, chat, poll, reply_to.as_ref()).await?;
                (self.verb(operation, "/api/sendPoll", "sendPoll").json(&fields), chat)
            }
            Action::Forward { chat, id, to } => {
                let id = self.full_id(operation, chat, id).await?;
                let message = json!({"messageId": id.to_string()});
                let fields = self.fields(operation, to, message, None).await?;
                (self.verb(operation, "/api/forwardMessage", "forwardMessage").json(&fields), to)
            }
            Action::Typing { chat, typing, .. } => {
                self.show_typing(chat, *typing).await?;
                return Ok(outcome);
            }
            _ => return Err(self.unsupported(operation, Capability::SendMedia)),
        };
        let answer = self.transport.send(call, accepted).await?;
        if answer.get("sent") == Some(&Value::Bool(false)) {
            // whatsapp-web.js tells of a forward that alone, and no id
            return Err(Error::new(ErrorKind::ServerFault, operation)
                .with_gateway(self.dialect.gateway.clone())
                .with_effect(Effect::Refused)
                .with_retry(Retry::Never)
                .with_message("the engine behind the gateway didn't send it"));
        }
        outcome.message_id = sent_id(&answer, chat);
        Ok(outcome)
    }

    fn verb(&self, operation: Operation, route: &'static str, verb: &str) -> Call {
        self.transport.call(operation, Method::POST, route).path(["api", verb])
    }

    /// What every body has, and what this one has besides.
    async fn fields(
        &self,
        operation: Operation,
        chat: &ChatId,
        more: Value,
        reply_to: Option<&MessageId>,
    ) -> Result<Fields> {
        let mut fields = match more {
            Value::Object(fields) => fields,
            _ => Fields::new(),
        };
        fields.insert("session".to_owned(), json!(self.session));
        fields.insert("chatId".to_owned(), json!(chat.as_str()));
        if let Some(id) = reply_to {
            let id = self.full_id(operation, chat, id).await?;
            fields.insert("reply_to".to_owned(), json!(id.to_string()));
        }
        Ok(fields)
    }

    /// The one text that a place has there; it must be sent.
    fn title<'a>(&self, location: &'a Location) -> Result<&'a str> {
        if location.address.is_some() {
            return Err(self.lacks(
                Operation::SendLocation,
                Capability::SendLocation,
                "the gateway sends a place with a name and without an address",
            ));
        }
        Ok(location.name.as_deref().unwrap_or_default())
    }

    fn lacks(&self, operation: Operation, capability: Capability, message: &'static str) -> Error {
        Error::new(ErrorKind::Unsupported, operation)
            .with_gateway(self.dialect.gateway.clone())
            .with_effect(Effect::NotSent)
            .with_capability(capability)
            .with_message(message)
    }

    /// A file goes in base64 in JSON: there is no upload. It is encoded while it is sent.
    async fn file(
        &self,
        chat: &ChatId,
        attachment: &Attachment,
        reply_to: Option<&MessageId>,
    ) -> Result<Call> {
        let operation = Operation::SendMedia;
        let (limit, told) = self.dialect.file_limit;
        let mut file = self.transport.attachment(attachment, limit).await?;
        if file.kind == Kind::Audio && !file.kind_asked {
            file.kind = Kind::Document;
        }
        let form = Form::of(&file).map_err(|why| self.lacks(operation, Capability::SendMedia, why))?;
        file.at_most(limit, told).map_err(|e| e.with_gateway(self.dialect.gateway.clone()))?;
        let mut more = Fields::new();
        if let Some(caption) = form.caption {
            more.insert("caption".to_owned(), json!(caption));
        }
        if let Some(convert) = form.convert {
            more.insert("convert".to_owned(), json!(convert));
        }
        let mut fields = self.fields(operation, chat, Value::Object(more), reply_to).await?;
        let mut object = json!({"mimetype": form.mime});
        let marker = Upload::marker();
        if let Some(object) = object.as_object_mut() {
            let bytes = matches!(file.body, Body::Content(_));
            // of a voice note or a video by its address the server knows no name
            if bytes || form.named {
                object.insert("filename".to_owned(), json!(file.file_name));
            }
            match &file.body {
                Body::Url(url) => object.insert("url".to_owned(), json!(url.as_str())),
                _ => object.insert("data".to_owned(), json!(marker)),
            };
        }
        fields.insert("file".to_owned(), object);
        let call = self.verb(operation, form.route, form.verb);
        Ok(match &file.body {
            Body::Content(content) => call.upload(Upload::json(&fields, &marker, content.clone())?),
            _ => call.json(&fields),
        })
    }

    async fn show_typing(&self, chat: &ChatId, typing: Typing) -> Result<()> {
        let operation = Operation::Typing;
        let call = match typing {
            Typing::Composing => self.verb(operation, "/api/startTyping", "startTyping"),
            Typing::Paused => self.verb(operation, "/api/stopTyping", "stopTyping"),
            _ if !self.dialect.recording => {
                return Err(self.lacks(
                    operation,
                    Capability::Typing,
                    "writing alone is documented, not recording",
                ));
            }
            _ => {
                let path = ["api", self.session.as_str(), "presence"];
                let call = self.transport.call(operation, Method::POST, "/api/{session}/presence").path(path);
                let body = json!({"chatId": chat.as_str(), "presence": "recording"});
                return self.transport.send(call.json(&body), accepted).await.map(drop);
            }
        };
        let fields = self.fields(operation, chat, Value::Null, None).await?;
        self.transport.send(call.json(&fields), accepted).await.map(drop)
    }
}

/// How a kind of file is sent.
struct Form<'a> {
    route: &'static str,
    verb: &'static str,
    mime: &'a str,
    caption: Option<&'a str>,
    convert: Option<bool>,
    named: bool,
}

impl<'a> Form<'a> {
    fn of(file: &'a Prepared) -> Result<Self, &'static str> {
        let caption = file.caption.as_deref();
        let new =
            |route, verb, named| Self { route, verb, mime: file.mime_type, caption, convert: None, named };
        Ok(match file.kind {
            Kind::Image => new("/api/sendImage", "sendImage", true),
            // the documented default of the caption is a sentence of its own: one is always sent
            Kind::Video => Self {
                convert: Some(file.mime_type != "video/mp4"),
                caption: Some(caption.unwrap_or_default()),
                ..new("/api/sendVideo", "sendVideo", false)
            },
            Kind::Voice => Self {
                mime: if file.is_opus { "audio/ogg; codecs=opus" } else { file.mime_type },
                convert: Some(!file.is_opus),
                ..new("/api/sendVoice", "sendVoice", false)
            },
            Kind::Document => new("/api/sendFile", "sendFile", true),
            Kind::Audio => {
                return Err("the gateway sends sound as a voice note or as a document, and in no other way");
            }
            _ => return Err("the gateway has no route for stickers"),
        })
    }
}
