//! What every gateway can do, generated from code and compared with the table in the docs and in the README.
//!
//! `WACHATS_BLESS=1 cargo test --test truth_table` writes them anew.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

mod common;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use common::{ALL, worlds};
use wachats::{Capabilities, Capability, Support};

const BEGIN: &str = "<!-- truth table: written by `WACHATS_BLESS=1 cargo test --test truth_table` -->";
const END: &str = "<!-- end of the truth table -->";
const LEGEND: &str =
    "N: the gateway does it. E: wachats does it from what the gateway has. –: refused before any request.";

fn sign(support: Support) -> &'static str {
    match support {
        Support::Native => "N",
        Support::Emulated => "E",
        _ => "–",
    }
}

/// A form of a gateway and what it can do.
type Column = (String, Arc<Capabilities>);

async fn columns() -> Vec<Column> {
    let world = worlds::common();
    let mut columns = Vec::new();
    for gateway in ALL {
        let opened = gateway.open(&world).await;
        columns.push((gateway.name(), opened.chats.capabilities().await.expect("the probe answers")));
    }
    columns
}

fn lines(names: &[&str], cell: impl Fn(Capability, &str) -> String) -> String {
    let mut text = format!("| | {} |\n|---|{}\n", names.join(" | "), "---|".repeat(names.len()));
    for capability in Capability::ALL {
        let cells: Vec<String> = names.iter().map(|name| cell(*capability, name)).collect();
        let _ = writeln!(text, "| `{capability}` | {} |", cells.join(" | "));
    }
    text
}

/// Every form of every gateway.
fn whole(columns: &[Column]) -> String {
    let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
    lines(&names, |capability, name| {
        let what = columns.iter().find(|(n, _)| n == name).expect("it is one of them");
        sign(what.1.support(capability)).to_owned()
    })
}

/// One column a gateway: where its engines or versions differ, the cell names them.
fn summary(columns: &[Column]) -> String {
    lines(&["waha", "wappfy", "green-api", "gowa"], |capability, gateway| {
        let forms = columns.iter().filter(|(name, _)| name.split(' ').next() == Some(gateway));
        let told: Vec<(&str, &str)> = forms
            .map(|(name, what)| {
                (sign(what.support(capability)), name.split_once(' ').map_or("", |(_, form)| form))
            })
            .collect();
        let forms_of = |sign: &str| -> Vec<&str> {
            told.iter().filter(|(s, _)| *s == sign).map(|(_, form)| *form).collect()
        };
        let signs = ["N", "E", "–"].into_iter().filter(|sign| !forms_of(sign).is_empty());
        let parts: Vec<String> = signs
            .map(|sign| match forms_of(sign) {
                forms if forms.len() == told.len() => sign.to_owned(),
                forms => format!("{sign} {}", forms.join(", ")),
            })
            .collect();
        parts.join("; ")
    })
}

/// Each reason once, with the gateways that give it.
fn reasons(columns: &[Column]) -> String {
    let mut text = String::new();
    for capability in Capability::ALL {
        let mut told: Vec<(&str, &str, Vec<&str>)> = Vec::new();
        for (name, what) in columns {
            let Some(reason) = what.reason(*capability) else { continue };
            let sign = sign(what.support(*capability));
            match told.iter_mut().find(|(s, r, _)| *s == sign && *r == reason) {
                Some((_, _, names)) => names.push(name),
                None => told.push((sign, reason, vec![name])),
            }
        }
        if !told.is_empty() {
            let _ = writeln!(text, "\n`{capability}`");
            for (sign, reason, names) in told {
                let _ = writeln!(text, "- {sign} {}: {reason}", names.join(", "));
            }
        }
    }
    text
}

fn at(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn bless() -> bool {
    std::env::var("WACHATS_BLESS").is_ok_and(|value| value == "1")
}

/// Compares a file with what it should hold, or writes it.
fn settle(path: &str, found: &str, wanted: &str) {
    if found == wanted {
        return;
    }
    assert!(
        bless(),
        "{path} is not what the code says; WACHATS_BLESS=1 cargo test --test truth_table writes it"
    );
    std::fs::write(at(path), wanted).expect("the file can be written");
}

#[tokio::test]
async fn the_table_says_what_the_code_says() {
    let columns = columns().await;
    let (table, reasons) = (whole(&columns), reasons(&columns));
    let page = format!(
        "# What each gateway can do\n\nGenerated from code by `tests/truth_table.rs`. `wachats capabilities` prints it for the \
         gateway at hand, whose version may differ.\n\n{LEGEND}\n\n{table}\n## Why\n{reasons}"
    );
    let docs = std::fs::read_to_string(at("docs/capabilities.md")).unwrap_or_default();
    settle("docs/capabilities.md", &docs, &page);

    let readme = std::fs::read_to_string(at("README.md")).expect("README.md is there");
    let (head, rest) = readme.split_once(BEGIN).unwrap_or_else(|| panic!("README.md has no line {BEGIN}"));
    let (_, tail) = rest.split_once(END).unwrap_or_else(|| panic!("README.md has no line {END}"));
    settle("README.md", &readme, &format!("{head}{BEGIN}\n{}{END}{tail}", summary(&columns)));
}

/// Nothing is left unsaid, and whatever is not native has its reason.
#[tokio::test]
async fn every_cell_has_its_reason() {
    for (name, what) in columns().await {
        for capability in Capability::ALL {
            let entry =
                what.get(*capability).unwrap_or_else(|| panic!("{name} says nothing of {capability}"));
            let reason = entry.reason.as_deref().unwrap_or_default();
            assert!(
                entry.support == Support::Native || reason.len() > 5,
                "{name} gives no reason for {capability}"
            );
        }
    }
}
