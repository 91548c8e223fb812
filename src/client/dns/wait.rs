//! Waits until a CA can see the records: all servers of their zones show them.

use super::{DnsError, Place, Shown, Updater, shown};
use crate::error::ClientError;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(500);

/// A record that was added, and its value.
pub type Placed = (Place, String);

impl Updater {
    /// Waits at most `patience` for all of them. Servers of the zone that do not answer, or do not have it, are not waited for,
    /// but for the one of the settings: what this network cannot reach, the CA may.
    ///
    /// # Errors
    /// [`ClientError::Cancelled`] where `is_cancelled` says so; else what the first of the servers shows instead.
    pub fn wait(&self, all: &[Placed], patience: Duration, is_cancelled: &dyn Fn() -> bool) -> Result<(), ClientError> {
        let until = Instant::now() + patience;
        for (place, value) in all {
            let mut left = self.servers(place)?;
            loop {
                let mut why = None;
                left.retain(|server| match self.missing(*server, place, value) {
                    Some(error) => {
                        why.get_or_insert(error);
                        true
                    }
                    None => false,
                });
                let Some(why) = why else { break };
                if is_cancelled() {
                    return Err(ClientError::Cancelled);
                }
                if Instant::now() >= until {
                    return Err(why.into());
                }
                std::thread::sleep(PAUSE);
            }
        }
        Ok(())
    }

    /// Why this server has to be waited for.
    fn missing(&self, server: SocketAddr, place: &Place, value: &str) -> Option<DnsError> {
        let name = place.owner.clone();
        match shown(server, place, value) {
            Ok(Shown::Yes) => None,
            Ok(Shown::Nothing) => Some(DnsError::NotShown { server, name }),
            Ok(Shown::Others) => Some(DnsError::OldShown { server, name }),
            Ok(Shown::NotItsZone) => (server == self.server).then_some(DnsError::NotAuthoritative(name)),
            Err(error) => (server == self.server).then_some(error),
        }
    }
}

impl From<DnsError> for ClientError {
    fn from(error: DnsError) -> Self {
        Self::Told(Box::new(error.failure()))
    }
}
