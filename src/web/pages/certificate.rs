//! A certificate for one request: given, compared, added; and its downloads.
//!
//! Between comparing and adding nothing is kept here: the certificates travel in the page, and are checked anew.

use crate::web::error::WebError;
use crate::web::form::{Fields, holds_private_key};
use crate::web::layout::{Fact, Layout};
use crate::web::messages::forms as say;
use crate::web::pages::comparison::Comparison;
use crate::web::reply::{Outcome, attachment, page, see_other};
use crate::web::request_context::RequestContext;
use askama::Template;
use hyper::StatusCode;
use signet_app::AppError;
use signet_app::certificates::stored::chain_pem;
use signet_app::certificates::{Proposal, Stored};
use signet_domain::invalid::Mistakes;
use signet_domain::name::CsrName;
use signet_domain::secret::Secret;

#[derive(Template)]
#[template(path = "certificate.html")]
struct Page {
    layout: Layout,
    mistakes: Mistakes,
    name: String,
    /// The certificate that is there already.
    kept: Vec<Fact>,
    action: String,
    certificate: String,
}

#[derive(Template)]
#[template(path = "certificate_check.html")]
struct Check {
    layout: Layout,
    name: String,
    one: Comparison,
    certificate: String,
}

/// What the form's fields hold: the text, the bytes that are looked at, and what opens them where they are PKCS#12.
pub struct Given {
    text: String,
    file: Option<Secret>,
    passphrase: Option<Secret>,
}

impl Given {
    /// Takes the fields out of a form.
    pub fn of(fields: &mut Fields) -> Self {
        let (text, file) = (fields.text("certificate"), fields.file("certificate_file"));
        let passphrase = fields.secret("passphrase");
        Self { text, file, passphrase: (!passphrase.is_empty()).then(|| Secret::from(passphrase.to_string())) }
    }

    /// What opens a PKCS#12 file.
    pub fn passphrase(&self) -> Option<&Secret> {
        self.passphrase.as_ref()
    }

    /// The bytes of the one that was given; both at once are refused unless they are the same.
    pub fn bytes(&self) -> Result<&[u8], Mistakes> {
        let text = (!self.text.trim().is_empty()).then_some(self.text.as_bytes());
        let file = self.file.as_ref().map(Secret::expose_secret);
        match (text, file) {
            (Some(text), Some(file)) if text.trim_ascii() != file.trim_ascii() => {
                Err(say::text_and_file_differ().into())
            }
            (Some(text), _) => Ok(text),
            (None, Some(file)) => Ok(file),
            (None, None) => Ok(b""),
        }
    }

    /// What comes back into the text after a mistake: nothing that looks like a private key, and of a file its text.
    pub fn shown(&self) -> String {
        let file = self.file.as_ref().and_then(|file| std::str::from_utf8(file.expose_secret()).ok());
        let text = if self.text.trim().is_empty() { file.unwrap_or_default() } else { &self.text };
        // A page that is larger than what is read helps nobody.
        if holds_private_key(text) || text.len() > 64 * 1024 { String::new() } else { text.to_owned() }
    }
}

/// The form.
pub fn get(context: &RequestContext<'_>, name: &CsrName) -> Outcome {
    draw(context, StatusCode::OK, name, String::new(), Mistakes::none())
}

/// Compares what came, or adds it.
pub fn post(context: &RequestContext<'_>, name: &CsrName, mut fields: Fields) -> Outcome {
    let given = Given::of(&mut fields);
    let take = fields.button("take");
    fields.finish()?;
    let services = &context.web.services;
    let refused = |mistakes| draw(context, StatusCode::UNPROCESSABLE_ENTITY, name, given.shown(), mistakes);
    let bytes = match given.bytes() {
        Ok(bytes) => bytes,
        Err(mistakes) => return refused(mistakes),
    };
    if take {
        return match services.certificates.keep(std::slice::from_ref(name), bytes, context.by) {
            Ok(kept) => Ok(see_other(&format!("/csrs/{name}?told={}", told(&kept)))),
            Err(AppError::Rejected(mistakes)) => refused(mistakes),
            Err(AppError::Failed(error)) => Err(error.into()),
        };
    }
    let uploaded = match services.certified.uploaded(bytes, given.passphrase(), None, context.now) {
        Ok(uploaded) => uploaded,
        Err(AppError::Rejected(mistakes)) => return refused(mistakes),
        Err(AppError::Failed(error)) => return Err(error.into()),
    };
    match services.certificates.read(uploaded.certificates().unwrap_or(bytes), Some(name)) {
        Ok(mut reading) => {
            reading.proposals.iter_mut().for_each(|proposal| proposal.advice.extend(uploaded.advice()));
            check(context, name, reading.proposals)
        }
        Err(AppError::Rejected(mistakes)) => refused(mistakes),
        Err(AppError::Failed(error)) => Err(error.into()),
    }
}

/// The certificate as `NAME.crt`; with its chain as `NAME.chain.pem`.
pub fn download(context: &RequestContext<'_>, name: &CsrName) -> Outcome {
    const BAD: WebError = WebError::BadRequest(say::FORMAT_OF_CHAIN);
    let content = context.web.services.catalog.answered(name)?;
    let pem = "application/x-pem-file";
    match (context.param("chain"), context.param("format")) {
        ("", "" | "pem") => Ok(attachment(&format!("{name}.crt"), pem, content.certificate_pem().into_bytes())),
        ("", "der") => {
            let leaf = content.certificates.into_iter().next().unwrap_or_default();
            Ok(attachment(&format!("{name}.cer"), "application/pkix-cert", leaf))
        }
        ("on", "" | "pem") => Ok(attachment(&format!("{name}.chain.pem"), pem, content.chain_pem().into_bytes())),
        _ => Err(BAD),
    }
}

fn draw(
    context: &RequestContext<'_>,
    status: StatusCode,
    name: &CsrName,
    certificate: String,
    mistakes: Mistakes,
) -> Outcome {
    let content = context.web.services.catalog.readable(name)?;
    let title = format!("Add certificate to {name}");
    let facts = content.answer_facts(context.web.services.clock.now());
    let template = Page {
        layout: if mistakes.is_empty() { context.layout(title) } else { context.error_layout(title) },
        mistakes,
        name: name.to_string(),
        action: format!("/csrs/{name}/certificate"),
        kept: facts.into_iter().take(3).map(|(label, value)| Fact::new(label, value)).collect(),
        certificate,
    };
    page(status, &template)
}

fn check(context: &RequestContext<'_>, name: &CsrName, proposals: Vec<Proposal>) -> Outcome {
    let Some(proposal) = proposals.into_iter().next() else { return get(context, name) };
    let template = Check {
        layout: context.layout(format!("Check the certificate for {name}")),
        name: name.to_string(),
        certificate: chain_pem(&proposal.certificates()),
        one: Comparison::of(&proposal, context.web.services.clock.now()),
    };
    page(StatusCode::OK, &template)
}

/// The word by which the next page knows what became of it.
pub fn told(kept: &[Stored]) -> &'static str {
    if kept.iter().any(|one| one.changed) { "answered" } else { "same" }
}
