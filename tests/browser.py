"""Opens the auditor's page in a headless browser, with files as if a person had chosen them."""

from __future__ import annotations

import base64
import html
import json
import re
import shutil
import subprocess

from quantum_advantage.sealed import auditor

PAGE = auditor.Path(auditor.__file__).with_name("auditor.html")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
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
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=100000000"]
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
