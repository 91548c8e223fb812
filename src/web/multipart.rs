//! Forms with files (`multipart/form-data`, RFC 7578), of the import's page only.

use super::error::WebError;
use super::form::RawForm;
use super::messages::forms as say;
use bytes::Bytes;
use multer::{Constraints, Multipart, SizeLimit};
use zeroize::Zeroizing;

/// The boundary that a content type names, when it is of a form with files.
pub fn boundary(content_type: &str) -> Option<String> {
    multer::parse_boundary(content_type).ok()
}

/// Reads a body that was received whole and is bounded by its route.
pub async fn parse(body: Bytes, boundary: String) -> Result<RawForm, WebError> {
    const BAD: WebError = WebError::BadRequest(say::UNREADABLE_WITH_FILES);
    let limit = u64::try_from(body.len()).unwrap_or(u64::MAX);
    let stream = futures_util::stream::once(async move { Ok::<_, std::convert::Infallible>(body) });
    let constraints = Constraints::new().size_limit(SizeLimit::new().whole_stream(limit));
    let mut parts = Multipart::with_constraints(stream, boundary, constraints);
    let mut form = RawForm::empty();
    while let Some(part) = parts.next_field().await.map_err(|_| BAD)? {
        let name = part.name().ok_or(BAD)?.to_owned();
        let is_file = part.file_name().is_some();
        let content = Zeroizing::new(part.bytes().await.map_err(|_| BAD)?.to_vec());
        if is_file {
            form.add_file(name, content)?;
            continue;
        }
        let text = std::str::from_utf8(&content).map_err(|_| WebError::BadRequest(say::NOT_UTF8))?;
        form.add_text(name, text.to_owned())?;
    }
    Ok(form)
}
