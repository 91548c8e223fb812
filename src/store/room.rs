//! The folders of `DATA/enroll`.

/// A folder of `DATA/enroll`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// Orders that wait to be taken up; marks of those that are cancelled.
    Queue,
    /// What became of the last order of a request.
    Taken,
    /// Orders under way.
    Orders,
    /// Chains that came.
    Done,
    /// Answers to CAs' checks.
    Challenges,
    /// Accounts at the CAs.
    Accounts,
    /// When the CAs suggest to renew.
    Windows,
}

impl Room {
    /// Those that the enrolling process writes to.
    pub(super) const ITS: [Self; 5] = [Self::Orders, Self::Done, Self::Challenges, Self::Accounts, Self::Windows];
    /// Those that the console and the commands write to.
    pub(super) const CONSOLES: [Self; 2] = [Self::Queue, Self::Taken];

    pub(super) fn folder(self) -> &'static str {
        match self {
            Self::Queue => "queue",
            Self::Taken => "taken",
            Self::Orders => "orders",
            Self::Done => "done",
            Self::Challenges => "challenges",
            Self::Accounts => "accounts",
            Self::Windows => "windows",
        }
    }
}
