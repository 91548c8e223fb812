//! The tokens of the cookies that came last: making one costs more than all else of a page that is kept.
//!
//! What is kept is a digest of each cookie, as of sessions: a look into memory opens none.

use super::session::Digest;
use crate::app::seal::Seal;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Tokens at most; over it all are made anew.
const MOST: usize = 256;

/// The tokens.
#[derive(Default)]
pub struct Tokens(Mutex<HashMap<Digest, [u8; 32]>>);

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tokens(..)")
    }
}

impl Tokens {
    /// As [`Seal::token`], of the cookie that has this digest.
    pub fn of(&self, seal: &Seal, digest: &Digest, cookie: &str) -> [u8; 32] {
        let mut made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(token) = made.get(digest) {
            return *token;
        }
        if made.len() >= MOST {
            made.clear();
        }
        let token = seal.token(cookie);
        made.insert(*digest, token);
        token
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;
    use crate::web::session::digest;

    #[test]
    fn each_cookie_has_its_own_token_however_many_come() {
        let (tokens, seal) = (Tokens::default(), Seal::new(&Secret::new(vec![1; 32])).unwrap());
        for _ in 0..2 {
            for number in 0..3 * MOST {
                let cookie = format!("cookie-{number}");
                assert_eq!(tokens.of(&seal, &digest(&cookie), &cookie), seal.token(&cookie));
                assert!(tokens.0.lock().unwrap().len() <= MOST);
            }
        }
    }
}
