//! One CA: what is set, a test that the enrolling process does, the form that changes it, and its deletion. The console calls
//! nobody; secrets are never shown.

use super::{est, form};
use crate::web::error::WebError;
use crate::web::form::Fields;
use crate::web::layout::{Fact, Layout};
use crate::web::look;
use crate::web::messages::{done, enroll as say};
use crate::web::reply::{Outcome, page, refreshed, see_other};
use crate::web::request_context::RequestContext;
use askama::Template;
use hyper::StatusCode;
use signet_app::AppError;
use signet_app::authorities::{Given, Shown, Test};
use signet_domain::authority::{AuthorityName, DnsWay};
use signet_domain::enrollment::Tested;
use signet_domain::invalid::Mistakes;
use signet_domain::time;

/// Seconds after which the page loads itself again while a test is under way.
const AGAIN: u64 = 2;

#[derive(Template)]
#[template(path = "authority.html")]
struct Page {
    layout: Layout,
    mistakes: Mistakes,
    told: Option<&'static str>,
    name: String,
    facts: Vec<Fact>,
    /// What the last test found; why it failed stands apart.
    tested: Vec<Fact>,
    failure: Option<(String, String, Option<String>)>,
    is_waiting: bool,
    typed: Typed,
    /// What is known of its account.
    account: &'static str,
    clients: est::Clients,
    asks_password: bool,
}

/// What was typed, by the way in which the CA is reached.
enum Typed {
    Acme(form::Typed),
    Est(est::Typed),
}

impl Page {
    /// The fields of the form that changes it.
    fn form(&self) -> Result<String, askama::Error> {
        let mistakes = &self.mistakes;
        match &self.typed {
            Typed::Acme(typed) => form::Form { typed, mistakes, is_new: false }.render(),
            Typed::Est(typed) => {
                let (clients, asks_password) = (&self.clients, self.asks_password);
                est::Form { typed, mistakes, clients, is_new: false, asks_password }.render()
            }
        }
    }
}

#[derive(Template)]
#[template(path = "authority_delete.html")]
struct Delete {
    layout: Layout,
    mistakes: Mistakes,
    name: String,
    /// Requests with an order under way there.
    orders: Vec<String>,
    /// Requests that are renewed there.
    renewed: Vec<String>,
}

/// The CA of a path's name.
fn named(name: &str) -> Result<AuthorityName, WebError> {
    AuthorityName::parse(name).map_err(|_refused| WebError::NotFound)
}

fn facts(shown: &Shown, renewed: &[String]) -> Vec<Fact> {
    let settings = &shown.settings;
    let or = |value: &Option<String>, none: &str| value.clone().unwrap_or_else(|| none.to_owned());
    let roots = if shown.roots.is_empty() { say::PUBLIC_ROOTS.to_owned() } else { shown.roots.join("\n") };
    let under_way = Fact::new("Orders under way", shown.requests.join("\n"));
    let renewed = Fact::new("Renewed automatically", renewed.join("\n"));
    if let Some(est) = &settings.est {
        return vec![
            Fact::new("Address", settings.url.clone()),
            Fact::new("Label", or(&est.label, "")),
            Fact::new("Trusted roots", roots),
            Fact::new("User", or(&est.user, "")),
            Fact::new("Certificate", or(&shown.client, "")),
            under_way,
            renewed,
        ];
    }
    let terms = Fact::new("Terms", if settings.agreed { say::AGREED } else { "" });
    let mut all = vec![
        Fact::new("Address", settings.url.clone()),
        Fact::new("Trusted roots", roots),
        if settings.agreed { terms } else { terms.badge(say::NOT_AGREED, "warn") },
        Fact::new("Contact", or(&settings.contact, "")),
        Fact::new("External account", or(&settings.eab_kid, "")),
        Fact::new("Profile", or(&settings.profile, say::CAS_CHOICE)),
        Fact::new("Preferred chain", or(&settings.preferred_chain, say::CAS_CHOICE)),
        Fact::new("Checks of names", settings.challenges.iter().map(|kind| kind.word()).collect::<Vec<_>>().join(", ")),
    ];
    all.extend(settings.dns.as_ref().map(dns));
    all.extend([under_way, renewed]);
    all
}

/// How the records of dns-01 are set.
fn dns(way: &DnsWay) -> Fact {
    match way {
        DnsWay::Update(server) => Fact::new("DNS server", say::dns_server(server)),
        DnsWay::Hook(hook) => Fact::new("DNS hook", hook.clone()),
    }
}

fn tested(found: &Tested, is_est: bool) -> Vec<Fact> {
    let when = Fact::new("Tested", time::shown(found.at));
    if found.failure.is_some() {
        return vec![when.badge(say::CANNOT_BE_USED, "bad")];
    }
    if is_est {
        return vec![
            when.badge(say::REACHED, "good"),
            Fact::new("Its certificates", found.cas.join("\n")),
            Fact::new("Wanted in requests", found.wanted.join("\n")),
        ];
    }
    let profiles: Vec<String> = found.profiles.iter().map(|(name, what)| format!("{name}: {what}")).collect();
    vec![
        when.badge(say::REACHED, "good"),
        Fact::new("Its terms", found.terms.clone().unwrap_or_default()),
        Fact::new("Its profiles", profiles.join("\n")),
        Fact::new("External account", if found.external_account_required { say::REQUIRED } else { say::NOT_REQUIRED }),
    ]
}

fn draw(
    context: &RequestContext<'_>,
    status: StatusCode,
    name: &AuthorityName,
    typed: Option<Typed>,
    mistakes: Mistakes,
) -> Outcome {
    let authorities = &context.web.services.authorities;
    let shown = authorities.show(name)?;
    let test = authorities.test(name)?;
    let mut found = None;
    if let Test::Done(done) = &test {
        found = Some(done);
    }
    // With the commands that this device has.
    let words = |text: &str| look::current().words(text).into_owned();
    let failure = found.and_then(|found| found.failure.as_ref());
    let title = name.to_string();
    let is_est = shown.settings.est.is_some();
    let typed = match typed {
        Some(typed) => typed,
        None => {
            let (settings, roots) = (shown.settings.clone(), authorities.stored(name)?.roots);
            if is_est {
                Typed::Est(est::Typed::of(settings, roots))
            } else {
                Typed::Acme(form::Typed::of(name.to_string(), settings, roots))
            }
        }
    };
    let template = Page {
        layout: if mistakes.is_empty() { context.layout(title) } else { context.error_layout(title) },
        mistakes,
        told: done::to_authorities(context.param("told")),
        name: name.to_string(),
        facts: facts(&shown, &authorities.renewed_at(name)?),
        tested: found.map(|found| tested(found, is_est)).unwrap_or_default(),
        failure: failure.map(|why| (why.what.clone(), words(&why.remedy), why.detail.clone())),
        is_waiting: test == Test::Waiting,
        typed,
        account: if is_est { "" } else { say::account(shown.settings.agreed, shown.has_eab_key) },
        clients: if is_est { est::clients(context, say::SAME_CLIENT)? } else { Vec::new() },
        asks_password: context.asks_password,
    };
    let is_waiting = template.is_waiting && status == StatusCode::OK;
    let reply = page(status, &template)?;
    Ok(if is_waiting { refreshed(reply, AGAIN, &format!("/authorities/{name}")) } else { reply })
}

/// The page.
pub fn get(context: &RequestContext<'_>, name: &str) -> Outcome {
    draw(context, StatusCode::OK, &named(name)?, None, Mistakes::none())
}

/// Changes it; `test` has it tested.
pub fn post(context: &RequestContext<'_>, name: &str, mut fields: Fields) -> Outcome {
    let name = named(name)?;
    let services = &context.web.services;
    if fields.button("test") {
        fields.finish()?;
        services.authorities.ask_for_test(&name, services.config.outgoing_proxy.as_deref())?;
        return Ok(see_other(&format!("/authorities/{name}")));
    }
    let change = |given: &Given| {
        let (_, changed) = services.authorities.change(&name, given, context.by)?;
        let told = if changed { "changed" } else { "same" };
        Ok(format!("/authorities/{name}?told={told}"))
    };
    let before = services.authorities.show(&name)?.settings;
    if before.est.is_some() {
        let read = est::Typed::read(&mut fields);
        fields.finish()?;
        let again = |status, typed, mistakes| draw(context, status, &name, Some(Typed::Est(typed)), mistakes);
        return est::kept(context, read, |_, given| change(given), again);
    }
    let (typed, given) = form::Typed::read(name.to_string(), &mut fields, &before.challenges)?;
    fields.finish()?;
    match typed.checked().map_err(AppError::from).and_then(|()| change(&given)) {
        Ok(path) => Ok(see_other(&path)),
        Err(AppError::Rejected(mistakes)) => {
            draw(context, StatusCode::UNPROCESSABLE_ENTITY, &name, Some(Typed::Acme(typed)), mistakes)
        }
        Err(AppError::Failed(error)) => Err(error.into()),
    }
}

fn ask(context: &RequestContext<'_>, status: StatusCode, name: &AuthorityName, mistakes: Mistakes) -> Outcome {
    let authorities = &context.web.services.authorities;
    let orders = authorities.show(name)?.requests;
    let renewed = authorities.renewed_at(name)?;
    let title = format!("Delete {name}?");
    let layout = if mistakes.is_empty() { context.layout(title) } else { context.error_layout(title) };
    page(status, &Delete { layout, mistakes, name: name.to_string(), orders, renewed })
}

/// What is lost.
pub fn delete_get(context: &RequestContext<'_>, name: &str) -> Outcome {
    ask(context, StatusCode::OK, &named(name)?, Mistakes::none())
}

/// Deletes, when it was confirmed.
pub fn delete_post(context: &RequestContext<'_>, name: &str, mut fields: Fields) -> Outcome {
    let name = named(name)?;
    let confirmed = fields.checkbox("confirm")?;
    fields.finish()?;
    let authorities = &context.web.services.authorities;
    authorities.stored(&name)?;
    if !confirmed {
        return ask(context, StatusCode::UNPROCESSABLE_ENTITY, &name, say::deletion_not_confirmed().into());
    }
    match authorities.delete(&name, true, context.by) {
        Ok(()) => Ok(see_other("/authorities?told=deleted")),
        Err(AppError::Rejected(mistakes)) => ask(context, StatusCode::UNPROCESSABLE_ENTITY, &name, mistakes),
        Err(AppError::Failed(error)) => Err(error.into()),
    }
}
