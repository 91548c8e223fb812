//! The lifetime that is wished for, and the limits that public CAs keep.

/// Days, 1 to 36500. A PKCS#10 request carries no lifetime: it is kept beside the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lifetime(u32);

impl Lifetime {
    /// The number of days.
    pub fn days(self) -> u32 {
        self.0
    }
}
