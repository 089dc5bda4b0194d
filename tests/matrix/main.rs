//! The matrix of faults: each row that concerns a client as a named test, over a real socket, for each gateway.
//!
//! `cargo test --test matrix -- --ignored --nocapture the_whole_table` prints the rows with their results.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails loudly"
)]

mod answers;
#[path = "../common/mod.rs"]
mod common;
mod connection;
mod elsewhere;
mod pages;
mod places;
mod support;

use std::collections::BTreeMap;
use std::pin::Pin;

use common::{Gateway, ONE_OF_EACH};
use elsewhere::ELSEWHERE;

type Test = fn(Gateway) -> Pin<Box<dyn Future<Output = ()> + Send>>;

macro_rules! matrix {
    ($($row:literal $module:ident::$name:ident;)*) => {
        /// Row, name of the test, the test.
        const ROWS: &[(u8, &str, Test)] = &[$(($row, stringify!($name), |gateway| Box::pin($module::$name(gateway))),)*];

        matrix!(@gateway waha 0: $($module::$name)*);
        matrix!(@gateway wappfy 1: $($module::$name)*);
        matrix!(@gateway green_api 2: $($module::$name)*);
        matrix!(@gateway gowa 3: $($module::$name)*);
    };
    (@gateway $gateway:ident $number:literal: $($module:ident::$name:ident)*) => {
        mod $gateway {
            $(
                #[tokio::test]
                async fn $name() {
                    super::$module::$name(super::ONE_OF_EACH[$number]).await;
                }
            )*
        }
    };
}

matrix! {
    1 connection::connect_refused;
    2 connection::dns_failure;
    3 connection::tls_handshake;
    4 connection::reset_on_idle_connection;
    5 connection::reset_after_request;
    6 connection::reset_mid_body;
    7 answers::truncated_json;
    8 connection::longer_length_than_body;
    9 answers::empty_body;
    10 answers::null_body;
    11 answers::web_page;
    12 answers::proxy_failures;
    13 answers::server_failure;
    14 answers::refused_key;
    15 answers::missing_session_and_missing_message;
    16 answers::refused_arguments;
    17 answers::wait_in_seconds;
    18 answers::wait_as_a_date;
    19 answers::brake_without_a_time;
    20 answers::wait_of_a_day;
    21 answers::quota;
    22 connection::slow_headers;
    23 connection::slow_body;
    24 connection::hang;
    25 connection::dropped_future;
    26 places::redirect_at_home;
    27 places::redirect_elsewhere;
    28 places::redirect_to_another_scheme;
    29 places::plain_http_to_another_machine;
    30 answers::gzip_bomb;
    31 answers::ten_gigabytes;
    32 answers::deep_nesting;
    33 pages::missing_optional_field;
    34 pages::missing_id;
    35 pages::wrong_type_of_optional_field;
    36 pages::times_of_all_kinds;
    37 pages::unknown_words;
    38 pages::broken_characters;
    39 pages::keys_given_twice;
    40 pages::doubled_messages;
    41 pages::arrivals_while_paging;
    42 pages::deletions_while_paging;
    44 pages::same_page_for_ever;
    45 pages::equal_times;
    46 pages::empty_ids;
    58 places::hostile_chat_ids;
    59 places::hostile_keys;
    60 places::media_at_private_places;
    61 places::media_redirected_elsewhere;
    62 places::media_names_and_lengths;
    64 pages::session_changes_while_paging;
    66 places::failover_while_a_send_is_unknown;
}

/// Rows are from 1 to 66; each is here or tells where it is, or why it is nowhere.
#[test]
fn every_row_has_its_place() {
    let mut rows: BTreeMap<u8, usize> = (1..=66).map(|row| (row, 0)).collect();
    for row in ROWS.iter().map(|(row, ..)| row).chain(ELSEWHERE.iter().map(|(row, _)| row)) {
        *rows.get_mut(row).unwrap() += 1;
    }
    let wrong: Vec<_> = rows.iter().filter(|(_, times)| **times != 1).collect();
    assert!(wrong.is_empty(), "rows without a place or with two: {wrong:?}");
}

#[test]
#[ignore = "runs every row once more, to print them as a table"]
fn the_whole_table() {
    std::panic::set_hook(Box::new(|_| {}));
    println!("| row | test | waha | wappfy | green-api | gowa |\n|---|---|---|---|---|---|");
    let mut failed = 0;
    for row in 1..=66 {
        for (_, name, test) in ROWS.iter().filter(|(number, ..)| *number == row) {
            let results = ONE_OF_EACH.map(|gateway| {
                let run = move || {
                    let runtime =
                        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
                    runtime.unwrap().block_on(test(gateway));
                };
                let held = std::thread::spawn(run).join().is_ok();
                failed += usize::from(!held);
                if held { "held" } else { "FAILED" }
            });
            println!("| {row} | {name} | {} |", results.join(" | "));
        }
        for (_, place) in ELSEWHERE.iter().filter(|(number, _)| *number == row) {
            println!("| {row} | {place} | | | | |");
        }
    }
    assert_eq!(failed, 0);
}
