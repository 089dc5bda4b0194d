//! Query parameters as WAHA validates them.

use serde_json::{Value, json};

use super::app::Call;
use super::reply::{Reply, refused};

/// Reads parameters and gathers what is wrong with them, as the server tells all faults at once.
pub(crate) struct Query<'c, 'a> {
    call: &'c Call<'a>,
    faults: Vec<String>,
}

impl<'c, 'a> Query<'c, 'a> {
    pub(crate) fn new(call: &'c Call<'a>) -> Self {
        Self { call, faults: Vec::new() }
    }

    pub(crate) fn number(&mut self, name: &str) -> Option<i64> {
        let text = self.call.param(name)?;
        match text.trim().parse::<f64>() {
            Ok(number) if number.is_finite() => Some(number as i64),
            _ if text.is_empty() => Some(0),
            _ => {
                self.faults.push(format!("{name} must be a number conforming to the specified constraints"));
                None
            }
        }
    }

    pub(crate) fn boolean(&mut self, name: &str) -> Option<bool> {
        match self.call.param(name)? {
            "true" | "True" | "1" => Some(true),
            "false" | "False" | "0" => Some(false),
            _ => {
                self.faults.push(format!("{name} must be a boolean value"));
                None
            }
        }
    }

    pub(crate) fn one_of(&mut self, name: &str, allowed: &[&str]) -> Option<String> {
        let text = self.call.param(name)?;
        if !allowed.contains(&text) {
            let list = allowed.join(", ");
            self.faults.push(format!("{name} must be one of the following values: {list}"));
        }
        Some(text.to_owned())
    }

    /// Whether rows go up: anything but `desc` counts as `asc`.
    pub(crate) fn ascending(&self) -> Option<bool> {
        self.call.param("sortOrder").map(|order| !order.eq_ignore_ascii_case("desc"))
    }

    pub(crate) fn fault(&mut self, text: String) {
        self.faults.push(text);
    }

    pub(crate) fn check(self) -> Result<(), Reply> {
        if self.faults.is_empty() { Ok(()) } else { Err(refused(400, json!(self.faults))) }
    }
}

/// A number in a body, which may come as text.
pub(crate) fn loose_number(value: Option<&Value>) -> Option<i64> {
    match value? {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// Rows of a page by the rules of a SQL store: no limit means all, a negative one too, 0 means none.
pub(crate) fn sql_page<T>(rows: Vec<T>, limit: Option<i64>, offset: Option<i64>) -> Vec<T> {
    let skip = usize::try_from(offset.unwrap_or(0)).unwrap_or(0);
    let take = limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    rows.into_iter().skip(skip).take(take).collect()
}

/// Rows of a page by the rules of the pager in memory: without a limit (or with 0) the offset is ignored.
pub(crate) fn memory_page<T>(rows: Vec<T>, limit: Option<i64>, offset: Option<i64>) -> Vec<T> {
    match limit.and_then(|limit| usize::try_from(limit).ok()).filter(|&limit| limit > 0) {
        None => rows,
        Some(take) => {
            let skip = usize::try_from(offset.unwrap_or(0)).unwrap_or(0);
            rows.into_iter().skip(skip).take(take).collect()
        }
    }
}
