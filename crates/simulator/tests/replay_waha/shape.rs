//! Comparison of JSON by shape: which members are there and of which types they are.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

type Types = BTreeMap<String, BTreeSet<&'static str>>;

fn collect(path: &str, value: &Value, types: &mut Types) {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(items) => {
            for item in items {
                collect(&format!("{path}[]"), item, types);
            }
            "array"
        }
        Value::Object(members) => {
            for (name, member) in members {
                collect(&format!("{path}.{name}"), member, types);
            }
            "object"
        }
    };
    types.entry(path.to_owned()).or_default().insert(kind);
}

/// Every place where the shapes differ; items of an array count together.
pub(crate) fn compare(expected: &Value, found: &Value) -> Vec<String> {
    let (mut wanted, mut got) = (Types::new(), Types::new());
    collect("", expected, &mut wanted);
    collect("", found, &mut got);
    let paths: BTreeSet<&String> = wanted.keys().chain(got.keys()).collect();
    let empty = BTreeSet::new();
    let mut differences: Vec<String> = paths
        .into_iter()
        .filter_map(|path| {
            let (wanted, got) = (wanted.get(path).unwrap_or(&empty), got.get(path).unwrap_or(&empty));
            (wanted != got).then(|| format!("{path}: {got:?} in place of {wanted:?}"))
        })
        .collect();
    if let (Value::Array(a), Value::Array(b)) = (expected, found)
        && a.len() != b.len()
    {
        differences.push(format!("{} items in place of {}", b.len(), a.len()));
    }
    differences
}
