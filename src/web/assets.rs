//! The style sheet and the icon, compiled in; their names carry their content's hash, so that they never go stale.

use super::compress::gzip;
use super::error::WebError;
use super::reply::{Outcome, body, with};
use bytes::Bytes;
use flate2::Compression;
use hyper::StatusCode;
use hyper::header::{CACHE_CONTROL, CONTENT_ENCODING, VARY};
use signet_domain::hex;
use signet_pki::digest::sha256;
use std::sync::LazyLock;

struct Asset {
    path: String,
    content: &'static [u8],
    small: Option<Bytes>,
    content_type: &'static str,
}

impl Asset {
    fn new(stem: &str, extension: &str, content: &'static [u8], content_type: &'static str) -> Self {
        let hash = hex::lower(sha256(content).get(..6).unwrap_or_default());
        let small = gzip(content, Compression::best());
        Self { path: format!("/static/{stem}-{hash}.{extension}"), content, small, content_type }
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

/// A file of `/static/`; they hold no secret, so whoever takes gzip gets it.
pub fn get(name: &str, small: bool) -> Outcome {
    let path = format!("/static/{name}");
    let asset = [&*STYLE, &*ICON].into_iter().find(|asset| asset.path == path).ok_or(WebError::NotFound)?;
    let reply = match &asset.small {
        Some(packed) if small => {
            with(body(StatusCode::OK, packed.clone(), asset.content_type), CONTENT_ENCODING, "gzip")
        }
        _ => body(StatusCode::OK, Bytes::from_static(asset.content), asset.content_type),
    };
    let reply = with(reply, VARY, "accept-encoding");
    Ok(with(reply, CACHE_CONTROL, "public, max-age=31536000, immutable"))
}
