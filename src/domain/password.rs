//! What an owner's password and an export's passphrase must be.

use super::invalid::Invalid;
use super::messages::password as messages;

/// Fewest characters of the owner's password.
pub const PASSWORD_MIN: usize = 12;
/// Most characters of a password or passphrase.
pub const PASSWORD_MAX: usize = 128;

/// Passwords of twelve characters and more that lists of leaked ones are headed by, folded to lower case without
/// blanks and signs. Short on purpose: length is what keeps guesses out, see NIST SP 800-63B 3.1.1.2.
const COMMON: [&str; 24] = [
    "123456789012",
    "1234567890123",
    "12345678901234",
    "123456789012345",
    "1234567890123456",
    "0123456789012",
    "012345678901",
    "111111111111",
    "000000000000",
    "123123123123",
    "123456123456",
    "qwertyuiopas",
    "qwertyuiop123",
    "qwertyuiopasdf",
    "qwertyuiopasdfghjkl",
    "1q2w3e4r5t6y",
    "1qaz2wsx3edc",
    "passwordpassword",
    "password1234",
    "password12345",
    "password123456",
    "administrator",
    "adminadminadmin",
    "letmeinletmein",
];

/// The rules of a new password and its repetition, at the fields `password` and `password_confirm`.
pub fn check_new(password: &str, confirm: &str) -> Result<(), Invalid> {
    let length = password.chars().count();
    if length < PASSWORD_MIN {
        return Err(messages::too_short(length, PASSWORD_MIN));
    }
    if length > PASSWORD_MAX {
        return Err(messages::too_long(length, PASSWORD_MAX));
    }
    if is_common(password) {
        return Err(messages::common());
    }
    if password != confirm {
        return Err(messages::passwords_differ());
    }
    Ok(())
}

/// The rules of an export's passphrase and its repetition, at `passphrase` and `passphrase_confirm`.
pub fn check_passphrase(passphrase: &str, confirm: &str) -> Result<(), Invalid> {
    let length = passphrase.chars().count();
    if length == 0 {
        return Err(messages::no_passphrase());
    }
    if length > PASSWORD_MAX {
        return Err(messages::passphrase_too_long(length, PASSWORD_MAX));
    }
    if passphrase != confirm {
        return Err(messages::passphrases_differ());
    }
    Ok(())
}

/// The rules of a backup's passphrase, at `passphrase`: those of the owner's password, since all keys leave the device under it.
pub fn check_backup(passphrase: &str) -> Result<(), Invalid> {
    check_new(passphrase, passphrase).map_err(|invalid| Invalid {
        field: "passphrase",
        what: invalid.what.replace("password", "passphrase"),
        fix: invalid.fix.replace("password", "passphrase"),
        ..invalid
    })
}

fn is_common(password: &str) -> bool {
    let folded: String = password.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let one_character = password.chars().all(|c| password.starts_with(c));
    one_character || COMMON.contains(&folded.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_counted_in_characters_from_12_to_128() {
        assert_eq!(check_new("elevenchars", "elevenchars").unwrap_err().field, "password");
        assert!(check_new("äöüäöüäöü123", "äöüäöüäöü123").is_ok());
        let long: String = ('a'..='z').cycle().take(129).collect();
        assert_eq!(check_new(&long, &long).unwrap_err().field, "password");
        assert!(check_new(&long[..128], &long[..128]).is_ok());
    }

    #[test]
    fn common_passwords_and_one_repeated_character_are_refused() {
        for bad in ["Password-1234", "aaaaaaaaaaaaaa", "1234 5678 9012", "Administrator"] {
            assert!(check_new(bad, bad).unwrap_err().what.contains("most common") || bad.len() < 12, "{bad}");
        }
    }

    #[test]
    fn a_backups_passphrase_is_told_as_one() {
        let invalid = check_backup("short").unwrap_err();
        assert_eq!(
            (invalid.field, &*invalid.what),
            ("passphrase", "The passphrase has 5 characters; it needs at least 12.")
        );
        assert!(check_backup("aaaaaaaaaaaa").unwrap_err().what.starts_with("This passphrase is one of"));
        assert!(check_backup("a few unrelated words").is_ok());
    }

    #[test]
    fn a_repetition_that_differs_stands_at_the_repetition() {
        assert_eq!(check_new("long enough one", "long enough two").unwrap_err().field, "password_confirm");
        assert_eq!(check_passphrase("one", "two").unwrap_err().field, "passphrase_confirm");
        assert_eq!(check_passphrase("", "").unwrap_err().field, "passphrase");
    }
}
