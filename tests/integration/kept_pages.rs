//! Pages that are kept in memory are given away only while what they show still lies on the disk.

use crate::harness::console::Console;
use crate::harness::wizard;

#[test]
fn what_a_command_did_stands_on_the_page_that_is_asked_for_next() {
    let (console, mut browser) = Console::owned();
    wizard::make(&mut browser, "first", "https-ecc");
    let mut name = "first".to_owned();
    for round in 0..40 {
        // Twice: the second one comes from memory.
        for _ in 0..2 {
            assert_eq!(browser.get("/csrs").texts("td[data-label=Name]"), [name.as_str()]);
        }
        let next = format!("round-{round}");
        console.run(["csr", "rename", &name, &next]).worked();
        name = next;
    }
    assert_eq!(browser.get("/csrs").texts("td[data-label=Name]"), [name]);
}
