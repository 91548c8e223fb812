//! A connection's life: which phase it is in, since when, and until when that may last.
//!
//! Time belongs to phases, not to reads: a byte a second does not prolong a head, and a response that nobody reads ends
//! with its exchange. Whoever needs the slot asks a connection to close here. It knows neither sockets nor HTTP.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

/// How long each phase of a connection may last.
#[derive(Debug, Clone, Copy)]
pub struct Deadlines {
    /// From the accept to the end of the TLS handshake.
    pub handshake: Duration,
    /// Between requests, and before the first one.
    pub idle: Duration,
    /// From the first byte of a request's head to its last.
    pub head: Duration,
    /// From the end of the head to the last byte of the response, the request's body included.
    pub exchange: Duration,
    /// From our last byte until the client has closed, too.
    pub linger: Duration,
    /// From the order to stop until the connections still busy are cut.
    pub drain: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(10),
            idle: Duration::from_secs(60),
            head: Duration::from_secs(10),
            exchange: Duration::from_secs(60),
            linger: Duration::from_secs(2),
            drain: Duration::from_secs(10),
        }
    }
}

/// Where a connection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Accepted; the TLS handshake is not finished.
    Handshake,
    /// No byte of a request has come since the handshake or the last response.
    Idle,
    /// A part of a request's head has come.
    Head,
    /// The head is complete; the response is not.
    Exchange,
    /// The response is made and being sent; the exchange's deadline goes on.
    Answered,
    /// We have closed our half and read on, so that a reset does not take the answer from the client.
    Linger,
    /// Chosen to make room, or told to stop: nothing more is read.
    Closing,
}

impl Phase {
    /// The order of giving up slots: those who wait for nothing first, half a head next, a request never.
    fn rank(self) -> Option<u8> {
        match self {
            Self::Handshake | Self::Idle | Self::Linger => Some(0),
            Self::Head => Some(1),
            Self::Exchange | Self::Answered | Self::Closing => None,
        }
    }

    fn lasts(self, deadlines: &Deadlines) -> Duration {
        match self {
            Self::Handshake => deadlines.handshake,
            Self::Idle => deadlines.idle,
            Self::Head => deadlines.head,
            Self::Exchange | Self::Answered => deadlines.exchange,
            Self::Linger | Self::Closing => deadlines.linger,
        }
    }
}

/// Why a connection's work was cut short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Cut {
    /// The phase's deadline is over.
    #[error("{0:?} took too long")]
    Late(Phase),
    /// The slot is wanted, or the server stops.
    #[error("asked to close")]
    Asked,
}

/// The shared state of one connection.
#[derive(Debug)]
pub(super) struct Life {
    now: Mutex<(Phase, Instant)>,
    close: Notify,
    loosened: Arc<Notify>,
}

impl Life {
    /// A connection just accepted; `loosened` is told when it becomes one that can be given up.
    pub(super) fn new(loosened: Arc<Notify>) -> Self {
        Self { now: Mutex::new((Phase::Handshake, Instant::now())), close: Notify::new(), loosened }
    }

    pub(super) fn phase(&self) -> Phase {
        self.lock().0
    }

    /// Goes on to `phase`, unless the connection is closing. `Answered` keeps the exchange's start.
    pub(super) fn enter(&self, phase: Phase) {
        let mut now = self.lock();
        if now.0 == Phase::Closing {
            return;
        }
        let since = if phase == Phase::Answered { now.1 } else { Instant::now() };
        *now = (phase, since);
        drop(now);
        if phase.rank().is_some() {
            self.loosened.notify_one();
        }
    }

    /// Goes from `from` to `to`; does nothing in any other phase.
    pub(super) fn step(&self, from: Phase, to: Phase) {
        if self.phase() == from {
            self.enter(to);
        }
    }

    /// Since when the connection has been waiting for a request, if it is.
    pub(super) fn idle_since(&self) -> Option<Instant> {
        let (phase, since) = *self.lock();
        (phase == Phase::Idle).then_some(since)
    }

    /// How readily this connection is given up, lowest first; `None` while it serves a request.
    pub(super) fn expendable(&self) -> Option<(u8, Instant)> {
        let (phase, since) = *self.lock();
        phase.rank().map(|rank| (rank, since))
    }

    /// Closes a connection that serves no request; false when it does by now.
    pub(super) fn give_up(&self) -> bool {
        let mut now = self.lock();
        if now.0.rank().is_none() {
            return false;
        }
        *now = (Phase::Closing, Instant::now());
        drop(now);
        self.close.notify_one();
        true
    }

    /// The server stops: at once where no request is served, after the response otherwise.
    pub(super) fn finish(&self) {
        if !self.give_up() {
            self.close.notify_one();
        }
    }

    /// Runs `work` until it ends, its phase's deadline is over, or somebody asks the connection to close.
    ///
    /// # Errors
    /// [`Cut`] says which of the two it was.
    pub(super) async fn watch<F: Future>(&self, deadlines: &Deadlines, work: F) -> Result<F::Output, Cut> {
        let mut work = pin!(work);
        let mut asked = pin!(self.close.notified());
        let mut alarm = pin!(sleep_until(self.deadline(deadlines)));
        poll_fn(|cx| {
            if let Poll::Ready(output) = work.as_mut().poll(cx) {
                return Poll::Ready(Ok(output));
            }
            if asked.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Err(Cut::Asked));
            }
            // The alarm is put forward when it must ring sooner. One that rings too soon is put back then: most phases end
            // long before, and the timer has nothing to do with them.
            loop {
                let deadline = self.deadline(deadlines);
                if deadline < alarm.deadline() {
                    alarm.as_mut().reset(deadline);
                }
                if alarm.as_mut().poll(cx).is_pending() {
                    return Poll::Pending;
                }
                if deadline <= Instant::now() {
                    return Poll::Ready(Err(Cut::Late(self.phase())));
                }
                alarm.as_mut().reset(deadline);
            }
        })
        .await
    }

    fn deadline(&self, deadlines: &Deadlines) -> Instant {
        let (phase, since) = *self.lock();
        since + phase.lasts(deadlines)
    }

    fn lock(&self) -> MutexGuard<'_, (Phase, Instant)> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn life() -> Life {
        Life::new(Arc::new(Notify::new()))
    }

    #[test]
    fn a_request_in_progress_is_never_given_up() {
        let life = life();
        for phase in [Phase::Exchange, Phase::Answered] {
            life.enter(phase);
            assert!(life.expendable().is_none() && !life.give_up(), "{phase:?}");
        }
        life.enter(Phase::Idle);
        assert!(life.give_up());
    }

    #[test]
    fn a_closing_connection_never_comes_back_to_life() {
        let life = life();
        assert!(life.give_up());
        life.enter(Phase::Exchange);
        assert_eq!(life.phase(), Phase::Closing);
    }

    #[test]
    fn sending_the_answer_does_not_prolong_the_exchange() {
        let life = life();
        life.enter(Phase::Exchange);
        let before = life.deadline(&Deadlines::default());
        life.enter(Phase::Answered);
        assert_eq!(life.deadline(&Deadlines::default()), before);
    }

    #[tokio::test]
    async fn work_that_outlasts_its_phase_is_cut() {
        let life = life();
        let deadlines = Deadlines { head: Duration::from_millis(5), ..Deadlines::default() };
        life.enter(Phase::Head);
        assert_eq!(life.watch(&deadlines, std::future::pending::<()>()).await, Err(Cut::Late(Phase::Head)));
    }
}
