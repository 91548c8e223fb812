//! A form as a person fills it in: only the fields that the page has, with the values that it shows.

use super::browser::Browser;
use super::page::{Page, css};
use scraper::ElementRef;

/// A form of a page, on its way to be sent.
#[derive(Debug, Clone)]
pub(crate) struct Form {
    page: String,
    target: String,
    with_files: bool,
    controls: Vec<Control>,
}

#[derive(Debug, Clone)]
struct Control {
    name: String,
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    /// One line; hidden ones cannot be typed into.
    Line {
        value: String,
        hidden: bool,
    },
    /// Many lines.
    Area(String),
    Checkbox {
        value: String,
        checked: bool,
    },
    Radio {
        value: String,
        checked: bool,
    },
    Select {
        options: Vec<String>,
        chosen: String,
    },
    File(Option<(String, Vec<u8>)>),
    Button {
        value: String,
    },
}

impl Form {
    pub(super) fn read(form: ElementRef<'_>, page: &Page) -> Self {
        assert_eq!(form.attr("method"), Some("post"), "{}: a form that changes state is a POST", page.path);
        let action = form.attr("action").unwrap_or(&page.path);
        let selector = css("input, textarea, select, button");
        let enabled = form.select(&selector).filter(|control| control.attr("disabled").is_none());
        Self {
            page: page.path.clone(),
            target: action.split('#').next().unwrap().to_owned(),
            with_files: form.attr("enctype") == Some("multipart/form-data"),
            controls: enabled.map(Control::read).collect(),
        }
    }

    /// Types into a line or an area, or chooses of a list or of radio buttons.
    #[track_caller]
    pub(crate) fn set(mut self, name: &str, value: &str) -> Self {
        let mut found = false;
        for control in self.controls.iter_mut().filter(|control| control.name == name) {
            match &mut control.kind {
                Kind::Line { value: typed, hidden: false } => {
                    assert!(!value.contains(['\r', '\n']), "{name} is one line");
                    value.clone_into(typed);
                    found = true;
                }
                Kind::Area(typed) => {
                    value.clone_into(typed);
                    found = true;
                }
                Kind::Select { options, chosen } => {
                    assert!(options.iter().any(|option| option == value), "{name} offers {options:?}, not {value:?}");
                    value.clone_into(chosen);
                    found = true;
                }
                Kind::Radio { value: own, checked } => {
                    *checked = own == value;
                    found |= *checked;
                }
                _ => {}
            }
        }
        assert!(found, "{}: there is no field {name} that takes {value:?}", self.page);
        self
    }

    /// Ticks a box.
    #[track_caller]
    pub(crate) fn check(self, name: &str) -> Self {
        self.tick(name, true)
    }

    /// Takes a tick away.
    #[track_caller]
    pub(crate) fn uncheck(self, name: &str) -> Self {
        self.tick(name, false)
    }

    #[track_caller]
    fn tick(mut self, name: &str, on: bool) -> Self {
        let boxes = self.controls.iter_mut().filter(|control| control.name == name);
        let ticked = boxes.filter_map(|control| match &mut control.kind {
            Kind::Checkbox { checked, .. } => Some(checked),
            _ => None,
        });
        let count = ticked.map(|checked| *checked = on).count();
        assert_eq!(count, 1, "{}: boxes named {name}", self.page);
        self
    }

    /// Chooses a file.
    #[track_caller]
    pub(crate) fn choose(mut self, name: &str, file_name: &str, content: &[u8]) -> Self {
        let control = self.controls.iter_mut().find(|control| control.name == name);
        match control.map(|control| &mut control.kind) {
            Some(Kind::File(chosen)) => *chosen = Some((file_name.to_owned(), content.to_vec())),
            _ => panic!("{}: there is no file field {name}", self.page),
        }
        self
    }

    /// The value that a field has now: what it would be sent as, none for a box that is not ticked.
    #[track_caller]
    pub(crate) fn value(&self, name: &str) -> Option<String> {
        assert!(self.controls.iter().any(|control| control.name == name), "{}: no field {name}", self.page);
        let mut values = self.values().into_iter().filter(|(other, _)| other == name);
        values.next().map(|(_, value)| value)
    }

    /// The names of its fields, buttons included.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.controls.iter().map(|control| control.name.as_str()).collect()
    }

    /// Every field that would be sent, in the page's order; without buttons and files.
    pub(crate) fn values(&self) -> Vec<(String, String)> {
        let value = |control: &Control| {
            let value = match &control.kind {
                Kind::Line { value, .. } | Kind::Area(value) => value,
                Kind::Checkbox { value, checked: true } | Kind::Radio { value, checked: true } => value,
                Kind::Select { chosen, .. } => chosen,
                Kind::Checkbox { .. } | Kind::Radio { .. } | Kind::File(_) | Kind::Button { .. } => return None,
            };
            Some((control.name.clone(), value.clone()))
        };
        self.controls.iter().filter_map(value).collect()
    }

    /// Where it goes.
    pub(crate) fn target(&self) -> &str {
        &self.target
    }

    /// Sends it by the button of that name, and follows redirects.
    #[track_caller]
    pub(crate) fn press(&self, browser: &mut Browser, button: &str) -> Page {
        let page = self.press_once(browser, button);
        browser.follow_redirects(page)
    }

    /// Sends it by the button of that name; a redirect is the answer.
    #[track_caller]
    pub(crate) fn press_once(&self, browser: &mut Browser, button: &str) -> Page {
        let pressed = self.buttons().find(|(name, _)| *name == button);
        let pressed = pressed.unwrap_or_else(|| panic!("{}: there is no button {button}", self.page));
        self.send(browser, pressed)
    }

    /// Sends it as the Enter key does, by its first button, and follows redirects.
    #[track_caller]
    pub(crate) fn enter(&self, browser: &mut Browser) -> Page {
        let first = self.buttons().next().unwrap_or_else(|| panic!("{}: the form has no button", self.page));
        let page = self.send(browser, first);
        browser.follow_redirects(page)
    }

    fn buttons(&self) -> impl Iterator<Item = (&str, &str)> {
        self.controls.iter().filter_map(|control| match &control.kind {
            Kind::Button { value } => Some((control.name.as_str(), value.as_str())),
            _ => None,
        })
    }

    fn send(&self, browser: &mut Browser, (button, said): (&str, &str)) -> Page {
        let mut pairs = self.values();
        if !button.is_empty() {
            pairs.push((button.to_owned(), said.to_owned()));
        }
        // Line ends travel as CR LF (the HTML standard, "constructing the entry list").
        pairs.iter_mut().for_each(|(_, value)| *value = value.replace("\r\n", "\n").replace('\n', "\r\n"));
        if !self.with_files {
            let body = serde_urlencoded::to_string(&pairs).unwrap();
            return browser.send_form(&self.target, "application/x-www-form-urlencoded", body.as_bytes());
        }
        let content_type = format!("multipart/form-data; boundary={BOUNDARY}");
        browser.send_form(&self.target, &content_type, &self.multipart(&pairs))
    }

    fn multipart(&self, pairs: &[(String, String)]) -> Vec<u8> {
        let mut body = Vec::new();
        let mut part = |head: String, content: &[u8]| {
            body.extend_from_slice(
                format!("--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n").as_bytes(),
            );
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        };
        for (name, value) in pairs {
            part(format!("name=\"{name}\""), value.as_bytes());
        }
        for control in &self.controls {
            let Kind::File(chosen) = &control.kind else { continue };
            // A field without a file is sent as one without name and content.
            let (file_name, content) = chosen.clone().unwrap_or_default();
            let kind = "Content-Type: application/octet-stream";
            part(format!("name=\"{}\"; filename=\"{file_name}\"\r\n{kind}", control.name), &content);
        }
        body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
        body
    }
}

const BOUNDARY: &str = "----SignetTestBoundary7MA4YWxkTrZu0gW";

impl Control {
    fn read(element: ElementRef<'_>) -> Self {
        let attribute = |name: &str| element.attr(name).unwrap_or_default().to_owned();
        let checked = element.attr("checked").is_some();
        let ticked = element.attr("value").unwrap_or("on").to_owned();
        let kind = match (element.value().name(), element.attr("type").unwrap_or_default()) {
            ("textarea", _) => Kind::Area(element.text().collect()),
            ("select", _) => {
                let options: Vec<ElementRef<'_>> = element.select(&css("option")).collect();
                let value = |option: &ElementRef<'_>| option.attr("value").unwrap_or_default().to_owned();
                let chosen = options.iter().find(|option| option.attr("selected").is_some()).or(options.first());
                Kind::Select {
                    chosen: chosen.map(value).unwrap_or_default(),
                    options: options.iter().map(value).collect(),
                }
            }
            ("button", "submit" | "") | ("input", "submit") => Kind::Button { value: attribute("value") },
            ("input", "checkbox") => Kind::Checkbox { value: ticked, checked },
            ("input", "radio") => Kind::Radio { value: ticked, checked },
            ("input", "file") => Kind::File(None),
            ("input", kind) => Kind::Line { value: attribute("value"), hidden: kind == "hidden" },
            (other, kind) => panic!("a control that no page should have: {other} {kind}"),
        };
        Self { name: attribute("name"), kind }
    }
}
