//! The phrases that were given up, each with what to write instead.
//!
//! Rules: state what is wrong, then what to do; active voice, present tense, "you"; one name for one thing.

/// Whose texts a phrase is given up in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// Every reader.
    All,
    /// The device's owner: pages, what they have in common with commands, and the label.
    Owners,
    /// All but who reads of systemd's units or of units of measurement.
    ButSystemd,
}

impl Readers {
    /// True when they read the file at `path`.
    pub fn read(self, path: &str) -> bool {
        let is_of_owners = ["src/web/", "src/app/", "templates/"].iter().any(|below| path.starts_with(below));
        match self {
            Self::All => true,
            Self::Owners => is_of_owners,
            Self::ButSystemd => !path.starts_with("systemd/") && path != "docs/performance.md",
        }
    }
}

/// A phrase that no sentence has.
#[derive(Debug)]
pub struct Phrase {
    /// The words, in lower case.
    pub words: &'static str,
    /// What to write.
    pub instead: &'static str,
    /// What is right although the words are in it.
    pub unless: &'static [&'static str],
    /// Whose texts.
    pub readers: Readers,
}

const fn all(words: &'static str, instead: &'static str) -> Phrase {
    Phrase { words, instead, unless: &[], readers: Readers::All }
}

const fn unless(words: &'static str, unless: &'static [&'static str], instead: &'static str) -> Phrase {
    Phrase { words, instead, unless, readers: Readers::All }
}

const fn of(readers: Readers, words: &'static str, instead: &'static str) -> Phrase {
    Phrase { words, instead, unless: &[], readers }
}

/// Words in capitals that are their own meaning: variables of the environment.
pub const VARIABLES: [&str; 1] = ["SUDO_USER"];

pub const GIVEN_UP: &[Phrase] = &[
    // Sentence structure.
    unless("is no", &["there is no", "is no longer"], "“is not a …”, or what it is"),
    unless("are no", &["there are no", "are no longer"], "“are not …”, or what they are"),
    unless("was no", &["there was no", "was no longer"], "“was not a …”"),
    unless("be no", &["there can be no", "be no longer", "be no more than", "be no larger than"], "“not be a …”"),
    all("shall", "“must”, “should”, or the present tense"),
    all("whom", "“who”, or name the person"),
    all("of before", "“previous”"),
    all("of now", "“current”"),
    all("take no notice", "“ignore”"),
    all("takes no notice", "“ignores”"),
    all("came otherwise", "“differs from your request”"),
    all("otherwise than", "“differently from”, or what differs"),
    all("told", "“shown”, “reported”, “notified”, or who says it"),
    unless("leave it", &["leave it empty", "leave it out"], "“Cancel”, “ignore it”, or what to do"),
    unless("stands", &["stands for"], "“is”, “is listed”, “is valid”"),
    all("stands above", "“issuer”"),
    all("is none of", "name what is allowed"),
    all("are none of", "name what is allowed"),
    all("once more", "“again”"),
    all("the same once more", "“You entered …”"),
    all("wished for", "“requested”"),
    all("looked at", "“checked”, “read”"),
    all("looks at", "“checks”, “reads”"),
    all("look at", "“check”, “read”"),
    all("look what", "“check what”"),
    all("tell names apart", "“names are not case-sensitive”"),
    all("tell them apart", "say how they differ, or “not case-sensitive”"),
    all("that were begun", "“resumed”"),
    all("was begun", "“has started”, “was started”"),
    all("were begun", "“have started”, “were started”"),
    all("there already", "“already present”, “already exists”"),
    all("asked and got", "“requested and issued”"),
    all("missing above", "“Missing issuer”"),
    all("the one above it", "“its issuer”"),
    all("known names of", "“can also be reached as”"),
    all("last look", "“review”"),
    all("has 0 characters", "“Enter …”"),
    all("back by itself", "“restored automatically”"),
    all("former one is back", "“the previous certificate is restored”"),
    all("is not whole", "“The log's integrity check failed”, or what is missing"),
    all("reads whole", "“can be read”"),
    all("read whole", "“can be read”"),
    all("be recognised", "“Prove that the request is yours”"),
    all("let in", "“log in”"),
    all("let the owner in", "“Reset the owner's password”"),
    all("hand the device on", "“reset the device”"),
    unless("to the start", &["to the start page"], "“Back to requests”"),
    all("has no block", "“The file has no … block”"),
    all("that stays", "“static”, “fixed”"),
    all("gives it out", "“From DHCP”"),
    all("nothing else", "“only”"),
    all("sign in", "“log in”"),
    all("if it stays so", "“if it happens again”"),
    // Certificates.
    unless("has ended", &["trial has ended", "session has ended"], "“has expired”"),
    all("ended on", "“expired on”"),
    all("ends on", "“expires on”"),
    all("comes to an end", "“is about to expire”"),
    all("begins on", "“is valid from”"),
    all("supersede", "“replace”"),
    all("supersedes", "“replaces”"),
    all("superseded", "“replaced”"),
    all("ca's answer", "“certificate”"),
    all("answer of the ca", "“certificate”"),
    all("the ca has answered", "“the CA has sent the certificate”"),
    all("its answer", "“its certificate”"),
    all("unanswered", "“without a certificate”"),
    of(Readers::Owners, "is answered", "“has its certificate”"),
    of(Readers::Owners, "was answered", "“has its certificate”"),
    of(Readers::Owners, "not answered", "“has no certificate yet”"),
    of(Readers::Owners, "reply", "“certificate”"),
    of(Readers::Owners, "the answer", "“the certificate”"),
    // Names of things.
    Phrase {
        words: "unit",
        instead: "“device”",
        unless: &["organizational unit", "systemd unit", "unit tests", "runs the unit"],
        readers: Readers::ButSystemd,
    },
    Phrase { words: "units", instead: "“devices”", unless: &["systemd units"], readers: Readers::ButSystemd },
    of(Readers::Owners, "generation", "do not mention it"),
    of(Readers::Owners, "draft id", "“unfinished request”"),
    of(Readers::Owners, "seal", "do not mention it"),
    of(Readers::Owners, "forge", "do not mention it"),
    of(Readers::Owners, "1 requests", "“1 request”"),
];
