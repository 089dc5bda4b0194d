//! Who may depend on whom: core on no gateway, a gateway on core alone, nobody on the facade but those who use it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What cargo knows of the workspace.
fn metadata() -> Value {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("cargo writes JSON")
}

/// The crates of ours that each crate of ours depends on, apart from development.
fn ours(metadata: &Value, development: bool) -> BTreeMap<String, BTreeSet<String>> {
    let packages = metadata["packages"].as_array().unwrap();
    let name = |value: &Value| value["name"].as_str().unwrap().to_owned();
    packages
        .iter()
        .map(|package| {
            let dependencies = package["dependencies"].as_array().unwrap().iter();
            let dependencies = dependencies.filter(|d| (d["kind"] == "dev") == development).map(name);
            (name(package), dependencies.filter(|d| d.starts_with("wachats")).collect())
        })
        .collect()
}

#[test]
fn each_crate_depends_on_what_it_may() {
    let graph = ours(&metadata(), false);
    let rules: [(&str, &[&str]); 8] = [
        ("wachats-core", &[]),
        ("wachats-waha", &["wachats-core"]),
        ("wachats-gowa", &["wachats-core"]),
        ("wachats-green-api", &["wachats-core"]),
        ("wachats-wappfy", &["wachats-core", "wachats-waha"]),
        ("wachats-simulator", &[]),
        ("wachats-conformance", &["wachats-core"]),
        ("wachats-cli", &["wachats", "wachats-receiver", "wachats-simulator"]),
    ];
    for (name, allowed) in rules {
        let found: Vec<&str> = graph[name].iter().map(String::as_str).collect();
        assert_eq!(found, allowed, "{name}");
    }
    for (name, dependencies) in &graph {
        let user = name == "wachats-cli" || name.contains("bench") || name.contains("example");
        assert!(user || !dependencies.contains("wachats"), "{name} depends on the facade");
    }
}

/// A versioned cycle can't be published: what needs the simulators or the suite is tested from the root.
#[test]
fn no_library_needs_ours_for_its_tests() {
    for (name, dependencies) in ours(&metadata(), true) {
        if matches!(
            name.as_str(),
            "wachats-core" | "wachats-waha" | "wachats-gowa" | "wachats-green-api" | "wachats-wappfy"
        ) {
            assert!(dependencies.is_empty(), "{name} needs {dependencies:?} for its tests");
        }
    }
}

#[test]
fn no_gateway_is_on_by_default() {
    let metadata = metadata();
    let facade =
        metadata["packages"].as_array().unwrap().iter().find(|p| p["name"] == "wachats").unwrap().clone();
    let default: Vec<&str> =
        facade["features"]["default"].as_array().unwrap().iter().map(|f| f.as_str().unwrap()).collect();
    assert_eq!(default, ["rustls"]);
    let full: BTreeSet<&str> =
        facade["features"]["full"].as_array().unwrap().iter().map(|f| f.as_str().unwrap()).collect();
    assert_eq!(full, BTreeSet::from(["gowa", "green-api", "waha", "wappfy"]));
}

/// The crates of a program with these features of the facade, ours included.
fn tree(features: &str) -> BTreeSet<String> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .args(["tree", "--offline", "--locked", "-e", "normal", "--prefix", "none", "-p", "wachats"])
        .args(["--no-default-features", "--features", features])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| line.split_whitespace().take(2).collect::<Vec<_>>().join(" ")).collect()
}

/// What a feature is for comes with it alone, and one backend stays within 130 crates.
#[test]
fn no_combination_drags_more_than_it_needs() {
    let has = |tree: &BTreeSet<String>, name: &str| tree.iter().any(|c| c.split(' ').next() == Some(name));
    for backend in ["waha", "wappfy", "gowa", "green-api"] {
        let lean = tree(&format!("{backend},rustls"));
        assert!(lean.len() <= 130, "{backend}: {} crates", lean.len());
        for (feature, name) in
            [("webhook", "hmac"), ("websocket", "tokio-tungstenite"), ("fetch", "tempfile"), ("", "axum")]
        {
            assert!(!has(&lean, name), "{backend} without {feature} has {name}");
        }
        for other in ["waha", "wappfy", "gowa", "green-api"] {
            let wanted = other == backend || (backend, other) == ("wappfy", "waha");
            assert_eq!(has(&lean, &format!("wachats-{other}")), wanted, "{backend} and wachats-{other}");
        }
        let bare = tree(backend);
        assert!(!has(&bare, "rustls") && !has(&bare, "ring"), "{backend} without TLS");
    }
    assert!(has(&tree("waha,websocket"), "tokio-tungstenite"));
    assert!(has(&tree("gowa,webhook"), "hmac") && has(&tree("gowa,fetch"), "tempfile"));
}

/// Every Rust file below a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the folder is there") {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
    files
}

/// Wappfy is a dialect of WAHA: nothing is translated twice.
#[test]
fn wappfy_holds_no_wire_struct() {
    let folder = root().join("crates/wappfy");
    for path in sources(&folder.join("src")) {
        let text = std::fs::read_to_string(&path).unwrap();
        for sign in ["Deserialize", "serde", "wire::"] {
            assert!(!text.contains(sign), "{} mentions {sign}", path.display());
        }
        assert_ne!(path.file_stem().unwrap(), "wire");
    }
    let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap();
    assert!(!manifest.contains("serde"), "wappfy depends on serde");
}

/// Wire structs never leave a gateway's crate.
#[test]
fn wire_structs_stay_at_home() {
    for gateway in ["waha", "gowa", "green-api"] {
        let folder = root().join("crates").join(gateway).join("src");
        let lib = std::fs::read_to_string(folder.join("lib.rs")).unwrap();
        for module in ["wire", "translate", "error", "backend"] {
            assert!(!lib.contains(&format!("pub mod {module}")), "{gateway} shows its module {module}");
        }
        assert!(!lib.contains("pub use wire"), "{gateway} hands out wire structs");
    }
}

/// The simulators owe nothing to the code they judge.
#[test]
fn the_simulator_knows_no_other_crate_of_ours() {
    for path in sources(&root().join("crates/simulator/src")) {
        let text = std::fs::read_to_string(&path).unwrap();
        for name in ["wachats_core", "wachats_waha", "wachats_gowa", "wachats_green_api", "wachats_wappfy"] {
            assert!(!text.contains(name), "{} mentions {name}", path.display());
        }
    }
}
