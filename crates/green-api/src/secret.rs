//! The token stands in every path, and error bodies echo it: nothing that holds it gets any further.

use std::borrow::Cow;

use bytes::Bytes;
use secrecy::{ExposeSecret, SecretString};
use wachats_core::transport::Answer;

/// A shorter token would be found in ordinary texts; the real ones have fifty characters.
const SHORTEST: usize = 8;

/// The token of an instance.
#[derive(Clone)]
pub(crate) struct Token(SecretString);

impl Token {
    pub(crate) fn new(token: SecretString) -> Self {
        Self(token)
    }

    /// May it stand in a path as it is?
    pub(crate) fn is_sound(&self) -> bool {
        let token = self.0.expose_secret();
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'~' | b'.');
        !token.is_empty()
            && token.len() <= 512
            && token.bytes().all(plain)
            && token.bytes().any(|b| b != b'.')
    }

    /// For the path of a request, and for nothing else.
    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// The answer with the token taken out of its body; not copied where it doesn't hold it.
    pub(crate) fn clean<'a>(&self, answer: &'a Answer) -> Cleaned<'a> {
        let token = self.expose();
        if token.len() < SHORTEST {
            return Cleaned::Same(answer);
        }
        if memchr::memmem::find(&answer.body, token.as_bytes()).is_none() {
            return Cleaned::Same(answer);
        }
        let text = answer.text();
        Cleaned::Other(Answer {
            operation: answer.operation,
            status: answer.status,
            headers: answer.headers.clone(),
            body: Bytes::from(Cow::into_owned(text).replace(token, "…")),
        })
    }
}

/// An answer without the token.
pub(crate) enum Cleaned<'a> {
    /// It never held it.
    Same(&'a Answer),
    /// It was taken out.
    Other(Answer),
}

impl std::ops::Deref for Cleaned<'_> {
    type Target = Answer;
    fn deref(&self) -> &Answer {
        match self {
            Self::Same(answer) => answer,
            Self::Other(answer) => answer,
        }
    }
}

#[cfg(test)]
mod tests {
    use wachats_core::Operation;

    use super::*;

    #[test]
    fn a_body_that_echoes_the_token_loses_it() {
        let token = Token::new("5e17d0c0ffee".into());
        let answer = |body: &'static str| Answer {
            operation: Operation::GetMessage,
            status: 200,
            headers: Default::default(),
            body: body.into(),
        };
        assert_eq!(token.clean(&answer(r#"{"path":"/x/5e17d0c0ffee"}"#)).text(), r#"{"path":"/x/…"}"#);
        let plain = answer(r#"{"path":"/x"}"#);
        assert!(matches!(token.clean(&plain), Cleaned::Same(_)));
    }

    #[test]
    fn a_token_that_could_change_the_path_is_not_sound() {
        for bad in ["", ".", "..", "a/b", "a b", "a\r\nb", "a%2fb", "a?b", "ключ"] {
            assert!(!Token::new(bad.into()).is_sound(), "{bad:?}");
        }
        assert!(Token::new("5e17d0c0ffee".into()).is_sound());
    }
}
