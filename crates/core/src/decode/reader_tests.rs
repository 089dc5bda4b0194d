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
fn deep_values_are_passed_over_and_not_read() {
    let deep = format!("[{}{}, 7]", "[{\"a\":".repeat(1_000) + "1", "}]".repeat(1_000));
    assert!(read::<Value>(&deep).is_none());
    assert_eq!(read::<de::IgnoredAny>(&deep).unwrap().1, "");
    assert!(read::<de::IgnoredAny>(&deep[..deep.len() - 9]).is_none());
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
    #[derive(Debug, Deserialize, PartialEq)]
    enum Word {
        One,
        Two(u8),
    }
    assert_eq!(read::<Vec<Word>>(r#"["One","\u004fne"]"#).unwrap().0, [Word::One, Word::One]);
    assert!(read::<Word>(r#"{"Two":2}"#).is_none() && read::<Word>("\"Three\"").is_none());
    for refused in
        [r#"{"id":1}"#, r#"{"id":"a","id":"b"}"#, r#"{"at":"5"}"#, r#"["a"]"#, r#"{"inner":["a"]}"#]
    {
        assert!(read::<Wire>(refused).is_none(), "{refused}");
    }
}

/// JSON at random: every kind of value, escapes, white space.
fn random(rng: &mut fastrand::Rng, depth: u32, out: &mut String) {
    let space = |rng: &mut fastrand::Rng, out: &mut String| {
        out.push_str(["", "", "", " ", "\n\t", "\r "][rng.usize(..6)]);
    };
    let string = |rng: &mut fastrand::Rng, out: &mut String| {
        const PIECES: [&str; 14] = [
            "a",
            "key",
            "a longer piece of text",
            "é",
            "😀",
            "\\n",
            "\\\"",
            "\\\\",
            "\\/",
            "\\u00e9",
            "\\ud83d\\ude00",
            "\\u0000",
            "{",
            "],",
        ];
        out.push('"');
        (0..rng.usize(..6)).for_each(|_| out.push_str(PIECES[rng.usize(..PIECES.len())]));
        out.push('"');
    };
    space(rng, out);
    let most = if depth == 0 { 6 } else { 8 };
    match rng.u32(..most) {
        0 => out.push_str("null"),
        1 => out.push_str(if rng.bool() { "true" } else { "false" }),
        2 => out.push_str(&rng.i64(-300..300).to_string()),
        3 => out.push_str(&rng.u64(..).to_string()),
        4 => out.push_str(["-0", "1.5", "-2.25e3", "1e-7", "12345678901234567890123", "0.1"][rng.usize(..6)]),
        5 => string(rng, out),
        6 => {
            out.push('[');
            for n in 0..rng.usize(..4) {
                out.push_str(if n == 0 { "" } else { "," });
                random(rng, depth - 1, out);
            }
            out.push(']');
        }
        _ => {
            out.push('{');
            for n in 0..rng.usize(..4) {
                out.push_str(if n == 0 { "" } else { "," });
                space(rng, out);
                string(rng, out);
                space(rng, out);
                out.push(':');
                random(rng, depth - 1, out);
            }
            out.push('}');
        }
    }
    space(rng, out);
}

#[test]
fn whatever_it_reads_serde_json_reads_the_same() {
    let mut rng = fastrand::Rng::with_seed(7);
    let (mut whole, mut taken, mut refused) = (0, 0, 0);
    for _ in 0..30_000 {
        let mut text = String::from("[");
        random(&mut rng, 5, &mut text);
        text.push(']');
        if rng.bool() {
            // damaged somewhere
            let mut chars: Vec<char> = text.chars().collect();
            let place = rng.usize(1..chars.len());
            match rng.u32(..3) {
                0 => drop(chars.remove(place)),
                1 => chars.insert(place, ['"', '\\', ',', '}', '[', '0', 'e', ':'][rng.usize(..8)]),
                _ => chars.truncate(place),
            }
            text = chars.into_iter().collect();
        }
        let theirs = {
            let mut stream = serde_json::Deserializer::from_str(&text).into_iter::<Value>();
            stream.next().and_then(|read| read.ok()).map(|value| (value, stream.byte_offset()))
        };
        let ours = read::<Value>(&text).map(|(value, rest)| (value, text.len() - rest.len()));
        match (&ours, &theirs) {
            (Some(ours), Some(theirs)) => {
                assert_eq!(ours, theirs, "{text}");
                let (_, rest) = read::<de::IgnoredAny>(&text).unwrap_or_else(|| panic!("skipping {text}"));
                assert_eq!(text.len() - rest.len(), theirs.1, "skipping {text}");
                taken += 1;
            }
            (None, None) => refused += 1,
            // white space within a string, which it takes as it stands
            (Some(_), None) => assert!(text.contains(['\n', '\t', '\r']), "{text}"),
            (None, Some(_)) => panic!("refused: {text}"),
        }
        whole += 1;
    }
    assert!(taken * 2 > whole && refused * 10 > whole, "{taken} taken, {refused} refused of {whole}");
}
