//! A form filled in by a visitor: only fields that the page has, only choices that it offers.

use super::page::parse;
use scraper::ElementRef;

/// A form with what its fields hold at present.
#[derive(Debug, Clone)]
pub struct Form {
    method: String,
    action: String,
    is_multipart: bool,
    fields: Vec<Field>,
    buttons: Vec<(String, String)>,
}

#[derive(Debug, Clone)]
struct Field {
    name: String,
    value: String,
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    Hidden,
    Text { max: Option<usize>, lines: bool },
    Choice(Vec<String>),
    Tick { on: bool },
    Radio { on: bool },
    File(Option<(String, Vec<u8>)>),
}

/// A form on its way.
#[derive(Debug, Clone)]
pub struct Submission {
    pub method: String,
    pub path: String,
    pub content_type: String,
    pub body: Vec<u8>,
}

impl Form {
    /// Reads the fields as HTML's "constructing the entry list" does.
    pub fn read(form: &ElementRef<'_>) -> Self {
        let controls = parse("input, textarea, select");
        let fields = form.select(&controls).filter_map(|control| field(&control)).collect();
        let buttons = form
            .select(&parse("button"))
            .filter(|button| !matches!(button.attr("type"), Some("button" | "reset")))
            .map(|button| {
                let attribute = |name| button.attr(name).unwrap_or_default().to_owned();
                (attribute("name"), attribute("value"))
            })
            .collect();
        Self {
            method: form.attr("method").unwrap_or("get").to_owned(),
            action: form.attr("action").unwrap().to_owned(),
            is_multipart: form.attr("enctype") == Some("multipart/form-data"),
            fields,
            buttons,
        }
    }

    /// Types into a field, or chooses.
    pub fn set(mut self, name: &str, value: &str) -> Self {
        let mut radios = self.fields.iter_mut().filter(|field| field.name == name).peekable();
        assert!(radios.peek().is_some(), "{}: there is no field {name}", self.action);
        let mut chosen = false;
        for field in radios {
            match &mut field.kind {
                Kind::Text { max, lines } => {
                    let length = value.encode_utf16().count();
                    assert!(max.is_none_or(|max| length <= max), "{name} takes no {length} characters");
                    assert!(*lines || !value.contains(['\r', '\n']), "{name} takes one line");
                    field.value = value.to_owned();
                    chosen = true;
                }
                Kind::Choice(values) => {
                    assert!(values.iter().any(|offered| offered == value), "{name} does not offer {value}: {values:?}");
                    field.value = value.to_owned();
                    chosen = true;
                }
                Kind::Radio { on } => {
                    *on = field.value == value;
                    chosen |= *on;
                }
                kind => panic!("nothing is typed into {name}: {kind:?}"),
            }
        }
        assert!(chosen, "{name} does not offer {value}");
        self
    }

    /// Puts a value into a field that no browser would let a visitor put there, as a script does.
    pub fn smuggle(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|field| field.name != name);
        self.fields.push(Field { name: name.to_owned(), value: value.to_owned(), kind: Kind::Hidden });
        self
    }

    /// Leaves a field out, as a script does.
    pub fn without(mut self, name: &str) -> Self {
        self.fields.retain(|field| field.name != name);
        self
    }

    /// Ticks a box.
    pub fn check(self, name: &str) -> Self {
        self.tick(name, true)
    }

    /// Takes a tick away.
    pub fn uncheck(self, name: &str) -> Self {
        self.tick(name, false)
    }

    fn tick(mut self, name: &str, ticked: bool) -> Self {
        let field = self.fields.iter_mut().find(|field| field.name == name);
        match field.unwrap_or_else(|| panic!("{}: there is no box {name}", self.action)) {
            Field { kind: Kind::Tick { on }, .. } => *on = ticked,
            _ => panic!("{name} is no box"),
        }
        self
    }

    /// Chooses a file.
    pub fn file(mut self, name: &str, file: &str, content: &[u8]) -> Self {
        let field = self.fields.iter_mut().find(|field| field.name == name);
        match field.unwrap_or_else(|| panic!("{}: there is no file field {name}", self.action)) {
            Field { kind: Kind::File(chosen), .. } => *chosen = Some((file.to_owned(), content.to_vec())),
            _ => panic!("{name} takes no file"),
        }
        self
    }

    /// Whether there is a field of that name.
    pub fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field.name == name)
    }

    /// What a field holds; empty for a box without a tick.
    pub fn value(&self, name: &str) -> String {
        let found = self.entries().into_iter().find(|(other, _)| other == name);
        assert!(self.fields.iter().any(|field| field.name == name), "{}: there is no field {name}", self.action);
        found.map(|(_, value)| value).unwrap_or_default()
    }

    /// Whether a visitor can put this value there: a choice that is offered, a text that fits.
    pub fn takes(&self, name: &str, value: &str) -> bool {
        self.fields.iter().filter(|field| field.name == name).any(|field| match &field.kind {
            Kind::Text { max, lines } => {
                max.is_none_or(|max| value.encode_utf16().count() <= max)
                    && (*lines || !value.contains(|character: char| character.is_control()))
            }
            Kind::Choice(values) => values.iter().any(|offered| offered == value),
            Kind::Radio { .. } => field.value == value,
            _ => false,
        })
    }

    /// Whether the page can show this value there: any text, and a choice that is offered.
    pub fn offers(&self, name: &str, value: &str) -> bool {
        let mut fields = self.fields.iter().filter(|field| field.name == name);
        fields.any(|field| {
            matches!(field.kind, Kind::Text { .. } | Kind::Tick { .. } | Kind::Hidden) || self.takes(name, value)
        })
    }

    /// What the form says without its token, in the order of the page.
    pub fn answers(&self) -> Vec<(String, String)> {
        self.entries().into_iter().filter(|(name, _)| name != "csrf_token").collect()
    }

    /// Sends it by the button of that name.
    pub fn press(self, name: &str) -> Submission {
        let button = self.buttons.iter().find(|(other, _)| other == name).cloned();
        let button = button.unwrap_or_else(|| panic!("{}: no button {name} among {:?}", self.action, self.buttons));
        self.submit(button)
    }

    /// Sends it by the button of that name that has this value.
    pub fn press_value(self, name: &str, value: &str) -> Submission {
        let button = (name.to_owned(), value.to_owned());
        assert!(self.buttons.contains(&button), "{}: no button {button:?} among {:?}", self.action, self.buttons);
        self.submit(button)
    }

    /// The values of the buttons of that name, in the order of the page.
    pub fn buttons(&self, name: &str) -> Vec<&str> {
        self.buttons.iter().filter(|(other, _)| other == name).map(|(_, value)| value.as_str()).collect()
    }

    /// Sends it by Enter, which is its first button.
    pub fn enter(self) -> Submission {
        let button = self.buttons.first().cloned().unwrap_or_else(|| panic!("{}: no button", self.action));
        self.submit(button)
    }

    fn submit(self, button: (String, String)) -> Submission {
        let mut entries = self.entries();
        if !button.0.is_empty() {
            entries.push(button);
        }
        // A browser sends every line end as CRLF.
        let lines = |text: &str| text.replace("\r\n", "\n").replace('\n', "\r\n");
        let entries: Vec<(String, String)> = entries.iter().map(|(name, value)| (name.clone(), lines(value))).collect();
        let (content_type, body) = if self.is_multipart {
            let boundary = "----------------boundary-7f3a9c51d2";
            (format!("multipart/form-data; boundary={boundary}"), self.multipart(&entries, boundary))
        } else {
            let body = serde_urlencoded::to_string(&entries).unwrap().into_bytes();
            ("application/x-www-form-urlencoded".to_owned(), body)
        };
        Submission { method: self.method, path: self.action, content_type, body }
    }

    fn multipart(&self, entries: &[(String, String)], boundary: &str) -> Vec<u8> {
        let mut body = Vec::new();
        for (name, value) in entries {
            let part = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend_from_slice(part.as_bytes());
        }
        for Field { name, kind, .. } in &self.fields {
            if let Kind::File(chosen) = kind {
                let (file, content) = chosen.clone().unwrap_or_default();
                let head = format!(
                    "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\n\
                     Content-Type: application/octet-stream\r\n\r\n"
                );
                body.extend_from_slice(head.as_bytes());
                body.extend_from_slice(&content);
                body.extend_from_slice(b"\r\n");
            }
        }
        body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        body
    }

    fn entries(&self) -> Vec<(String, String)> {
        let sent = |field: &&Field| match field.kind {
            Kind::Tick { on } | Kind::Radio { on } => on,
            Kind::File(_) => false,
            _ => true,
        };
        self.fields.iter().filter(sent).map(|field| (field.name.clone(), field.value.clone())).collect()
    }
}

fn field(control: &ElementRef<'_>) -> Option<Field> {
    if control.attr("disabled").is_some() {
        return None;
    }
    let name = control.attr("name")?.to_owned();
    let max = control.attr("maxlength").map(|max| max.parse().unwrap());
    let (value, kind) = match control.value().name() {
        "textarea" => (control.text().collect(), Kind::Text { max, lines: true }),
        "select" => {
            let selector = parse("option");
            let options: Vec<ElementRef<'_>> = control.select(&selector).collect();
            let chosen = options.iter().find(|option| option.attr("selected").is_some()).or(options.first());
            let value = |option: &ElementRef<'_>| option.attr("value").unwrap().to_owned();
            (chosen.map(value).unwrap_or_default(), Kind::Choice(options.iter().map(value).collect()))
        }
        _ => {
            let on = control.attr("checked").is_some();
            let kind = match control.attr("type").unwrap_or("text") {
                "hidden" => Kind::Hidden,
                "checkbox" => Kind::Tick { on },
                "radio" => Kind::Radio { on },
                "file" => Kind::File(None),
                _ => Kind::Text { max, lines: false },
            };
            (control.attr("value").unwrap_or_default().to_owned(), kind)
        }
    };
    Some(Field { name, value, kind })
}
