use super::*;

const GATEWAY: Gateway = Gateway::WAHA;

/// RFC 4231, test case 2.
const KEY: &str = "Jefe";
const BODY: &[u8] = b"what do ya want for nothing?";
const SHA256: &str = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
const SHA512: &str = "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737";

fn verdict(hash: Hash, keys: &WebhookKeys, signature: Option<&str>, body: &[u8]) -> Option<ErrorKind> {
    verify_hmac(&GATEWAY, hash, keys, signature.map(str::as_bytes), body).err().map(|e| e.kind())
}

#[test]
fn published_vectors_hold() {
    let keys = WebhookKeys::new(KEY);
    assert_eq!(verdict(Hash::Sha256, &keys, Some(SHA256), BODY), None);
    assert_eq!(verdict(Hash::Sha256, &keys, Some(&SHA256.to_uppercase()), BODY), None);
    assert_eq!(verdict(Hash::Sha512, &keys, Some(SHA512), BODY), None);
}

#[test]
fn wrong_damaged_and_missing_signatures_are_refused() {
    let keys = WebhookKeys::new(KEY);
    let flipped = SHA256.replacen('5', "6", 1);
    let zeros = "0".repeat(64);
    for signature in
        [Some(flipped.as_str()), Some(&SHA256[..63]), Some(&SHA256[2..]), Some(""), Some(&zeros), None]
    {
        assert_eq!(verdict(Hash::Sha256, &keys, signature, BODY), Some(ErrorKind::Unauthenticated));
    }
    let long = format!("{SHA256}00");
    let words = "z".repeat(64);
    let spaced = format!(" {}", &SHA256[1..]);
    let signed = format!("+{}", &SHA256[1..]);
    for signature in [&long, &words, &spaced, &signed, SHA512] {
        assert_eq!(verdict(Hash::Sha256, &keys, Some(signature), BODY), Some(ErrorKind::Unauthenticated));
    }
    assert_eq!(
        verdict(Hash::Sha256, &keys, Some(SHA256), b"What do ya want for nothing?"),
        Some(ErrorKind::Unauthenticated)
    );
    assert_eq!(
        verdict(Hash::Sha256, &WebhookKeys::default(), Some(SHA256), BODY),
        Some(ErrorKind::Unauthenticated)
    );
}

#[test]
fn what_has_no_signatures_form_is_screened_out() {
    let screen = |hash, signature: Option<&str>| screen_hmac(&GATEWAY, hash, signature.map(str::as_bytes));
    for (hash, signature) in [(Hash::Sha256, SHA256), (Hash::Sha512, SHA512)] {
        assert!(
            screen(hash, Some(signature)).is_ok() && screen(hash, Some(&"0".repeat(signature.len()))).is_ok()
        );
        for bad in [None, Some(""), Some(&signature[1..]), Some("z"), Some(&*"z".repeat(signature.len()))] {
            assert_eq!(screen(hash, bad).unwrap_err().kind(), ErrorKind::Unauthenticated);
        }
    }
}

#[test]
fn any_of_several_secrets_counts() {
    for keys in [WebhookKeys::new("new").or(KEY), WebhookKeys::new(KEY).or("new")] {
        assert_eq!(verdict(Hash::Sha256, &keys, Some(SHA256), BODY), None);
    }
    let keys = WebhookKeys::new("new").or("newer");
    assert_eq!(verdict(Hash::Sha256, &keys, Some(SHA256), BODY), Some(ErrorKind::Unauthenticated));
}

#[test]
fn bearer_tokens() {
    let keys = WebhookKeys::new("old").or("token-1");
    let verdict = |value: &str| {
        let headers = [("Authorization", value)];
        verify_bearer(&GATEWAY, &keys, &headers).err().map(|e| e.kind())
    };
    for value in ["Bearer token-1", "bearer  token-1 ", "BEARER old"] {
        assert_eq!(verdict(value), None, "{value}");
    }
    for value in [
        "token-1",
        "Basic token-1",
        "Bearer token-2",
        "Bearer ",
        "Bearer",
        "",
        "Bearer token-1 x",
        "Bearertoken-1",
    ] {
        assert_eq!(verdict(value), Some(ErrorKind::Unauthenticated), "{value}");
    }
    assert!(verify_bearer(&GATEWAY, &keys, &HeaderMap::new()).is_err());
}

#[test]
fn headers_are_found_whatever_their_case_and_holder() {
    let pairs = vec![("X-Webhook-Hmac".to_owned(), b"a".to_vec())];
    assert_eq!(pairs.header("x-webhook-hmac"), Some(&b"a"[..]));
    let mut map = HeaderMap::new();
    map.insert("x-webhook-hmac", "a".parse().unwrap());
    assert_eq!(map.header("X-Webhook-Hmac"), Some(&b"a"[..]));
    let view: &dyn HeaderView = &pairs;
    assert_eq!(view.header("other"), None);
}

#[test]
fn keys_that_are_none_are_a_wrong_configuration() {
    let kind = |keys: WebhookKeys| keys.check(&Gateway::GOWA, Some("secret")).err().map(|e| e.kind());
    assert_eq!(kind(WebhookKeys::default()), Some(ErrorKind::ConfigInvalid));
    assert_eq!(kind(WebhookKeys::new("")), Some(ErrorKind::ConfigInvalid));
    assert_eq!(kind(WebhookKeys::new("mine").or("secret")), Some(ErrorKind::ConfigInvalid));
    assert_eq!(kind(WebhookKeys::new("secret").allow_default_secret(true)), None);
    assert_eq!(kind("mine".into()), None);
    assert!(!format!("{:?}", WebhookKeys::new("mine")).contains("mine"));
}

#[test]
fn the_window_holds_both_ways_and_passes_what_tells_no_time() {
    let now = DateTime::from_timestamp(1_795_230_000, 0).unwrap();
    let check = |seconds: i64| {
        let at = DateTime::from_timestamp(1_795_230_000 + seconds, 0);
        Window::minutes(5).check(&GATEWAY, at, now).is_ok()
    };
    assert!([0, -300, 300].into_iter().all(check));
    assert!(![-301, 301, -1_000_000, 1_000_000_000].into_iter().any(check));
    assert!(Window::minutes(5).check(&GATEWAY, None, now).is_ok());
}
