use serde::Deserialize;
use serde_json::Value;

use super::*;

fn read<'de, T: Deserialize<'de>>(text: &'de str) -> Option<(T, &'de str)> {
    let mut reader = Reader::new(text, 0);
    let value = T::deserialize(&mut reader).ok()?;
    Some((value, &text[reader.place()..]))
}

#[test]
fn it_reads_what_serde_json_reads() {
    for text in [
        "null",
        "true",
        "[false, null ]",
        "0",
        "18446744073709551615",
        "-9223372036854775808",
        "99999999999999999999",
        "-0",
        "1.5e3",
        "0.1",
        r#""""#,
        r#""plain""#,
        r#""\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00é""#,
        "[]",
        "[ ]",
        "{}",
        r#" { "a" : [1, {"b": "c\"}"}], "d":{} , "e":"f" } "#,
    ] {
        let (value, rest) = read::<Value>(text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(value, serde_json::from_str::<Value>(text).unwrap(), "{text}");
        assert_eq!(rest.trim(), "", "{text}");
        let (_, rest) = read::<de::IgnoredAny>(text).unwrap_or_else(|| panic!("skipping {text}"));
        assert_eq!(rest.trim(), "", "skipping {text}");
    }
}

#[test]
fn what_is_broken_is_refused_whether_read_or_skipped() {
    let deep = format!("{}{}", "[".repeat(1_000), "]".repeat(1_000));
    for text in [
        "",
        "nul",
        "NaN",
        "-",
        "{",
        "[",
        "[1",
        "[1,",
        "[1,]",
        "[,1]",
        "[1 2]",
        "[}",
        "{]",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{\"a\" 1}",
        "{a:1}",
        "{1:2}",
        "\"a",
        "\"a\\",
        "{\"a\":\"b\"\"c\"}",
        &deep,
    ] {
        assert!(read::<Value>(text).is_none(), "{text}");
        let skipped = read::<de::IgnoredAny>(text);
        assert!(skipped.is_none() || text == "-", "skipping {text}");
    }
    for text in
        ["01", "1.", "1e", "--1", "1-1", "\"\\ud800\"", "\"\\ud83dx\"", "\"\\udc00\"", "\"\\u12\"", "\"\\x\""]
    {
        assert!(read::<Value>(text).is_none(), "{text}");
    }
}

#[test]
fn structs_are_read_as_serde_json_reads_them() {
    #[derive(Debug, Default, Deserialize, PartialEq)]
    #[serde(default)]
    struct Wire {
        id: Option<String>,
        at: Option<i64>,
        flag: Option<bool>,
        inner: Option<Box<Wire>>,
        list: Vec<String>,
    }
    let text =
        r#"{"id":"a\nb","x":{"y":[1,"]"]},"at":-5,"flag":null,"inner":{"at":7,"list":["p","q"]},"z":1.5}"#;
    let (wire, rest) = read::<Wire>(text).unwrap();
    assert_eq!((wire, rest), (serde_json::from_str(text).unwrap(), ""));
    for refused in [r#"{"id":1}"#, r#"{"id":"a","id":"b"}"#, r#"{"at":"5"}"#, r#"["a"]"#] {
        assert!(read::<Wire>(refused).is_none(), "{refused}");
    }
}
