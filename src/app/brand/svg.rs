//! A logo as SVG: shapes, gradients and text, and nothing that runs, loads or refers to anything outside of it.

use super::xml::{self, Allowed, shown};

const NAMESPACE: &str = "http://www.w3.org/2000/svg";

/// Elements that draw. `use` and `pattern` are not among them: a few of them within each other take a browser minutes.
const ELEMENTS: &str = "svg g defs title desc path rect circle ellipse line polyline polygon text tspan linearGradient radialGradient \
    stop clipPath";

/// Attributes that place and paint. None of them is `style`, whose rules could load something.
const ATTRIBUTES: &str = "aria-hidden aria-label clip-path clip-rule clipPathUnits color color-interpolation cx cy d display \
    dominant-baseline dx dy fill fill-opacity fill-rule font-family font-size font-stretch font-style font-variant \
    font-weight fr fx fy gradientTransform gradientUnits height id letter-spacing offset opacity overflow \
    paint-order pathLength points preserveAspectRatio r role rotate rx ry shape-rendering spreadMethod stop-color \
    stop-opacity stroke stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin stroke-miterlimit \
    stroke-opacity stroke-width text-anchor text-rendering textLength transform vector-effect version viewBox \
    visibility width word-spacing x x1 x2 y y1 y2";

/// Whether a word is one of a list's.
fn listed(list: &str, word: &str) -> bool {
    list.split_ascii_whitespace().any(|one| one == word)
}

struct Drawing;

impl Allowed for Drawing {
    fn element(&self, name: &str) -> bool {
        listed(ELEMENTS, name)
    }

    fn attribute(&self, element: &str, name: &str, value: &str) -> Result<bool, String> {
        if !listed(ATTRIBUTES, name) {
            return Ok(false);
        }
        match refers_to(value) {
            None => Ok(true),
            Some(Some(_)) if matches!(name, "fill" | "stroke" | "clip-path") => Ok(true),
            Some(_) => Err(format!(
                "has `{name}` on <{element}> that refers to something: only fill, stroke and clip-path may, as url(#id)"
            )),
        }
    }

    fn is_void(&self, _element: &str) -> bool {
        false
    }

    fn namespace(&self) -> Option<&'static str> {
        Some(NAMESPACE)
    }
}

/// None for a value without a function `url`; else the element of the drawing that the whole value names, if it does that.
/// A backslash could spell the same in CSS, and a comment be in its middle.
fn refers_to(value: &str) -> Option<Option<&str>> {
    let value = value.trim();
    if !value.to_ascii_lowercase().contains("url") && !value.contains(['\\', '@']) && !value.contains("/*") {
        return None;
    }
    let id = value.strip_prefix("url(#").and_then(|rest| rest.strip_suffix(')'));
    Some(
        id.filter(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))),
    )
}

/// The drawing, written again; an error says what is wrong with it.
pub(super) fn checked(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Err("is neither a PNG picture nor an SVG drawing in UTF-8".to_owned());
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if !text.trim_start().starts_with('<') {
        return Err("is neither a PNG picture nor an SVG drawing".to_owned());
    }
    let document = xml::parse(text)?;
    let root = document.root_element();
    if root.tag_name().name() != "svg" {
        return Err(format!("is not an SVG drawing: its first element is <{}>", shown(root.tag_name().name())));
    }
    // On either side of the root there can only be comments, and instructions.
    if document.root().children().any(|node| node.is_pi()) {
        return Err("has a processing instruction (<?…?>), which is not allowed".to_owned());
    }
    if document.descendants().any(|node| node != root && node.tag_name().name() == "svg") {
        return Err("has an element <svg> within another one, which is not allowed".to_owned());
    }
    if !root.attribute("viewBox").is_some_and(is_view_box) {
        return Err("needs a `viewBox` on <svg>: four numbers, of which width and height are above 0".to_owned());
    }
    xml::written(root, true, &Drawing).map(String::into_bytes)
}

/// Four numbers; the last two are the size (SVG 2, 8.6).
fn is_view_box(value: &str) -> bool {
    let parts = value.split([' ', ',', '\t', '\r', '\n']).filter(|part| !part.is_empty());
    let numbers: Option<Vec<f64>> =
        parts.map(|part| part.parse().ok().filter(|number: &f64| number.is_finite())).collect();
    matches!(numbers.as_deref(), Some([_, _, width, height]) if *width > 0.0 && *height > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawing(content: &str) -> String {
        format!("<svg xmlns=\"{NAMESPACE}\" viewBox=\"0 0 32 32\">{content}</svg>")
    }

    fn refused(text: &str) -> String {
        checked(text.as_bytes()).expect_err(text)
    }

    #[test]
    fn a_drawing_comes_back_as_it_was_without_comments_and_declarations() {
        let plain =
            drawing("<g fill=\"url(#a)\" stroke=\"#fff\"><path d=\"M0 0h1\"></path><title>A &amp; B</title></g>");
        assert_eq!(checked(plain.as_bytes()).unwrap(), plain.as_bytes());
        let declared =
            format!("\u{feff}<?xml version=\"1.0\" encoding=\"Shift_JIS\"?><!-- made by hand -->\n{plain}\n");
        assert_eq!(checked(declared.as_bytes()).unwrap(), plain.as_bytes());
        let prefixed = plain.replace("xmlns=", "xmlns:s=").replace('<', "<s:").replace("<s:/", "</s:");
        assert_eq!(checked(prefixed.as_bytes()).unwrap(), plain.as_bytes());
        let own = checked(include_bytes!("../../../static/icon.svg")).unwrap();
        assert!(own.starts_with(b"<svg xmlns="));
    }

    #[test]
    fn what_runs_or_loads_something_is_refused_by_its_name() {
        for (content, told) in [
            ("<script>alert(1)</script>", "<script>"),
            ("<foreignObject><p/></foreignObject>", "<foreignObject>"),
            ("<style>@import url(https://a.example/)</style>", "<style>"),
            ("<image href=\"https://a.example/x.png\"/>", "<image>"),
            ("<use href=\"#a\"/>", "<use>"),
            ("<a href=\"https://a.example/\"><path d=\"M0 0\"/></a>", "<a>"),
            ("<animate attributeName=\"x\"/>", "<animate>"),
            ("<set attributeName=\"onclick\"/>", "<set>"),
            ("<filter id=\"f\"/>", "<filter>"),
            ("<svg viewBox=\"0 0 1 1\"/>", "<svg> within another"),
            ("<p xmlns=\"http://www.w3.org/1999/xhtml\">x</p>", "<p>"),
            ("<g xmlns=\"urn:x\"/>", "<g>"),
            ("<path onclick=\"alert(1)\" d=\"M0 0\"/>", "`onclick`"),
            ("<path style=\"fill:url(https://a.example/)\"/>", "`style`"),
            ("<linearGradient href=\"other.svg#a\"/>", "`href`"),
            ("<linearGradient xmlns:xlink=\"http://www.w3.org/1999/xlink\" xlink:href=\"#a\"/>", "`href`"),
            ("<path fill=\"url(https://a.example/#a)\"/>", "refers to something"),
            ("<path fill=\" URL( '#a' )\"/>", "refers to something"),
            ("<path fill=\"\\75 rl(https://a.example/)\"/>", "refers to something"),
            ("<path fill=\"u/**/rl(x)\"/>", "refers to something"),
            ("<path d=\"url(#a)\"/>", "refers to something"),
            ("<?xml-stylesheet href=\"x.css\"?>", "processing instruction"),
        ] {
            assert!(refused(&drawing(content)).contains(told), "{content}: {}", refused(&drawing(content)));
        }
        let before = format!("<?xml-stylesheet href=\"x.css\"?>{}", drawing(""));
        assert!(refused(&before).contains("processing instruction"));
        let on_root = drawing("").replace("viewBox", "onload=\"alert(1)\" viewBox");
        assert!(refused(&on_root).contains("`onload`"));
    }

    #[test]
    fn a_document_type_and_its_entities_are_refused() {
        let bomb = "<!DOCTYPE svg [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]>";
        assert!(refused(&format!("{bomb}{}", drawing("<text>&b;</text>"))).contains("<!DOCTYPE>"));
        assert!(refused(&format!("<!DOCTYPE svg SYSTEM \"svg.dtd\">{}", drawing(""))).contains("<!DOCTYPE>"));
        assert!(refused(&drawing("<text>&b;</text>")).contains("not well-formed"));
    }

    #[test]
    fn what_is_no_drawing_is_refused() {
        for (text, told) in [
            ("", "neither"),
            ("hello", "neither"),
            ("<html><body/></html>", "first element is <html>"),
            ("<svg>", "not well-formed"),
            ("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"/>", "needs a `viewBox`"),
            ("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 0 9\"/>", "needs a `viewBox`"),
            ("<svg viewBox=\"0 0 9 9\"/>", "<svg>, which is not allowed"),
        ] {
            assert!(refused(text).contains(told), "{text}: {}", refused(text));
        }
        assert!(checked(b"\xff\xd8\xff\xe0").unwrap_err().contains("neither"));
    }

    #[test]
    fn deep_and_wide_documents_are_refused_at_their_bound() {
        let deep = drawing(&format!("{}{}", "<g>".repeat(9000), "</g>".repeat(9000)));
        assert!(refused(&deep).contains("more than"));
        let nested = drawing(&format!("{}{}", "<g>".repeat(40), "</g>".repeat(40)));
        assert!(refused(&nested).contains("within each other"));
        assert!(refused(&drawing(&"<g/>".repeat(9000))).contains("more than"));
    }
}
