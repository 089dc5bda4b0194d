use reqwest::Upgraded;
use reqwest::header::HeaderMap;
use tracing::Instrument;

use super::send::{clone_request, failed};
use super::tries::Tries;
use super::{Call, Transport, by_status};
use crate::{Error, ErrorKind, Result};

impl Transport {
    /// Sends a call that asks for another protocol, as for a websocket, and gives the connection once the gateway
    /// switches to it (101), with the headers of that answer. Its own headers are to ask for the protocol.
    ///
    /// # Errors
    /// Those of a read; `NotAGateway` where it is answered like an ordinary request.
    pub async fn upgrade(&self, call: Call) -> Result<(HeaderMap, Upgraded)> {
        let request = self.prepare(&call)?;
        let mut tries = Tries::new(self, &call);
        loop {
            let (permit, time, span) = tries.begin().await?;
            let copy = clone_request(&request, &call);
            let response = self.first_byte(&call, copy, time).instrument(span).await;
            drop(permit);
            let error = match response {
                Ok(response) if response.status().as_u16() == 101 => {
                    let headers = response.headers().clone();
                    match response.upgrade().await {
                        Ok(connection) => return Ok(tries.succeeded((headers, connection))),
                        Err(error) => failed(call.operation, error),
                    }
                }
                Ok(response) if response.status().is_success() => {
                    Error::new(ErrorKind::NotAGateway, call.operation)
                        .with_status(response.status().as_u16())
                        .with_message("what answered doesn't speak the protocol it was asked to switch to")
                }
                Ok(response) => match self.read_body(call.operation, response).await {
                    Ok(answer) => self.inner.funnel.classify(&answer).unwrap_or_else(|| by_status(&answer)),
                    Err(error) => error,
                },
                Err(error) => error,
            };
            tries.failed(error.with_operation(call.operation)).await?;
        }
    }
}
