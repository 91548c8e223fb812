//! One request, after its head was read: who comes, from where, with which cookies.

use super::cookies::Cookies;
use super::draft_cookie::{self, Brought};
use super::form::token_text;
use super::in_use::OnTrial;
use super::layout::{Layout, device_name};
use super::site::Site;
use super::{Web, look, session};
use signet_app::audit::Actor;
use signet_app::requests::suggest::Entrance;
use signet_app::{AppError, Failure, random};
use signet_net::Handshake;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Instant;

/// A request's circumstances.
pub struct RequestContext<'a> {
    /// The console.
    pub web: &'a Web,
    /// Where the console is for the visitor.
    pub site: &'a Site,
    /// The query's parameters; the first of a name counts.
    pub query: BTreeMap<String, String>,
    /// All cookies.
    pub cookies: Cookies,
    /// The session cookie's value: brought along, or new.
    pub cookie: String,
    /// Whether that value must be given to the browser yet.
    pub cookie_is_new: bool,
    /// The owner's generation, when there is an owner.
    pub owner: Option<u64>,
    /// Whether the cookie opens a session of the owner.
    pub logged_in: bool,
    /// Whether private keys leave only after the password, as in all sessions but those that root's link allows more.
    pub asks_password: bool,
    /// Who comes.
    pub by: Actor,
    /// The name and the address of this device that the visitor came in by.
    pub entrance: Entrance,
    /// Which certificate the visitor's connection was greeted with; none of ours behind the device's web server.
    pub handshake: Option<Handshake>,
    /// Masks the tokens of this answer's forms.
    pad: [u8; 32],
    /// The console's own path with its query, for the way back after a login.
    pub target: String,
    /// Monotonic time of arrival.
    pub now: Instant,
}

/// What a request's head and connection tell.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// The console's own path with its query.
    pub target: String,
    /// The cookies that came.
    pub cookies: Cookies,
    /// Where it comes from.
    pub address: IpAddr,
    /// Where it came in.
    pub entrance: Entrance,
    /// How its connection was greeted.
    pub handshake: Option<Handshake>,
    /// The device's web server speaks for the visitor.
    pub proxied: bool,
    /// Monotonic time of arrival.
    pub now: Instant,
}

impl<'a> RequestContext<'a> {
    /// Looks at the cookies and at the owner on disk.
    pub fn new(web: &'a Web, arrival: Arrival) -> Result<Self, Failure> {
        let Arrival { target, cookies, address, entrance, handshake, proxied, now } = arrival;
        let site = web.sites.of(proxied);
        let mut query = BTreeMap::new();
        let pairs = target
            .split_once('?')
            .and_then(|(_, query)| serde_urlencoded::from_str::<Vec<(String, String)>>(query).ok());
        for (name, value) in pairs.into_iter().flatten() {
            query.entry(name).or_insert(value);
        }
        let owner = web.services.access.owner_generation()?;
        web.services.waiting_imports.owner_is(owner);
        let brought = site.session(&cookies).map(str::to_owned);
        let logged_in = match (&brought, owner) {
            (Some(cookie), Some(generation)) => web.sessions.is_open(cookie, generation, now),
            _ => false,
        };
        let asks_password = !logged_in || !brought.as_ref().is_some_and(|cookie| web.sessions.may_export_keys(cookie));
        let cookie_is_new = brought.is_none();
        let cookie = match brought {
            Some(cookie) => cookie,
            None => session::cookie_of(&random::bytes()?),
        };
        Ok(Self {
            web,
            site,
            query,
            cookies,
            cookie,
            cookie_is_new,
            owner,
            logged_in,
            asks_password,
            by: Actor::Browser(address),
            entrance,
            handshake,
            pad: random::bytes()?,
            target,
            now,
        })
    }

    /// The frame of a page.
    pub fn layout(&self, title: impl Into<String>) -> Layout {
        Layout {
            title: title.into(),
            csrf_token: self.token_of(&self.cookie),
            logged_in: self.logged_in,
            has_error: false,
            look: look::current(),
            device: device_name(),
            path: self.target.split('?').next().unwrap_or_default().to_owned(),
            trial: self.trial().filter(|_| self.logged_in).map(Into::into),
        }
    }

    /// The trial that is on, for a visitor whose browser sees the console's own certificate.
    pub fn trial(&self) -> Option<OnTrial> {
        self.handshake.and_then(|handshake| self.web.in_use.trial(handshake, self.now))
    }

    /// The token of a session's forms, as this answer's pages carry it.
    pub fn token_of(&self, cookie: &str) -> String {
        token_text(&self.web.seal.token(cookie), &self.pad)
    }

    /// The frame of a page with mistakes.
    pub fn error_layout(&self, title: impl Into<String>) -> Layout {
        Layout { has_error: true, ..self.layout(title) }
    }

    /// The owner's generation; 0 while there is no owner, when nothing that needs it is reachable.
    pub fn generation(&self) -> u64 {
        self.owner.unwrap_or(0)
    }

    /// Checks the owner's password before a private key leaves, where this session asks for it.
    pub fn confirm_key_export(&self, password: &str) -> Result<(), AppError> {
        match self.asks_password {
            true => self.web.services.access.check_password("password", password, self.by, self.now).map(drop),
            false => Ok(()),
        }
    }

    /// The draft that the browser brought.
    pub fn draft(&self) -> Brought {
        draft_cookie::read(&self.cookies, self.site, &self.web.seal, self.generation())
    }

    /// A query parameter.
    pub fn param(&self, name: &str) -> &str {
        self.query.get(name).map_or("", String::as_str)
    }
}

#[cfg(test)]
mod tests;
