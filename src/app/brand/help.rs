//! A vendor's help: a few elements of HTML, written as XML, which take the place of our own help on its page.

use super::xml::{self, Allowed};

const ELEMENTS: [&str; 15] =
    ["h2", "h3", "p", "ul", "ol", "li", "dl", "dt", "dd", "strong", "em", "code", "pre", "br", "a"];

struct Text;

impl Allowed for Text {
    fn element(&self, name: &str) -> bool {
        ELEMENTS.contains(&name)
    }

    fn attribute(&self, element: &str, name: &str, value: &str) -> Result<bool, String> {
        if (element, name) != ("a", "href") {
            return Ok(false);
        }
        let is_own = value.starts_with('/') && !value.starts_with("//") && !value.starts_with("/\\");
        let is_other = ["https://", "http://", "mailto:"].iter().any(|scheme| value.starts_with(scheme));
        let is_plain = value.bytes().all(|byte| byte.is_ascii_graphic());
        if is_plain && (is_own || is_other) {
            return Ok(true);
        }
        Err("has a link that does not begin with https://, http://, mailto: or, for a page of the console, /"
            .to_owned())
    }

    fn is_void(&self, element: &str) -> bool {
        element == "br"
    }

    fn namespace(&self) -> Option<&'static str> {
        None
    }
}

/// The help as HTML that can be put into a page; an error is what is wrong with it.
pub(super) fn checked(bytes: &[u8]) -> Result<String, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "is not text in UTF-8".to_owned())?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let whole = format!("<help>{text}</help>");
    let document = xml::parse(&whole)?;
    let root = document.root_element();
    // A file that closes the element around it would have a second one behind it, which is not well-formed.
    let html = xml::written(root, false, &Text)?;
    if html.trim().is_empty() { Err("is empty".to_owned()) } else { Ok(html) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_of_text_come_back_and_others_are_refused() {
        let text = "<h2>Help &amp; more</h2>\n<p>Call <a href=\"https://acme.example/?a=1&amp;b\">us</a><br/>or <a href=\"/csrs\">go on</a>.</p>";
        assert_eq!(checked(text.as_bytes()).unwrap(), text.replace("<br/>", "<br>"));
        for (text, told) in [
            ("", "is empty"),
            ("<!-- -->", "is empty"),
            ("<p>one<p>two", "not well-formed"),
            ("<p>&nbsp;</p>", "not well-formed"),
            ("</help><help>", "not well-formed"),
            ("<script>x</script>", "<script>"),
            ("<h1>Help</h1>", "<h1>"),
            ("<p onclick=\"x\">a</p>", "`onclick`"),
            ("<p style=\"x\">a</p>", "`style`"),
            ("<p id=\"main\">a</p>", "`id`"),
            ("<a href=\"javascript:x\">a</a>", "link"),
            ("<a href=\"//a.example/\">a</a>", "link"),
            ("<br>x</br>", "<br>"),
            ("<p xmlns=\"urn:x\">a</p>", "<p>"),
        ] {
            let refused = checked(text.as_bytes()).expect_err(text);
            assert!(refused.contains(told), "{text}: {refused}");
        }
        assert!(checked(b"\xff").unwrap_err().contains("UTF-8"));
    }
}
