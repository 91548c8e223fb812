//! The style sheet and the icon, compiled in; their names carry their content's hash, so that they never go stale.

use super::error::WebError;
use super::reply::{Outcome, body, with};
use aws_lc_rs::digest;
use bytes::Bytes;
use hyper::StatusCode;
use hyper::header::CACHE_CONTROL;
use std::sync::LazyLock;

struct Asset {
    path: String,
    content: &'static [u8],
    content_type: &'static str,
}

impl Asset {
    fn new(stem: &str, extension: &str, content: &'static [u8], content_type: &'static str) -> Self {
        let hash = digest::digest(&digest::SHA256, content);
        let hash = crate::app::random::hex(hash.as_ref().get(..6).unwrap_or_default());
        Self { path: format!("/static/{stem}-{hash}.{extension}"), content, content_type }
    }
}

static STYLE: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("signet", "css", include_bytes!("../../static/signet.css"), "text/css; charset=utf-8"));
static ICON: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("icon", "svg", include_bytes!("../../static/icon.svg"), "image/svg+xml"));

/// The style sheet's path.
pub fn style() -> &'static str {
    &STYLE.path
}

/// The icon's path.
pub fn icon() -> &'static str {
    &ICON.path
}

/// A file of `/static/`.
pub fn get(name: &str) -> Outcome {
    let path = format!("/static/{name}");
    let asset = [&*STYLE, &*ICON].into_iter().find(|asset| asset.path == path).ok_or(WebError::NotFound)?;
    let reply = body(StatusCode::OK, Bytes::from_static(asset.content), asset.content_type);
    Ok(with(reply, CACHE_CONTROL, "public, max-age=31536000, immutable"))
}
