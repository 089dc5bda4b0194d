#![no_main]

use libfuzzer_sys::fuzz_target;
use wachats::{ErrorKind, Secrets};

fuzz_target!(|text: &str| {
    let secrets = Secrets::from_lookup(|_| Some("c4n4ryKEY".into()));
    match wachats::connect(text, secrets) {
        Ok(chats) => assert!(!format!("{chats:?}").contains("c4n4ry")),
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::ConfigInvalid);
            assert!(!format!("{error} {error:?}").contains("c4n4ry"));
        }
    }
});
