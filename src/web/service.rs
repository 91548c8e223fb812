//! From a request to an answer: the head's checks, the body within its bounds, the gate, the page, one envelope.
//!
//! Each page is rendered for its request, on a thread of its own, detached: a closed tab cannot cancel a Save half-way, and
//! a page that waits for the disk holds up no connection.

use super::cookies::Cookies;
use super::error::WebError;
use super::form::{Fields, RawForm};
use super::health::is_local;
use super::messages::forms as say;
use super::pages::{self, Notice};
use super::reply::{self, Outcome, Reply, see_other, with};
use super::request_context::{Arrival, RequestContext};
use super::router::Route;
use super::site::Site;
use super::{Web, assets, body, compress, headers, look, multipart, wizard};
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::{Body as _, Incoming};
use hyper::header::{CONNECTION, CONTENT_TYPE, HeaderValue, SET_COOKIE};
use hyper::http::request::Parts;
use hyper::{Method, Request, StatusCode};
use signet_app::check::State;
use signet_app::random;
use signet_app::requests::suggest::Entrance;
use signet_net::{Account, Answering, Handler, Peer, dressed};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

/// Bytes of a form from a visitor without a session, but for the login's: enough for what a login carries along.
const WITHOUT_SESSION: usize = 64 * 1024;
/// What drawing a page takes beside its form: the head's cookies and parameters, templates, compression.
const DRAWING: usize = 32 * 1024;
/// How much a form takes while its page is drawn, as a multiple of its bytes: decoded, checked, and escaped in the page.
const COPIES: usize = 8;

/// The console as the network's handler.
#[derive(Debug, Clone)]
pub struct Console(pub Arc<Web>);

impl Handler for Console {
    fn handle(self: Arc<Self>, request: Request<Incoming>, peer: Peer, account: Account) -> Answering {
        Box::pin(async move {
            let (parts, mut body) = request.into_parts();
            let head = parts.method == Method::HEAD;
            let web = &self.0;
            let site = web.sites.of(peer.proxied);
            let outcome = answer(web, site, &parts, &mut body, (peer, account)).await;
            let mut reply = outcome.unwrap_or_else(|error| site.place(failed(web, &error, None)));
            if head {
                *reply.body_mut() = Full::default();
            }
            // Where an unread body ends is not always beyond doubt; what follows it is never read as a request.
            if !body.is_end_stream() {
                reply.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            dressed(reply, headers::common())
        })
    }
}

/// What the blocking half needs of a request.
struct Arrived {
    method: Method,
    route: Route,
    arrival: Arrival,
    form: Option<Sent>,
    account: Account,
}

/// A form that was sent.
enum Sent {
    Whole(RawForm),
    /// Larger than what is kept of a visitor without a session: nothing of it is.
    Lost,
    /// Not taken. Its sender is logged in, so the error's page has the way to the other pages.
    Refused(WebError),
}

async fn answer(
    web: &Arc<Web>,
    site: &Site,
    parts: &Parts,
    body: &mut Incoming,
    (peer, account): (Peer, Account),
) -> Outcome {
    let path = site.own_path(parts.uri.path())?;
    // A path that does not exist still gets its page with the way back, which a visitor who is logged in has more of.
    let mut route = Route::parse(path).unwrap_or(Route::Nowhere);
    let head = headers::check_head(&parts.method, parts.version, &parts.headers, site);
    let wrong_method = || WebError::MethodNotAllowed { allow: route.allow() };
    let problem = head.err().or_else(|| (!route.takes(&parts.method)).then(wrong_method));
    match &route {
        Route::Healthz if problem.is_none() && asks_for_health(parts, &peer) => {
            let (web, now) = (Arc::clone(web), Instant::now());
            let looked = tokio::task::spawn_blocking(move || web.health.look(&web.services, now)).await;
            return Ok(match looked.ok().flatten() {
                Some(found) if found.state == State::Broken => {
                    reply::body(StatusCode::SERVICE_UNAVAILABLE, found.body, "application/json")
                }
                Some(found) => reply::body(StatusCode::OK, found.body, "application/json"),
                None => return Err(WebError::Overloaded),
            });
        }
        Route::Healthz if problem.is_none() => {
            return Ok(reply::body(StatusCode::OK, Bytes::from_static(b"ok\n"), "text/plain; charset=utf-8"));
        }
        Route::Static(name) if problem.is_none() => {
            match assets::get(look::current().files(), name, compress::takes_gzip(&parts.headers)) {
                Ok(file) => return Ok(file),
                Err(_) => route = Route::Nowhere,
            }
        }
        _ => {}
    }
    let (cookies, now) = (Cookies::of(&parts.headers), Instant::now());
    // From here on what is held is the owner's, if the session is; whether that session still counts is asked below.
    let known = site.session(&cookies).is_some_and(|cookie| web.sessions.is_live(cookie, now));
    account.recognise(known);
    let form = match problem {
        Some(problem) => Some(Err(problem)),
        None if parts.method == Method::POST && route != Route::Nowhere => {
            Some(read_form(parts, body, &route, known || route.is_public(), &account).await)
        }
        None => None,
    };
    let form = match form {
        Some(Err(error)) if known => Some(Sent::Refused(error)),
        form => form.transpose()?,
    };
    let length = if matches!(form, Some(Sent::Whole(_))) { body::length(parts)? } else { 0 };
    account.take_soon(DRAWING + COPIES * length).await.map_err(|_| WebError::Overloaded)?;
    account.working();
    let arrived = Arrived {
        method: parts.method.clone(),
        route,
        arrival: Arrival {
            target: parts.uri.query().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}")),
            cookies,
            address: peer.remote,
            entrance: Entrance {
                address: peer.local.map(|local| local.ip()),
                host: site.host().unwrap_or_else(|| headers::host(&parts.headers)).to_owned(),
            },
            handshake: peer.handshake,
            proxied: peer.proxied,
            now,
        },
        form,
        account,
    };
    let small = compress::may_compress(&parts.headers);
    // Forms may wait for a key or the disk, and a crowd of strangers would make others wait: neither takes a turn.
    let _turn = if known && arrived.form.is_none() { web.turns.turn().await } else { None };
    let inner = Arc::clone(web);
    let replied = tokio::task::spawn_blocking(move || respond(&inner, arrived, small)).await;
    match replied {
        Ok(reply) => Ok(reply),
        Err(error) => {
            let reference = reference();
            tracing::error!(%reference, %error, "a page ended by a defect");
            let text = format!("{} Reference for support: {reference}\n", say::DEFECT);
            Ok(reply::body(StatusCode::INTERNAL_SERVER_ERROR, text.into(), "text/plain; charset=utf-8"))
        }
    }
}

/// `/healthz?full`, by who is on this device.
fn asks_for_health(parts: &Parts, peer: &Peer) -> bool {
    parts.uri.query() == Some("full") && is_local(peer, &parts.headers)
}

async fn read_form(
    parts: &Parts,
    body: &mut Incoming,
    route: &Route,
    whole: bool,
    account: &Account,
) -> Result<Sent, WebError> {
    let content_type = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let limit = if whole { route.body_limit() } else { route.body_limit().min(WITHOUT_SESSION) };
    let bytes = match body::read(parts, body, limit, account).await {
        Err(WebError::TooLarge { .. }) if body::length(parts)? <= route.body_limit() => return Ok(Sent::Lost),
        outcome => outcome?,
    };
    if content_type
        .split(';')
        .next()
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
    {
        return RawForm::parse(&bytes).map(Sent::Whole);
    }
    let boundary = multipart::boundary(content_type).ok_or(WebError::BadRequest(say::NOT_A_FORM))?;
    multipart::parse(Bytes::copy_from_slice(&bytes), boundary).await.map(Sent::Whole)
}

fn respond(web: &Web, arrived: Arrived, small: bool) -> Reply {
    let Arrived { method, route, arrival, form, account } = arrived;
    let site = web.sites.of(arrival.proxied);
    let context = match RequestContext::new(web, arrival) {
        Ok(context) => context,
        Err(error) => return site.place(failed(web, &error.into(), None)),
    };
    account.recognise(context.logged_in);
    let drawn = gate(&context, route, &method, form);
    let reply = drawn.unwrap_or_else(|error| failed(web, &error, Some(&context)));
    let reply = site.place(reply);
    let reply = if small { compress::compressed(reply) } else { reply };
    if context.cookie_is_new && !reply.headers().contains_key(SET_COOKIE) {
        return with(reply, SET_COOKIE, &site.set_session(&context.cookie));
    }
    reply
}

/// Nothing but the setup before there is an owner, nothing but the login before a session.
fn gate(context: &RequestContext<'_>, route: Route, method: &Method, form: Option<Sent>) -> Outcome {
    let form = match form {
        Some(Sent::Refused(error)) => return Err(error),
        form => form,
    };
    if route == Route::Nowhere {
        return Err(WebError::NotFound);
    }
    if context.owner.is_none() && route != Route::Setup {
        return Ok(see_other("/setup"));
    }
    if context.owner.is_some() && route == Route::Setup {
        return Err(WebError::NotFound);
    }
    if !context.logged_in && !route.is_public() {
        return match form {
            Some(Sent::Whole(form)) => pages::login::stand_in(context, &route, Some(&form)),
            Some(_) => pages::login::stand_in(context, &route, None),
            None => Ok(see_other(&pages::login::path_back_to(&context.target))),
        };
    }
    let fields = match (method, form) {
        // No form can be told from another site's then; whoever has no cookies is told so instead of going round in circles.
        (&Method::POST, Some(_)) if context.cookie_is_new => return Err(WebError::NoCookie),
        (&Method::POST, Some(Sent::Whole(form))) => Some(form.authentic(&context.web.seal, &context.cookie)?),
        // The session has ended while its form came in.
        (&Method::POST, Some(_)) => return Err(WebError::Overloaded),
        _ => None,
    };
    page(context, route, fields)
}

fn page(context: &RequestContext<'_>, route: Route, fields: Option<Fields>) -> Outcome {
    match (route, fields) {
        (Route::Root, _) => Ok(see_other(if context.logged_in { "/csrs" } else { "/login" })),
        (Route::Setup, None) => pages::setup::get(context),
        (Route::Setup, Some(fields)) => pages::setup::post(context, fields),
        (Route::Login, None) => pages::login::get(context),
        (Route::Login, Some(fields)) => pages::login::post(context, fields),
        (Route::Ticket, None) => pages::ticket::get(context),
        (Route::Ticket, Some(fields)) => pages::ticket::post(context, fields),
        (Route::Logout, Some(fields)) => pages::login::logout(context, fields),
        (Route::Csrs, _) => pages::csrs::get(context),
        (Route::Csr(name), None) => pages::csr::get(context, &name),
        (Route::Csr(name), Some(fields)) => pages::csr::post(context, &name, fields),
        (Route::Download(name), _) => pages::csr::download(context, &name),
        (Route::Key(name), None) => pages::export::get(context, &name),
        (Route::Key(name), Some(fields)) => pages::export::post(context, &name, fields),
        (Route::Certificate(name), None) => pages::certificate::get(context, &name),
        (Route::Certificate(name), Some(fields)) => pages::certificate::post(context, &name, fields),
        (Route::CertificateDownload(name), _) => pages::certificate::download(context, &name),
        (Route::Pkcs12(name), None) => pages::pkcs12::get(context, &name),
        (Route::Pkcs12(name), Some(fields)) => pages::pkcs12::post(context, &name, fields),
        (Route::Reply, None) => pages::reply::get(context),
        (Route::Reply, Some(fields)) => pages::reply::post(context, fields),
        (Route::Delete(name), None) => pages::delete::get(context, &name),
        (Route::Delete(name), Some(fields)) => pages::delete::post(context, &name, fields),
        (Route::Deploy(name), None) => pages::deploy::get(context, &name),
        (Route::Deploy(name), Some(fields)) => pages::deploy::post(context, &name, fields),
        (Route::Enroll(name), None) => pages::enroll::get(context, &name),
        (Route::Enroll(name), Some(fields)) => pages::enroll::post(context, &name, fields),
        (Route::Est, None) => pages::authorities::est::get(context),
        (Route::Est, Some(fields)) => pages::authorities::est::post(context, fields),
        (Route::Authorities, None) => pages::authorities::get(context),
        (Route::Authorities, Some(fields)) => pages::authorities::post(context, fields),
        (Route::Authority(name), None) => pages::authorities::one::get(context, &name),
        (Route::Authority(name), Some(fields)) => pages::authorities::one::post(context, &name, fields),
        (Route::AuthorityDelete(name), None) => pages::authorities::one::delete_get(context, &name),
        (Route::AuthorityDelete(name), Some(fields)) => pages::authorities::one::delete_post(context, &name, fields),
        (Route::Trial(name), None) => pages::trial::get(context, &name),
        (Route::Trial(name), Some(fields)) => pages::trial::post(context, &name, fields),
        (Route::Console, _) => pages::console::get(context),
        (Route::ConsoleConfirm, Some(fields)) => pages::console::confirm(context, fields),
        (Route::ConsoleBack, Some(fields)) => pages::console::back(context, fields),
        (Route::Clone(name), Some(fields)) => wizard::clone(context, &name, fields),
        (Route::Renew(name), Some(fields)) => wizard::renew::renew(context, &name, fields),
        (Route::Change(name), Some(fields)) => wizard::renew::change(context, &name, fields),
        (Route::Difference(name), _) => pages::difference::get(context, &name),
        (Route::Expiry(name), _) => pages::expiry::get(context, &name),
        (Route::Wizard, None) => wizard::get(context),
        (Route::Wizard, Some(fields)) => wizard::post(context, fields),
        (Route::Progress, _) => wizard::progress::get(context),
        (Route::Step(step), None) => wizard::step_get(context, step),
        (Route::Step(step), Some(fields)) => wizard::step_post(context, step, fields),
        (Route::Account, _) => pages::account::get(context),
        (Route::AccountPassword, Some(fields)) => pages::account::post(context, fields),
        (Route::Audit, _) => pages::audit::get(context),
        (Route::Help, _) => pages::help::get(context),
        (Route::Licences, _) => pages::licences::get(context),
        // The gate lets only methods through that the route takes.
        (
            Route::Nowhere
            | Route::Logout
            | Route::Clone(_)
            | Route::Renew(_)
            | Route::Change(_)
            | Route::AccountPassword
            | Route::ConsoleConfirm
            | Route::ConsoleBack
            | Route::Healthz
            | Route::Static(_),
            _,
        ) => Err(WebError::NotFound),
    }
}

/// What joins an answer to its line in the log: a number that counts on, behind one that each process draws.
fn reference() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    static PROCESS: OnceLock<[u8; 2]> = OnceLock::new();
    let [high, low] = PROCESS.get_or_init(|| random::bytes().unwrap_or_default());
    format!("{high:02x}{low:02x}-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// The error's page. It shows a reference where the log has it: refusals are there only on request, since visitors cause them.
fn failed(web: &Web, error: &WebError, context: Option<&RequestContext<'_>>) -> Reply {
    let status = error.status();
    let reference = reference();
    let is_logged = status.is_server_error() || tracing::enabled!(tracing::Level::DEBUG);
    if status.is_server_error() {
        tracing::warn!(%reference, %status, %error, "a page failed");
    } else {
        tracing::debug!(%reference, %status, %error, "a page or form was refused");
    }
    let notice = Notice::error(web, context, error, is_logged.then_some(reference));
    let plain = || {
        let text = format!("{status}: {error}. {}\n", error.fix());
        reply::body(status, text.into(), "text/plain; charset=utf-8")
    };
    reply::with_error_headers(reply::page(status, &notice).unwrap_or_else(|_| plain()), error)
}
