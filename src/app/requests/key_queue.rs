//! Keys made ahead of time: started when step 2 is accepted, so that Save finds them ready.
//!
//! Only RSA keys take long enough to be worth it. One is made at a time, by one thread of low priority that lives while
//! there is something to do or to keep. A performance path only: without it Save makes its key itself. A key is given
//! out once, lives for minutes, and is zeroized when it is dropped.

use crate::AppError;
use signet_domain::draft::DraftId;
use signet_domain::key_spec::{Digest, KeySpec, RsaBits};
use signet_domain::name::CsrName;
use signet_pki::generate::generate;
use signet_pki::key_error::KeyError;
use signet_pki::private_key::PrivateKey;
use signet_pki::sign::try_out;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Drafts that keys are made or kept for.
const MOST: usize = 4;
/// How long a key, or the end of a Save that waited for one, is kept.
const LIFE: Duration = Duration::from_secs(20 * 60);

/// The length of an RSA key: what is made ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slow(RsaBits);

impl Slow {
    /// The key of `spec`, if it takes long.
    pub fn of(spec: KeySpec) -> Option<Self> {
        match spec {
            KeySpec::Rsa(bits, _) => Some(Self(bits)),
            KeySpec::Ec(..) | KeySpec::Ed25519 | KeySpec::MlDsa(_) => None,
        }
    }

    /// Such as `RSA 4096`.
    pub fn label(self) -> String {
        format!("RSA {}", self.0.value())
    }

    fn make(self) -> Result<PrivateKey, KeyError> {
        // The digest is the signature's, not the key's.
        let key = generate(KeySpec::Rsa(self.0, Digest::Sha256))?;
        try_out(&key).map_err(|_| KeyError::Inconsistent)?;
        Ok(key)
    }
}

/// What a Save does once its key is there.
pub type Then = Box<dyn FnOnce(Result<PrivateKey, KeyError>) -> Result<CsrName, AppError> + Send>;

/// How far a draft's key is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// It is being made, or waits for its turn, for a Save that waits for it.
    Making {
        /// What is made.
        label: String,
        /// Since when.
        since: Instant,
    },
    /// The Save that waited for it has ended: it is kept, or was refused.
    Ended,
    /// Nothing waits for a key of this draft.
    Nothing,
}

enum Stage {
    Waiting,
    Making,
    Ready(Result<PrivateKey, KeyError>),
    Ended(Result<CsrName, AppError>),
}

struct Job {
    draft: DraftId,
    slow: Slow,
    began: Instant,
    stage: Stage,
    then: Option<Then>,
}

/// The queue.
#[derive(Clone, Default)]
pub struct KeyQueue(Arc<Inner>);

#[derive(Default)]
struct Inner {
    jobs: Mutex<Jobs>,
    changed: Condvar,
}

#[derive(Default)]
struct Jobs {
    list: Vec<Job>,
    has_worker: bool,
}

impl std::fmt::Debug for KeyQueue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeyQueue(..)")
    }
}

impl KeyQueue {
    /// Begins a key for the draft; what was begun for other answers of it is given up.
    pub fn begin(&self, draft: &DraftId, slow: Slow, now: Instant) {
        let mut jobs = self.0.lock();
        if jobs.find(draft).is_some_and(|job| job.slow == slow || job.then.is_some()) {
            return;
        }
        jobs.add(Job { draft: draft.clone(), slow, began: now, stage: Stage::Waiting, then: None });
        self.spawn_worker(jobs);
    }

    /// Gives up what was begun for the draft, unless a Save waits for it.
    pub fn give_up(&self, draft: &DraftId) {
        self.0.lock().list.retain(|job| job.draft != *draft || job.then.is_some());
    }

    /// The draft's key, once it is ready; waits for at most `patience` when it is being made.
    pub fn take(&self, draft: &DraftId, slow: Slow, patience: Duration) -> Option<PrivateKey> {
        let until = Instant::now() + patience;
        let mut jobs = self.0.lock();
        loop {
            let at = jobs.list.iter().position(|job| job.draft == *draft && job.slow == slow && job.then.is_none())?;
            if matches!(jobs.list.get(at)?.stage, Stage::Ready(_)) {
                let Stage::Ready(key) = jobs.list.remove(at).stage else { return None };
                return key.ok();
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return None;
            }
            jobs = self.0.changed.wait_timeout(jobs, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Does `then` as soon as the draft's key is there, whether or not anybody still looks; once a draft.
    pub fn when_ready(&self, draft: &DraftId, slow: Slow, now: Instant, then: Then) {
        let mut jobs = self.0.lock();
        match jobs.list.iter_mut().find(|job| job.draft == *draft && job.slow == slow) {
            Some(job) if job.then.is_some() => return,
            Some(Job { stage: Stage::Waiting | Stage::Making, then: waits, began, .. }) => {
                *waits = Some(then);
                *began = now;
            }
            _ => jobs.add(Job { draft: draft.clone(), slow, began: now, stage: Stage::Waiting, then: Some(then) }),
        }
        self.spawn_worker(jobs);
    }

    /// How far the draft's Save is.
    pub fn progress(&self, draft: &DraftId) -> Progress {
        match self.0.lock().find(draft) {
            Some(Job { stage: Stage::Ended(_), .. }) => Progress::Ended,
            Some(Job { then: Some(_), slow, began, .. }) => Progress::Making { label: slow.label(), since: *began },
            // The worker has taken the Save over and is at it.
            Some(Job { stage: Stage::Making, slow, began, .. }) => {
                Progress::Making { label: slow.label(), since: *began }
            }
            _ => Progress::Nothing,
        }
    }

    /// How the draft's Save has ended; given once.
    pub fn ended(&self, draft: &DraftId) -> Option<Result<CsrName, AppError>> {
        let mut jobs = self.0.lock();
        let at = jobs.list.iter().position(|job| job.draft == *draft && matches!(job.stage, Stage::Ended(_)))?;
        match jobs.list.remove(at).stage {
            Stage::Ended(outcome) => Some(outcome),
            _ => None,
        }
    }

    fn spawn_worker(&self, mut jobs: MutexGuard<'_, Jobs>) {
        if std::mem::replace(&mut jobs.has_worker, true) {
            self.0.changed.notify_all();
            return;
        }
        drop(jobs);
        let inner = Arc::clone(&self.0);
        let spawned = std::thread::Builder::new().name("key queue".to_owned()).spawn(move || inner.work());
        if let Err(error) = spawned {
            tracing::warn!(%error, "keys cannot be made ahead");
            self.0.lock().has_worker = false;
        }
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, Jobs> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) {
        // Of this thread alone, on Linux: pages and handshakes go first.
        let _ = rustix::process::setpriority_process(None, 10);
        let mut jobs = self.lock();
        loop {
            jobs.forget(Instant::now());
            if let Some(job) = jobs.list.iter_mut().find(|job| matches!(job.stage, Stage::Waiting)) {
                job.stage = Stage::Making;
                let (draft, slow) = (job.draft.clone(), job.slow);
                drop(jobs);
                let key = slow.make();
                jobs = self.finish(&draft, slow, key);
            } else if jobs.list.is_empty() {
                jobs.has_worker = false;
                return;
            } else {
                let kept = self.changed.wait_timeout(jobs, LIFE / 4);
                jobs = kept.unwrap_or_else(PoisonError::into_inner).0;
            }
        }
    }

    /// Keeps the key, or gives it to the Save that waits; nothing when the draft has other answers by now.
    fn finish(&self, draft: &DraftId, slow: Slow, key: Result<PrivateKey, KeyError>) -> MutexGuard<'_, Jobs> {
        let mut jobs = self.lock();
        let making = |job: &&mut Job| job.draft == *draft && job.slow == slow && matches!(job.stage, Stage::Making);
        let Some(job) = jobs.list.iter_mut().find(making) else { return jobs };
        let Some(then) = job.then.take() else {
            job.stage = Stage::Ready(key);
            job.began = Instant::now();
            self.changed.notify_all();
            return jobs;
        };
        drop(jobs);
        let outcome = then(key);
        let mut jobs = self.lock();
        if let Some(job) = jobs.list.iter_mut().find(making) {
            job.stage = Stage::Ended(outcome);
            job.began = Instant::now();
        }
        self.changed.notify_all();
        jobs
    }
}

impl Jobs {
    fn find(&self, draft: &DraftId) -> Option<&Job> {
        self.list.iter().find(|job| job.draft == *draft)
    }

    fn add(&mut self, job: Job) {
        self.list.retain(|other| other.draft != job.draft);
        if self.list.len() >= MOST {
            let idle = self.list.iter().position(|other| other.then.is_none() && !matches!(other.stage, Stage::Making));
            idle.map(|at| self.list.remove(at));
        }
        self.list.push(job);
    }

    fn forget(&mut self, now: Instant) {
        self.list.retain(|job| match job.stage {
            Stage::Waiting | Stage::Making => true,
            Stage::Ready(_) | Stage::Ended(_) => now.saturating_duration_since(job.began) < LIFE,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    const QUICK: Slow = Slow(RsaBits::B1024);
    const LONG: Duration = Duration::from_secs(60);

    fn draft(byte: u8) -> DraftId {
        DraftId::from_bytes([byte; 16])
    }

    #[test]
    fn a_key_is_ready_once_and_given_out_once() {
        let queue = KeyQueue::default();
        queue.begin(&draft(1), QUICK, Instant::now());
        assert!(queue.take(&draft(1), QUICK, LONG).is_some());
        assert!(queue.take(&draft(1), QUICK, Duration::ZERO).is_none());
    }

    #[test]
    fn other_answers_and_other_drafts_get_no_key() {
        let queue = KeyQueue::default();
        queue.begin(&draft(1), QUICK, Instant::now());
        assert!(queue.take(&draft(1), Slow(RsaBits::B2048), Duration::ZERO).is_none());
        assert!(queue.take(&draft(2), QUICK, Duration::ZERO).is_none());
        queue.begin(&draft(1), Slow(RsaBits::B2048), Instant::now());
        assert!(queue.take(&draft(1), QUICK, Duration::ZERO).is_none(), "given up for the longer one");
        assert!(queue.take(&draft(1), Slow(RsaBits::B2048), LONG).is_some());
    }

    #[test]
    fn a_save_that_waits_is_done_once_and_its_end_is_told_once() {
        let queue = KeyQueue::default();
        let ((send, done), (open, gate), (begin, begun)) = (mpsc::channel(), mpsc::channel(), mpsc::channel());
        let mut first = Some((begin, gate));
        for number in 0..3 {
            let (send, first) = (send.clone(), first.take());
            let then: Then = Box::new(move |key| {
                // The first Save is not over before the last one is asked for.
                if let Some((begin, gate)) = first {
                    begin.send(()).unwrap();
                    let () = gate.recv_timeout(LONG).unwrap();
                }
                send.send(key.is_ok()).unwrap();
                Ok(CsrName::parse("kept").unwrap())
            });
            // One is asked for at once, one while the first is at it.
            if number == 2 {
                begun.recv_timeout(LONG).unwrap();
            }
            queue.when_ready(&draft(1), QUICK, Instant::now(), then);
        }
        drop(send);
        open.send(()).unwrap();
        assert_eq!(done.recv_timeout(LONG), Ok(true));
        let mut jobs = queue.0.lock();
        while !jobs.find(&draft(1)).is_some_and(|job| matches!(job.stage, Stage::Ended(_))) {
            let (kept, waited) = queue.0.changed.wait_timeout(jobs, LONG).unwrap();
            assert!(!waited.timed_out(), "the Save does not end");
            jobs = kept;
        }
        drop(jobs);
        assert_eq!(queue.progress(&draft(1)), Progress::Ended);
        assert!(queue.ended(&draft(1)).unwrap().is_ok());
        assert!(queue.ended(&draft(1)).is_none());
        // Nobody is left who could do it again.
        assert_eq!(done.recv_timeout(LONG), Err(mpsc::RecvTimeoutError::Disconnected));
    }

    #[test]
    fn drafts_are_bounded() {
        let queue = KeyQueue::default();
        (0..20).for_each(|byte| queue.begin(&draft(byte), QUICK, Instant::now()));
        assert!(queue.0.lock().list.len() <= MOST + 1);
        assert!(queue.take(&draft(19), QUICK, LONG).is_some(), "the newest one is made");
    }
}
