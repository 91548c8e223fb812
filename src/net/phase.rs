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

/// A connection so young has not had the time to be slow.
const YOUNG: Duration = Duration::from_millis(300);

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
    /// Within the exchange, since the socket last accepted a byte of an unfinished response.
    pub stall: Duration,
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
            stall: Duration::from_secs(10),
            linger: Duration::from_secs(2),
            drain: Duration::from_secs(10),
        }
    }
}

/// The state of a connection.
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
    /// The request is with us: its visitor can neither speed it up nor slow it down. The exchange's deadline goes on.
    Working,
    /// The response is made and being sent; the exchange's deadline goes on.
    Answered,
    /// We have closed our half and read on, so that a reset does not lose the response for the client.
    Linger,
    /// Chosen to make room, or asked to stop: nothing more is read.
    Closing,
    /// Its memory is needed: it ends at once.
    Cut,
}

impl Phase {
    /// The order of giving up slots: those who wait for nothing first, half a head next, a request never.
    fn rank(self) -> Option<u8> {
        match self {
            Self::Handshake | Self::Idle | Self::Linger => Some(0),
            Self::Head => Some(1),
            Self::Exchange | Self::Working | Self::Answered | Self::Closing | Self::Cut => None,
        }
    }

    fn lasts(self, deadlines: &Deadlines) -> Duration {
        match self {
            Self::Handshake => deadlines.handshake,
            Self::Idle => deadlines.idle,
            Self::Head => deadlines.head,
            Self::Exchange | Self::Working | Self::Answered => deadlines.exchange,
            Self::Linger | Self::Closing | Self::Cut => deadlines.linger,
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
    /// Its memory is wanted.
    #[error("cut: the memory for visitors is used up, and this one was the slowest")]
    Memory,
}

/// The shared state of one connection.
#[derive(Debug)]
pub(super) struct Life {
    born: Instant,
    now: Mutex<Now>,
    close: Notify,
    loosened: Arc<Notify>,
}

#[derive(Debug)]
struct Now {
    phase: Phase,
    /// When it was entered.
    entered: Instant,
    /// From when its deadline counts.
    since: Instant,
    /// Bytes that the socket gave or took in this phase, and when it last did.
    moved: usize,
    progress: Instant,
}

impl Now {
    fn new(phase: Phase) -> Self {
        let now = Instant::now();
        Self { phase, entered: now, since: now, moved: 0, progress: now }
    }

    fn is_ending(&self) -> bool {
        matches!(self.phase, Phase::Closing | Phase::Cut)
    }
}

impl Life {
    /// A connection just accepted; `loosened` is notified when it becomes one that can be given up.
    pub(super) fn new(loosened: Arc<Notify>) -> Self {
        Self { born: Instant::now(), now: Mutex::new(Now::new(Phase::Handshake)), close: Notify::new(), loosened }
    }

    pub(super) fn phase(&self) -> Phase {
        self.lock().phase
    }

    /// True for a connection that is leaving: asked to close, or cut.
    pub(super) fn is_ending(&self) -> bool {
        self.lock().is_ending()
    }

    /// Goes on to `phase`, unless the connection is closing. `Working` and `Answered` keep the exchange's start.
    pub(super) fn enter(&self, phase: Phase) {
        let mut now = self.lock();
        if now.is_ending() {
            return;
        }
        let since = now.since;
        *now = Now::new(phase);
        if matches!(phase, Phase::Working | Phase::Answered) {
            now.since = since;
        }
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

    /// The request has come whole.
    pub(super) fn working(&self) {
        self.step(Phase::Exchange, Phase::Working);
    }

    /// The socket gave or took so many bytes.
    pub(super) fn moved(&self, bytes: usize) {
        let mut now = self.lock();
        now.moved = now.moved.saturating_add(bytes);
        now.progress = Instant::now();
    }

    /// True for one that was accepted a moment ago.
    pub(super) fn is_young(&self, at: Instant) -> bool {
        at.saturating_duration_since(self.born) < YOUNG
    }

    /// Microseconds in this phase for each KiB that moved in it; `None` while the visitor is not what it waits for, and when it
    /// ends anyway.
    pub(super) fn slowness(&self, at: Instant) -> Option<u128> {
        let now = self.lock();
        if now.is_ending() || now.phase == Phase::Working {
            return None;
        }
        Some(at.saturating_duration_since(now.entered).as_micros() * 1024 / (now.moved as u128 + 1024))
    }

    /// Since when the connection has been waiting for a request, if it is.
    pub(super) fn idle_since(&self) -> Option<Instant> {
        let now = self.lock();
        (now.phase == Phase::Idle).then_some(now.since)
    }

    /// How readily this connection is given up, lowest first; `None` while it serves a request.
    pub(super) fn expendable(&self) -> Option<(u8, Instant)> {
        let now = self.lock();
        now.phase.rank().map(|rank| (rank, now.since))
    }

    /// Closes a connection that serves no request; false when it does by now.
    pub(super) fn give_up(&self) -> bool {
        let mut now = self.lock();
        if now.phase.rank().is_none() {
            return false;
        }
        *now = Now::new(Phase::Closing);
        drop(now);
        self.close.notify_one();
        true
    }

    /// Ends the connection at once, whatever it does: its memory is needed.
    pub(super) fn cut(&self) {
        *self.lock() = Now::new(Phase::Cut);
        self.close.notify_one();
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
                return Poll::Ready(Err(if self.phase() == Phase::Cut { Cut::Memory } else { Cut::Asked }));
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
        let now = self.lock();
        let end = now.since + now.phase.lasts(deadlines);
        if now.phase == Phase::Answered { end.min(now.progress + deadlines.stall) } else { end }
    }

    fn lock(&self) -> MutexGuard<'_, Now> {
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
        for phase in [Phase::Exchange, Phase::Working, Phase::Answered] {
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
        let deadlines = Deadlines { stall: Duration::from_secs(600), ..Deadlines::default() };
        let before = life.deadline(&deadlines);
        life.enter(Phase::Working);
        assert_eq!(life.deadline(&deadlines), before);
        life.enter(Phase::Answered);
        assert_eq!(life.deadline(&deadlines), before);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_nobody_reads_is_cut_long_before_one_that_is_read_slowly() {
        let (life, deadlines) = (life(), Deadlines::default());
        life.enter(Phase::Exchange);
        life.enter(Phase::Answered);
        for _ in 0..5 {
            tokio::time::advance(Duration::from_secs(9)).await;
            life.moved(1);
            assert!(life.deadline(&deadlines) > Instant::now() + Duration::from_secs(9));
        }
        tokio::time::advance(Duration::from_secs(10)).await;
        assert!(life.deadline(&deadlines) <= Instant::now());
    }

    #[tokio::test]
    async fn work_that_outlasts_its_phase_is_cut() {
        let life = life();
        let deadlines = Deadlines { head: Duration::from_millis(5), ..Deadlines::default() };
        life.enter(Phase::Head);
        assert_eq!(life.watch(&deadlines, std::future::pending::<()>()).await, Err(Cut::Late(Phase::Head)));
    }
}
