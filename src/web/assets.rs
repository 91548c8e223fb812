//! Files of `/static/`: the style sheet and the icon, compiled in, and a vendor's own. Their names carry their content's hash, so
//! that they never go stale.

use super::compress::gzip;
use super::error::WebError;
use super::reply::{Outcome, body, with};
use bytes::Bytes;
use flate2::Compression;
use hyper::StatusCode;
use hyper::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, VARY};
use signet_app::brand::{Picture, PictureKind};
use signet_domain::hex;
use signet_pki::digest::sha256;
use std::sync::LazyLock;

/// What a picture may do where it is opened by itself: nothing.
const PICTURE_CSP: &str = "default-src 'none'; sandbox; frame-ancestors 'none'";

/// A file with its path.
#[derive(Debug)]
pub struct Asset {
    path: String,
    content: Bytes,
    small: Option<Bytes>,
    content_type: &'static str,
    policy: Option<&'static str>,
}

impl Asset {
    fn new(stem: &str, extension: &str, content: impl Into<Bytes>, content_type: &'static str) -> Self {
        let content = content.into();
        let hash = hex::lower(sha256(&content).get(..6).unwrap_or_default());
        let path = format!("/static/{stem}-{hash}.{extension}");
        Self { path, small: gzip(&content, Compression::best()), content, content_type, policy: None }
    }

    /// A further style sheet.
    pub fn sheet(stem: &str, text: String) -> Self {
        Self::new(stem, "css", text, CSS)
    }

    /// A vendor's picture.
    pub fn picture(stem: &str, picture: &Picture) -> Self {
        let (extension, content_type) = match picture.kind {
            PictureKind::Svg => ("svg", SVG),
            PictureKind::Png => ("png", "image/png"),
        };
        let asset = Self::new(stem, extension, picture.content.clone(), content_type);
        Self { policy: Some(PICTURE_CSP), ..asset }
    }

    /// Its path.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Its media type without parameters, as a link states it.
    pub fn media_type(&self) -> &'static str {
        self.content_type.split(';').next().unwrap_or_default()
    }

    fn reply(&self, small: bool) -> super::reply::Reply {
        let reply = match &self.small {
            Some(packed) if small => {
                with(body(StatusCode::OK, packed.clone(), self.content_type), CONTENT_ENCODING, "gzip")
            }
            _ => body(StatusCode::OK, self.content.clone(), self.content_type),
        };
        let reply = with(reply, VARY, "accept-encoding");
        let reply = with(reply, CACHE_CONTROL, "public, max-age=31536000, immutable");
        match self.policy {
            Some(policy) => with(reply, CONTENT_SECURITY_POLICY, policy),
            None => reply,
        }
    }
}

const CSS: &str = "text/css; charset=utf-8";
/// With the encoding, which counts more than what a drawing says of itself (RFC 7303, 3).
const SVG: &str = "image/svg+xml; charset=utf-8";

static STYLE: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("style", "css", &include_bytes!("../../static/signet.css")[..], CSS));
static ICON: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("icon", "svg", &include_bytes!("../../static/icon.svg")[..], "image/svg+xml"));

/// The style sheet.
pub fn style() -> &'static Asset {
    &STYLE
}

/// The icon.
pub fn icon() -> &'static Asset {
    &ICON
}

/// A file of `/static/`, one of ours or of `more`; they hold no secret, so whoever takes gzip gets it.
pub fn get<'a>(more: impl Iterator<Item = &'a Asset>, name: &str, small: bool) -> Outcome {
    let path = format!("/static/{name}");
    let asset = more.chain([&*STYLE, &*ICON]).find(|asset| asset.path == path).ok_or(WebError::NotFound)?;
    Ok(asset.reply(small))
}
