//! One request on its way through the handlers: parameters, query and body as the gateway's web framework reads them.

use std::sync::Arc;

use axum::http::{HeaderMap, Method};
use bytes::Bytes;
use serde_json::{Map, Value};

use super::gateway::Gateway;
use super::profile::{Slot, Version};
use super::reply::Reply;
use crate::form::Upload;

/// A request and what was found out about it.
pub(super) struct Call<'a> {
    pub(super) gateway: &'a Arc<Gateway>,
    pub(super) method: Method,
    pub(super) headers: HeaderMap,
    pub(super) query: Vec<(String, String)>,
    pub(super) body: Bytes,
    /// The body as a form with files, where it is one.
    pub(super) upload: Option<Upload>,
    /// Path parameters in their order, as they were sent.
    pub(super) params: Vec<String>,
    /// The slot it is for; none in version 7 and on routes that need no device.
    pub(super) slot: Option<Slot>,
}

impl Call<'_> {
    pub(super) fn version(&self) -> Version {
        self.gateway.profile.version
    }

    pub(super) fn since(&self, version: Version) -> bool {
        self.version() >= version
    }

    pub(super) fn param(&self) -> &str {
        self.params.first().map_or("", String::as_str)
    }

    /// A query parameter, `""` when it is missing; the first one counts.
    pub(super) fn query(&self, name: &str) -> &str {
        self.query.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// A number of the query; what is not one counts as missing.
    pub(super) fn query_number(&self, name: &str, default: i64) -> i64 {
        self.query(name).parse().unwrap_or(default)
    }

    /// A boolean of the query; what is not one is `false`.
    pub(super) fn query_flag(&self, name: &str) -> bool {
        truth(self.query(name)).unwrap_or(false)
    }

    /// The address that the client used, for absolute links.
    pub(super) fn origin(&self) -> String {
        let host = self.headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or("localhost");
        // Before v9.0.1 the port was left out of every link.
        let host = if self.since(Version::V9_0_1) { host } else { host.split(':').next().unwrap_or(host) };
        format!("http://{host}{}", self.gateway.profile.base_path)
    }

    /// The body as fields. The text is what the framework says when it can't be read.
    pub(super) fn form(&self) -> Result<Form, String> {
        let content_type = self.headers.get("content-type").and_then(|v| v.to_str().ok()).unwrap_or_default();
        let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let new = self.since(Version::V9);
        match essence.as_str() {
            "application/json" => match serde_json::from_slice(&self.body) {
                Ok(Value::Object(fields)) => Ok(Form { fields, new, typed: true }),
                Ok(Value::Null) => Ok(Form { fields: Map::new(), new, typed: true }),
                Ok(other) => {
                    Err(bind_text(new, &format!("json: cannot unmarshal {} into Go value", kind_of(&other))))
                }
                Err(error) if error.is_eof() => Err(bind_text(new, "unexpected end of JSON input")),
                Err(_) => Err(bind_text(new, "invalid character in the JSON input")),
            },
            "application/x-www-form-urlencoded" => {
                let pairs = url::form_urlencoded::parse(&self.body);
                let fields = pairs.map(|(key, value)| (key.into_owned(), Value::from(value.into_owned())));
                Ok(Form { fields: fields.collect(), new, typed: false })
            }
            "multipart/form-data" => match &self.upload {
                Some(upload) => {
                    let pairs = upload.fields.iter();
                    let fields = pairs.map(|(key, value)| (key.clone(), Value::from(value.clone())));
                    Ok(Form { fields: fields.collect(), new, typed: false })
                }
                None => Err(bind_text(new, "multipart: NextPart: EOF")),
            },
            _ => Err("Unprocessable Entity".to_owned()),
        }
    }

    /// The body as `message/*`, `send/*` and `group/*` take it: what can't be read is the gateway's own fault.
    pub(super) fn form_or_internal(&self) -> Result<Form, Reply> {
        self.form().map_err(|text| Reply::internal(&text))
    }
}

fn bind_text(new: bool, text: &str) -> String {
    if new { format!("bind from body: {text}") } else { text.to_owned() }
}

/// What Go's `ParseBool` takes for a boolean.
pub(super) fn truth(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
        _ => None,
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The fields of a body. A missing field and `null` are the type's zero value, a field of another type is an error.
pub(super) struct Form {
    fields: Map<String, Value>,
    new: bool,
    /// JSON has types; in an encoded form everything is text.
    typed: bool,
}

impl Form {
    fn get(&self, name: &str) -> Option<&Value> {
        self.fields.get(name).filter(|value| !value.is_null())
    }

    fn mismatch(&self, name: &str, value: &Value, wanted: &str) -> Reply {
        let text = format!(
            "json: cannot unmarshal {} into Go struct field .{name} of type {wanted}",
            kind_of(value)
        );
        let field = if name == "phone" { "BaseRequest.phone" } else { name };
        Reply::internal(&if self.new { format!("bind \"{field}\" from body: {text}") } else { text })
    }

    pub(super) fn text(&self, name: &str) -> Result<String, Reply> {
        match self.get(name) {
            None => Ok(String::new()),
            Some(Value::String(text)) => Ok(text.clone()),
            Some(other) => Err(self.mismatch(name, other, "string")),
        }
    }

    pub(super) fn texts(&self, name: &str) -> Result<Vec<String>, Reply> {
        match self.get(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(items)) => items
                .iter()
                .map(|item| {
                    item.as_str().map(str::to_owned).ok_or_else(|| self.mismatch(name, item, "string"))
                })
                .collect(),
            Some(other) => Err(self.mismatch(name, other, "[]string")),
        }
    }

    pub(super) fn flag(&self, name: &str) -> Result<bool, Reply> {
        match self.get(name) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(other) => {
                let text = other.as_str().filter(|_| !self.typed);
                text.and_then(truth).ok_or_else(|| self.mismatch(name, other, "bool"))
            }
        }
    }

    pub(super) fn number(&self, name: &str) -> Result<Option<i64>, Reply> {
        match self.get(name) {
            None => Ok(None),
            Some(value) => {
                let text = value.as_str().filter(|_| !self.typed);
                let number = value.as_i64().or_else(|| text.and_then(|text| text.parse().ok()));
                number.map(Some).ok_or_else(|| self.mismatch(name, value, "int"))
            }
        }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }
}
