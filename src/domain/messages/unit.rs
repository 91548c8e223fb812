//! What the factory enters for one device.

use crate::invalid::{Invalid, quoted};

pub(crate) fn sample_value(field: &'static str, value: &str) -> Invalid {
    Invalid::new(
        field,
        format!("{} is a sample value, not the value of one device.", quoted(value)),
        "Enter the device's own value, as it is printed on it.",
    )
}

pub(crate) fn no_serial() -> Invalid {
    Invalid::new("serial", "The serial number is missing.", "Enter the device's serial number.")
}

pub(crate) fn not_a_serial(text: &str) -> Invalid {
    Invalid::new(
        "serial",
        format!(
            "{} is not a serial number: 1 to 64 letters, digits, dots, underscores and hyphens, starting with a letter or digit.",
            quoted(text)
        ),
        "Enter the serial number as it is printed on the device, without spaces.",
    )
}

pub(crate) fn not_a_model(text: &str) -> Invalid {
    Invalid::new(
        "model",
        format!("{} is not a model: at most 64 characters, without control and direction characters.", quoted(text)),
        "Enter the model's name in one line of at most 64 characters.",
    )
}

pub(crate) fn wildcard_host(text: &str) -> Invalid {
    Invalid::new(
        "hostname",
        format!("{} is a wildcard for many hosts.", quoted(text)),
        "Enter the name of this device.",
    )
}

pub(crate) fn not_a_mac(text: &str) -> Invalid {
    mac(format!("{} is not a MAC address (six bytes in hex).", quoted(text)))
}

pub(crate) fn multicast_mac(text: &str) -> Invalid {
    mac(format!("{} is a multicast address, not the address of one device.", quoted(text)))
}

fn mac(what: String) -> Invalid {
    Invalid::new("mac", what, "Enter the device's own address, such as 02:00:5e:10:00:01.")
}
