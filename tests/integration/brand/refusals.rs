//! What a brand must not be: pictures that could do something, colours that nobody can read, files that others could change.

use super::files::{MINIMAL, Vendor, data, drawing, png};
use crate::harness::console::{Ran, run, signet};
use std::os::unix::fs::{PermissionsExt, chown, symlink};

/// What `check` says of a config, and what `serve` does with it: neither starts, both with this line and these words.
fn refused(config: &str, line: usize, told: &str) {
    let folder = tempfile::tempdir().unwrap();
    let data = data(folder.path(), config);
    let check: Ran = run(signet(&data).args(["check", "--json"]), b"");
    let printed = String::from_utf8(check.out).unwrap();
    assert_eq!(check.code, 2, "{printed}");
    let found: serde_json::Value = serde_json::from_str(&printed).unwrap();
    let finding = found["findings"].as_array().unwrap().iter().find(|finding| finding["code"] == "config_wrong");
    let what = finding.unwrap_or_else(|| panic!("{config}: {printed}"))["what"].as_str().unwrap();
    let serve = run(signet(&data).args(["serve", "--listen", "127.0.0.1:0"]), b"");
    assert_eq!(serve.code, 78, "{}", serve.err);
    for said in [what, &serve.err.split_whitespace().collect::<Vec<_>>().join(" ")] {
        assert!(said.contains(&format!("line {line}")) && said.contains(told), "{config}: {said}");
    }
}

#[test]
fn a_logo_that_could_do_something_is_refused_with_its_reason() {
    let Some(vendor) = Vendor::new() else { return };
    let config = format!("{MINIMAL}{}", vendor.names("logo", "logo.svg"));
    let huge = drawing(&"<g></g>".repeat(300_000));
    assert!(huge.len() > 2 << 20);
    let bomb = format!("<!DOCTYPE svg [<!ENTITY a \"{}\"><!ENTITY b \"&a;&a;\">]>{}", "a".repeat(99), drawing("&b;"));
    let mut damaged = png();
    let last = damaged.len() - 20;
    damaged[last] ^= 1;
    for (content, told) in [
        (drawing("<script>alert(1)</script>").into_bytes(), "an element <script>"),
        (drawing("<path onload=\"alert(1)\" d=\"M0 0\"/>").into_bytes(), "an attribute `onload`"),
        (drawing("<foreignObject></foreignObject>").into_bytes(), "an element <foreignObject>"),
        (drawing("<image href=\"https://evil.example/x.png\"/>").into_bytes(), "an element <image>"),
        (drawing("<rect fill=\"url(https://evil.example/x)\"/>").into_bytes(), "refers to something"),
        (drawing("<rect style=\"fill:red\"/>").into_bytes(), "an attribute `style`"),
        (bomb.into_bytes(), "a document type"),
        (huge.into_bytes(), "larger than 64 KiB"),
        (b"GIF89a".to_vec(), "neither a PNG picture nor an SVG drawing"),
        (b"<html><body>logo</body></html>".to_vec(), "its first element is <html>"),
        (damaged, "checksum"),
        (png()[..40].to_vec(), "cut off"),
        (Vec::new(), "neither"),
    ] {
        vendor.write("logo.svg", &content);
        refused(&config, 4, told);
    }
    vendor.write("help.html", b"<p>Call <script>x</script></p>");
    refused(&format!("{MINIMAL}{}", vendor.names("help", "help.html")), 4, "an element <script>");
}

#[test]
fn colours_that_people_cannot_read_are_refused_with_the_measured_ratio() {
    for (light, dark, line, told) in [
        (
            "#ffcc00",
            "#8ec5ff",
            4,
            "`accent` #ffcc00 has a contrast of 1.31:1 to a message of success (#e4f3e9) on light screens, and 4.5:1 is needed",
        ),
        ("#ffffff", "#8ec5ff", 4, "has a contrast of 1.0:1 to a card (#ffffff) on light screens, and 4.5:1 is needed"),
        ("#003b71", "#003b71", 5, "`accent_dark` #003b71 has a contrast of"),
        ("#003b71", "#111617", 5, "on dark screens, and 4.5:1 is needed. Choose a lighter colour, such as #"),
        ("#003b71", "blue", 5, "`blue` is not a colour"),
    ] {
        refused(&format!("{MINIMAL}accent = \"{light}\"\naccent_dark = \"{dark}\"\n"), line, told);
    }
}

#[test]
fn a_file_or_a_config_that_others_could_write_to_counts_nothing() {
    let Some(vendor) = Vendor::new() else { return };
    let config = format!("{MINIMAL}{}", vendor.names("logo", "logo.svg"));
    let logo = vendor.path("logo.svg");
    let mode = |mode| std::fs::set_permissions(&logo, PermissionsExt::from_mode(mode)).unwrap();
    for others in [0o664, 0o646] {
        mode(others);
        refused(&config, 4, "other users than its owner can write to it");
    }
    mode(0o644);
    chown(&logo, Some(65534), None).unwrap();
    refused(&config, 4, "it belongs to user 65534");
    chown(&logo, Some(0), None).unwrap();
    let folder = vendor.path("open");
    std::fs::create_dir(&folder).unwrap();
    std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o777)).unwrap();
    std::fs::copy(&logo, folder.join("logo.svg")).unwrap();
    refused(&format!("{MINIMAL}{}", vendor.names("logo", "open/logo.svg")), 4, "can write to it");
    symlink(&logo, vendor.path("link.svg")).unwrap();
    refused(&format!("{MINIMAL}{}", vendor.names("logo", "link.svg")), 4, "it is a link");
    refused(&format!("{MINIMAL}{}", vendor.names("logo", "none.svg")), 4, "there is no file");

    // The config itself: in a directory of the console's user, who could write anything into it.
    let own = tempfile::tempdir().unwrap();
    let data = data(own.path(), &config);
    chown(&data, Some(65534), None).unwrap();
    let check = run(signet(&data).arg("check"), b"");
    let said = String::from_utf8(check.out).unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("[brand] counts only in a file that nobody but root can write to"), "{said}");
}
