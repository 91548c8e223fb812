//! A CA that is reached by EST: the fields for a new one and for a change, and the page that adds one. Secrets go in once; a key is
//! copied only after the owner's password. Nobody is called from here.

use crate::web::form::Fields;
use crate::web::layout::Layout;
use crate::web::messages::enroll as say;
use crate::web::pages::TurnedAway;
use crate::web::reply::{Outcome, page, see_other};
use crate::web::request_context::RequestContext;
use askama::Template;
use hyper::StatusCode;
use signet_app::authorities::{EstGiven, Given};
use signet_app::{AppError, Failure};
use signet_domain::authority::{Authority, EstAnswers};
use signet_domain::invalid::{Invalid, Mistakes};
use signet_domain::name::CsrName;
use signet_domain::secret::Secret;
use zeroize::Zeroizing;

#[derive(Template)]
#[template(path = "est.html")]
struct Page {
    layout: Layout,
    mistakes: Mistakes,
    typed: Typed,
    clients: Clients,
    asks_password: bool,
}

impl Page {
    fn form(&self) -> Form<'_> {
        let Self { typed, mistakes, clients, asks_password, .. } = self;
        Form { typed, mistakes, clients, is_new: true, asks_password: *asks_password }
    }
}

/// The fields, but for the secrets.
#[derive(Debug, Default)]
pub(super) struct Typed {
    name: String,
    url: String,
    label: String,
    root: String,
    user: String,
    client: String,
}

/// The secrets, each in its own field.
pub(super) struct Secrets {
    /// Of the user at the server.
    of_user: Secret,
    /// The owner's.
    owners: Zeroizing<String>,
}

/// The fields of the form, with their errors.
#[derive(Template)]
#[template(path = "parts/est.html")]
pub(super) struct Form<'a> {
    pub(super) typed: &'a Typed,
    pub(super) mistakes: &'a Mistakes,
    pub(super) clients: &'a Clients,
    /// Else what is there is changed.
    pub(super) is_new: bool,
    pub(super) asks_password: bool,
}

/// Value and label of each request with a certificate in force, after what an empty choice stands for.
pub(super) type Clients = Vec<(String, String)>;

/// The requests to choose from.
pub(super) fn clients(context: &RequestContext<'_>, none: &str) -> Result<Clients, Failure> {
    let named = context.web.services.catalog.in_force()?;
    let named = named.iter().map(|one| (one.name.to_string(), one.name.to_string()));
    Ok(std::iter::once((String::new(), none.to_owned())).chain(named).collect())
}

impl Typed {
    /// What is set already.
    pub(super) fn of(settings: Authority, roots: Option<String>) -> Self {
        let (label, user) = settings.est.map(|est| (est.label, est.user)).unwrap_or_default();
        Self {
            url: settings.url,
            label: label.unwrap_or_default(),
            root: roots.unwrap_or_default(),
            user: user.unwrap_or_default(),
            ..Self::default()
        }
    }

    /// What was entered.
    pub(super) fn read(fields: &mut Fields) -> (Self, Secrets) {
        let typed = Self {
            name: fields.trimmed("name"),
            url: fields.trimmed("url"),
            label: fields.trimmed("label"),
            root: fields.text("root"),
            user: fields.trimmed("user"),
            client: fields.trimmed("client"),
        };
        let of_user = Secret::new(fields.secret("user_password").as_bytes().to_vec());
        (typed, Secrets { of_user, owners: fields.secret("password") })
    }

    fn given(&self, password: Secret) -> Result<Given, Mistakes> {
        let client = Some(&self.client).filter(|client| !client.is_empty());
        let est = EstGiven {
            answers: EstAnswers {
                url: Some(self.url.clone()),
                label: Some(self.label.clone()),
                user: Some(self.user.clone()),
                client: None,
            },
            password: (!password.is_empty()).then_some(password),
            client: client.map(|name| CsrName::parse(name)).transpose()?,
        };
        Ok(Given { est: Some(est), roots: Some(self.root.trim().as_bytes().to_vec()), ..Given::default() })
    }
}

/// Asks for the owner's password where a key is copied, then does `keep`. `draw` shows the form again.
pub(super) fn kept(
    context: &RequestContext<'_>,
    (typed, secrets): (Typed, Secrets),
    keep: impl FnOnce(&Typed, &Given) -> Result<String, AppError>,
    draw: impl FnOnce(StatusCode, Typed, Mistakes) -> Outcome,
) -> Outcome {
    if !typed.client.is_empty()
        && let Err(error) = context.confirm_key_export(&secrets.owners)
    {
        let away = TurnedAway::at("password", error)?;
        return away.answer(|status, mistakes| draw(status, typed, mistakes));
    }
    let given = typed.given(secrets.of_user).map_err(AppError::from);
    match given.and_then(|given| keep(&typed, &given)) {
        Ok(path) => Ok(see_other(&path)),
        Err(AppError::Rejected(mistakes)) => draw(StatusCode::UNPROCESSABLE_ENTITY, typed, at_fields(&mistakes)),
        Err(AppError::Failed(error)) => Err(error.into()),
    }
}

/// What is the user's password there is not the owner's here.
fn at_fields(mistakes: &Mistakes) -> Mistakes {
    let mut moved = Mistakes::none();
    for one in mistakes.iter() {
        let field = if one.field == "password" { "user_password" } else { one.field };
        moved.add(Invalid { field, ..one.clone() });
    }
    moved
}

fn draw(context: &RequestContext<'_>, status: StatusCode, typed: Typed, mistakes: Mistakes) -> Outcome {
    let title = "Add a CA by EST".to_owned();
    let layout = if mistakes.is_empty() { context.layout(title) } else { context.error_layout(title) };
    let clients = clients(context, say::NO_CLIENT)?;
    page(status, &Page { layout, mistakes, typed, clients, asks_password: context.asks_password })
}

/// An empty form.
pub fn get(context: &RequestContext<'_>) -> Outcome {
    draw(context, StatusCode::OK, Typed::default(), Mistakes::none())
}

/// Adds one.
pub fn post(context: &RequestContext<'_>, mut fields: Fields) -> Outcome {
    let read = Typed::read(&mut fields);
    fields.finish()?;
    let add = |typed: &Typed, given: &Given| {
        let shown = context.web.services.authorities.add(&typed.name, given, context.by)?;
        Ok(format!("/authorities/{}?told=added", shown.name))
    };
    kept(context, read, add, |status, typed, mistakes| draw(context, status, typed, mistakes))
}
