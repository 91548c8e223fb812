//! Where a request is on its way from made to used, and the one step that is next.
//!
//! Knows the four steps and their order. What a certificate says is in `summary`.

use crate::web::messages::progress as say;
use crate::web::status::Status;
use crate::web::uses::Uses;
use jiff::Timestamp;
use signet_app::enroll::Status as OrderStatus;
use signet_app::requests::content::Content;
use signet_app::requests::lineage::{Relatives, Successor};
use signet_app::validity::Validity;
use signet_domain::record::Origin;
use signet_domain::time::date;

/// The line of steps, and what is next.
#[derive(Debug, Clone)]
pub(super) struct Progress {
    /// Created, Sent to the CA, Certificate, In use.
    pub steps: [Step; 4],
    /// What is next, or that nothing is.
    pub next: Next,
}

/// One step of the line.
#[derive(Debug, Clone)]
pub(super) struct Step {
    /// Its name.
    pub title: &'static str,
    /// When, or what is missing.
    pub note: String,
    /// `done`, `now` for the next one, else empty. A request that is replaced has no next one.
    pub state: &'static str,
}

/// The next step.
#[derive(Debug, Clone)]
pub(super) struct Next {
    /// What to do.
    pub what: String,
    /// What it means.
    pub how: String,
    /// Links; the first is the filled one.
    pub links: Vec<Link>,
    /// The button that renews is the filled one.
    pub renew: bool,
}

/// A button that leads to a page or a download.
#[derive(Debug, Clone)]
pub(super) struct Link {
    /// Below the request's own path, or from `/` on.
    pub path: String,
    /// Its text.
    pub label: String,
    /// Whether it is filled.
    pub filled: bool,
}

/// What is known of the request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'a> {
    /// What it holds.
    pub content: &'a Content,
    /// What it replaces and is replaced by.
    pub relatives: &'a Relatives,
    /// Who uses its certificate.
    pub uses: &'a Uses,
    /// This console could use its certificate.
    pub fits: bool,
    /// It can be renewed here.
    pub renewable: bool,
    /// Where its order at a CA is, while it has no certificate.
    pub order: Option<&'a OrderStatus>,
    /// Seconds of a trial.
    pub trial: u32,
    /// The device's time.
    pub now: Timestamp,
}

impl Link {
    /// Where it leads, for the request of this name.
    pub(super) fn href(&self, name: &str) -> String {
        if self.path.starts_with('/') { self.path.clone() } else { format!("/csrs/{name}/{}", self.path) }
    }
}

const CHAIN: &str = "certificate/download?chain=on";

impl Progress {
    /// Of a request.
    pub(super) fn of(known: Known<'_>) -> Self {
        Self { steps: steps(known), next: next(known) }
    }
}

fn steps(known: Known<'_>) -> [Step; 4] {
    let Known { content, relatives, uses, now, .. } = known;
    let record = &content.record;
    let is_answered = content.is_answered();
    let is_replaced = relatives.superseded_by.is_some();
    let is_due = !is_replaced && content.validity().is_some_and(|validity| validity.is_due(now));
    let place = match record.origin {
        Origin::Created => "on this device",
        Origin::Imported => "imported",
        Origin::Factory => "in the factory",
    };
    let used = uses.sentence();
    let said = || {
        let mut text = Status::of(content.validity(), now).text;
        // Within a line of notes, not at its beginning.
        if let Some(first) = text.get_mut(..1) {
            first.make_ascii_lowercase();
        }
        text
    };
    let certificate = match (is_answered, record.answered) {
        (false, _) => "none yet".to_owned(),
        // What is due says so itself, and what has no day on which it was added.
        (true, _) if is_due => said(),
        (true, None) => said(),
        (true, Some(added)) => format!("added {}", date(added)),
    };
    let in_use = match () {
        () if uses.trial => "on trial".to_owned(),
        () if !used.is_empty() => used.clone(),
        () if is_replaced => String::new(),
        () => "nowhere yet".to_owned(),
    };
    let done = |is_done: bool, is_now: bool| match () {
        () if is_done => "done",
        () if is_now => "now",
        () => "",
    };
    [
        Step { title: "Created", note: format!("{}, {place}", date(record.created)), state: "done" },
        Step {
            title: "Sent to the CA",
            note: match () {
                () if is_answered => "done".to_owned(),
                () if is_replaced => String::new(),
                () => {
                    open(known).map_or("your next step".to_owned(), |order| say::ordered_at(&order.order().authority))
                }
            },
            state: done(is_answered, !is_replaced),
        },
        Step { title: "Certificate", note: certificate, state: done(is_answered && !is_due, is_due) },
        Step { title: "In use", note: in_use, state: done(!used.is_empty(), is_answered && !is_due && !is_replaced) },
    ]
}

fn next(known: Known<'_>) -> Next {
    let Known { content, relatives, uses, .. } = known;
    let renewal = relatives.superseded_by.as_ref();
    match (renewal, content.is_answered()) {
        (Some(renewal), is_answered) => replaced(renewal, is_answered),
        (None, false) => known.order.map_or_else(send, ordered),
        (None, true) => match content.validity() {
            _ if uses.trial => tried(known),
            Some(validity) if validity.is_due(known.now) => renew(known, validity),
            _ if uses.sentence().is_empty() => put_to_use(known),
            validity => done(known, validity),
        },
    }
}

/// The order that is under way.
fn open(known: Known<'_>) -> Option<&OrderStatus> {
    known.order.filter(|order| !matches!(order, OrderStatus::Ended(_)))
}

/// It is ordered at a CA: where that is, or why it failed.
fn ordered(status: &OrderStatus) -> Next {
    let order = status.order();
    match (&order.failure, status) {
        (Some(failure), OrderStatus::Ended(_)) => {
            let mut next = send();
            next.how = say::order_failed(&order.authority, &failure.what);
            next
        }
        (failure, _) => Next {
            what: say::being_ordered(&order.authority),
            how: match failure {
                Some(failure) => say::tried_again(&failure.what),
                None => say::BEING_ORDERED_HOW.to_owned(),
            },
            links: vec![filled("enroll", "See the order")],
            renew: false,
        },
    }
}

fn send() -> Next {
    Next {
        what: say::SEND.to_owned(),
        how: say::SEND_HOW.to_owned(),
        links: vec![
            filled("download", "Download request"),
            quiet("certificate", "Add certificate…"),
            quiet("enroll", "Order from a CA…"),
        ],
        renew: false,
    }
}

fn replaced(renewal: &Successor, is_answered: bool) -> Next {
    let name = &renewal.name;
    let (what, how) = match (renewal.answered, is_answered) {
        (true, _) => (say::replaced(name.as_str()), say::REPLACED_HOW),
        (false, true) => (say::to_be_replaced(name.as_str()), say::TO_BE_REPLACED_HOW),
        (false, false) => (say::replaced_unsent(name.as_str()), say::REPLACED_UNSENT_HOW),
    };
    let mut links = vec![filled(&format!("/csrs/{name}"), &format!("Open {name}"))];
    links.push(if is_answered { quiet(CHAIN, DOWNLOAD) } else { quiet("download", "Download request") });
    Next { what, how: how.to_owned(), links, renew: false }
}

fn tried(known: Known<'_>) -> Next {
    Next {
        what: say::ON_TRIAL.to_owned(),
        how: say::on_trial_how(known.trial),
        // The filled button is the banner's.
        links: vec![quiet(CHAIN, DOWNLOAD)],
        renew: false,
    }
}

fn renew(known: Known<'_>, validity: Validity) -> Next {
    let status = Status::of(Some(validity), known.now).text;
    let how = if known.renewable { say::renew_how(&status) } else { say::import_again_how(&status) };
    let mut links = vec![quiet(CHAIN, DOWNLOAD)];
    if !known.renewable {
        links.insert(0, filled("/wizard", "Add request"));
    }
    Next { what: say::RENEW.to_owned(), how, links, renew: known.renewable }
}

fn put_to_use(known: Known<'_>) -> Next {
    let Known { uses, fits, .. } = known;
    let download = |is_filled| if is_filled { filled(CHAIN, DOWNLOAD) } else { quiet(CHAIN, DOWNLOAD) };
    let (how, mut links) = if fits {
        (say::try_how(known.trial), vec![filled("try", "Use for this console…")])
    } else {
        (say::DOWNLOAD_HOW.to_owned(), vec![])
    };
    if uses.is_allowed {
        links.push(quiet("deploy", "Other services…"));
    } else if uses.is_offered {
        let label = "Hand to other services…";
        links.push(if links.is_empty() { filled("deploy", label) } else { quiet("deploy", label) });
    }
    links.push(download(links.is_empty()));
    Next { what: say::PUT_TO_USE.to_owned(), how, links, renew: false }
}

const DOWNLOAD: &str = "Download certificate and chain";

fn done(known: Known<'_>, validity: Option<Validity>) -> Next {
    let Known { uses, fits, .. } = known;
    let until = validity.filter(|validity| validity.ends != Timestamp::MAX);
    let how = until.map_or_else(String::new, |validity| say::in_use_how(&date(validity.ends)));
    let mut links = Vec::new();
    if uses.is_offered || uses.is_allowed {
        links.push(quiet("deploy", "Other services…"));
    }
    if fits && !uses.console {
        links.push(quiet("try", "Use for this console…"));
    }
    links.push(quiet(CHAIN, DOWNLOAD));
    Next { what: say::in_use(&uses.sentence()), how, links, renew: false }
}

fn filled(path: &str, label: &str) -> Link {
    Link { path: path.to_owned(), label: label.to_owned(), filled: true }
}

fn quiet(path: &str, label: &str) -> Link {
    Link { filled: false, ..filled(path, label) }
}
