"""Opens pages in a headless browser: with files as if a person had chosen them, or with keys."""

from __future__ import annotations

import base64
import html
import json
import os
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager

from quantum_advantage.sealed import auditor

PAGE = auditor.Path(auditor.__file__).with_name("auditor.html")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
# A person's browser in every way but its window; no profile of anybody's is touched.
OPTIONS = ["--headless", "--no-sandbox", "--disable-gpu"]
# Starts a browser whose DevTools read from descriptor 3 and write to 4.
ON_PIPES = """
import fcntl, os, sys
for wanted, given in zip((3, 4), [fcntl.fcntl(int(n), fcntl.F_DUPFD, 10) for n in sys.argv[1:3]]):
    os.dup2(given, wanted)
os.execv(sys.argv[3], sys.argv[3:])
"""
KEY_CODES = {"Tab": 9, "Enter": 13, "End": 35, "ArrowLeft": 37, "ArrowRight": 39}
# Chooses the files of every case in turn and keeps what the page then shows.
DRIVER = """
<script>
(async () => {
  const cases = %s;
  const input = document.getElementById("files"), shown = document.getElementById("report");
  const reports = [];
  for (const [files, published] of cases) {
    const chosen = new DataTransfer();
    for (const [name, content] of Object.entries(files)) {
      const bytes = Uint8Array.from(atob(content), (c) => c.charCodeAt(0));
      chosen.items.add(new File([bytes], name));
    }
    document.getElementById("published").value = published.join("\\n");
    shown.textContent = "Checking ...";
    input.files = chosen.files;
    input.dispatchEvent(new Event("change"));
    while (shown.textContent === "Checking ...") await new Promise((done) => setTimeout(done, 50));
    reports.push(shown.textContent);
  }
  const all = document.createElement("pre");
  all.id = "all";
  all.textContent = JSON.stringify(reports);
  document.body.append(all);
})();
</script>
"""


def page_reports(cases, folder):
    """Returns what the page shows for each (files, published digests)."""
    given = [
        [{name: base64.b64encode(octets).decode() for name, octets in files.items()}, published]
        for files, published in cases
    ]
    (found,) = re.findall(
        r'<pre id="all">(.*?)</pre>',
        shown_by_browser(PAGE.read_text() + DRIVER % json.dumps(given), folder),
        re.DOTALL,
    )
    return json.loads(html.unescape(found))


def shown_by_browser(text, folder):
    """Returns what a page has become when its scripts have run."""
    page = folder / "page.html"
    page.write_text(text)
    options = [*OPTIONS, "--virtual-time-budget=100000000"]
    ended = subprocess.run(
        [CHROMIUM, *options, f"--user-data-dir={folder}/user", "--dump-dom", page.as_uri()],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    return ended.stdout


def browser_works(folder):
    """Tells whether there is a Chromium that opens pages and runs their scripts."""
    if CHROMIUM is None:
        return False
    try:
        text = "<p id=found></p><script>found.textContent = 6 * 7</script>"
        return ">42<" in shown_by_browser(text, folder)
    except (OSError, subprocess.SubprocessError):
        return False


class KeyboardPage:
    """A page that is read by expressions and changed by keys alone: DevTools over a pipe."""

    def __init__(self, commands, answers):
        self._commands, self._answers, self._number, self._session = commands, answers, 0, None

    def call(self, method, **arguments):
        """Sends a command and returns its result; events in between are dropped."""
        self._number += 1
        command = {"id": self._number, "method": method, "params": arguments}
        if self._session:
            command["sessionId"] = self._session
        self._commands.write(json.dumps(command).encode() + b"\0")
        self._commands.flush()
        while True:
            told = b""
            while not told.endswith(b"\0"):
                piece = self._answers.read(1)
                if not piece:
                    raise OSError("the browser has ended")
                told += piece
            answer = json.loads(told[:-1])
            if answer.get("id") == self._number:
                return answer["result"]

    def open(self, address):
        """Opens a page and waits until it is there."""
        target = self.call("Target.createTarget", url=address)["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        while self.read("document.readyState + location.href") != f"complete{address}":
            pass

    def read(self, expression):
        """Returns the value of an expression of JavaScript, a promise's when it is kept."""
        options = {"returnByValue": True, "awaitPromise": True}
        return self.call("Runtime.evaluate", expression=expression, **options)["result"]["value"]

    def press(self, key):
        """Presses a key and lets it go."""
        code = {"key": key, "code": key, "windowsVirtualKeyCode": KEY_CODES[key]}
        # Enter is a command to the page only with the character that it types.
        typed = {"text": "\r"} if key == "Enter" else {}
        down = "keyDown" if typed else "rawKeyDown"
        self.call("Input.dispatchKeyEvent", type=down, **code, **typed)
        self.call("Input.dispatchKeyEvent", type="keyUp", **code)


@contextmanager
def keyboard_page(text, folder):
    """Opens a page in a browser that ends with the block."""
    page = folder / "page.html"
    page.write_text(text)
    to_browser, commands = os.pipe()
    answers, from_browser = os.pipe()
    options = [*OPTIONS, f"--user-data-dir={folder}/user", "--remote-debugging-pipe"]
    start = [sys.executable, "-c", ON_PIPES, str(to_browser), str(from_browser), CHROMIUM, *options]
    with (
        os.fdopen(commands, "wb") as sending,
        os.fdopen(answers, "rb") as reading,
        subprocess.Popen(
            start,
            pass_fds=(to_browser, from_browser),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as browser,
    ):
        os.close(to_browser)
        os.close(from_browser)
        opened = KeyboardPage(sending, reading)
        try:
            opened.open(page.as_uri())
            yield opened
        finally:
            browser.terminate()
