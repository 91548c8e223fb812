#!/usr/bin/env python3
"""From first boot to a downloaded request by lynx: the screen is read as a person reads it, and keys are pressed.

Called with the console's URL, its setup code, the owner's password, and the file that the request is saved to.
"""

import os
import sys
import tempfile

import pexpect
import pyte

URL, CODE, PASSWORD, FILE = sys.argv[1:]
ROWS, COLUMNS = 240, 110

config = tempfile.NamedTemporaryFile("w", suffix=".cfg")
# The certificate is the console's own; a person would press y.
config.write("FORCE_SSL_PROMPT:YES\nACCEPT_ALL_COOKIES:TRUE\nSHOW_CURSOR:TRUE\n")
config.flush()

screen = pyte.Screen(COLUMNS, ROWS)
stream = pyte.Stream(screen)
child = pexpect.spawn(
    "lynx",
    [f"-cfg={config.name}", "-show_cursor", "-nocolor", "-homepage=about:blank", URL],
    dimensions=(ROWS, COLUMNS),
    env={**os.environ, "TERM": "linux", "LC_ALL": "C.UTF-8"},
    encoding="utf-8",
    timeout=5,
)


def settle(quiet=0.12):
    """Feeds the screen until lynx is silent."""
    wait = 1
    while True:
        try:
            stream.feed(child.read_nonblocking(65536, timeout=wait))
            wait = quiet
        except pexpect.TIMEOUT:
            return
        except pexpect.EOF:
            fail("lynx has ended")


def fail(why):
    print(why, *(line.rstrip() for line in screen.display if line.strip()), sep="\n", file=sys.stderr)
    sys.exit(1)


def press(keys):
    child.send(keys)
    settle()


def wait_for(text):
    for _ in range(120):
        if any(text in line for line in screen.display):
            return
        settle()
    fail(f"{text!r} does not show")


def line_of(text):
    for number, line in enumerate(screen.display):
        if line.strip().startswith(text):
            return number
    fail(f"no line starts with {text!r}")


def here():
    """Where the chosen link or field begins: the cursor is in a field; a link is drawn in reverse."""
    if screen.cursor.y < ROWS - 1:
        return screen.cursor.y, screen.cursor.x
    for y in range(1, ROWS - 3):
        row = screen.buffer[y]
        for x in range(COLUMNS):
            # A lone cell is what a long password leaves behind its field.
            if row[x].reverse and row[x + 1].reverse:
                return y, x
    return screen.cursor.y, screen.cursor.x


def to(matches, what):
    """Goes from link to link until one matches."""
    for _ in range(80):
        if matches(*here()):
            return
        press("\t")
    fail(f"{what} was not reached; the cursor is at {here()}")


def press_button(label):
    to(lambda y, x: screen.display[y][x:].removeprefix("BUTTON)").strip().startswith(label), label)
    press("\r")


def field(label, text):
    """The first field below its label, some lines of hint between."""
    to(lambda y, x: line_of(label) < y <= line_of(label) + 6 and "_" in screen.display[y][x : x + 12], label)
    press(text)


settle()
wait_for("Set up this console")
field("Setup code", CODE)
field("Password", PASSWORD)
field("Confirm Password", PASSWORD)
press_button("Set up")
wait_for("No requests yet")
press_button("Add your first request")
wait_for("Step 1 of 5")
field("Name", "by-lynx")
press_button("Next")
wait_for("Step 2 of 5")
press_button("Next")
wait_for("Step 3 of 5")
to(lambda y, x: "Choose a country" in screen.display[y], "Country")
press("\r")
press("/")
press("Iceland\r")
press("\r")
if not any("Iceland" in line for line in screen.display):
    fail("the country is not chosen")
field("State", "Hofud")
field("Locality", "Reykjavik")
field("Organization", "Example hf")
field("Email", "root@nas.local")
field("Common Name", "nas.example.org")
field("Subject Alternate Names", "192.0.2.7")
press_button("Next")
wait_for("Step 4 of 5")
press_button("Next")
wait_for("Step 5 of 5")
press_button("Save")
wait_for("Next: send the request to your CA")
to(lambda y, x: screen.display[y][x:].startswith("Download request"), "Download request")
press("d")
wait_for("Save to disk")
press_button("Save to disk")
press("\x15" + FILE + "\r")
settle()
child.close(force=True)
