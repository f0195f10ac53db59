"""The page about a run says what its files say, needs nothing else, and tells what was lost."""

import csv
import hashlib
import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest
from browser import browser_works, shown_by_browser
from fake_service import FailedError, FakeService, request_of, sample
from hostile.kinds import write_certificate

from quantum_advantage.backends.devices import packing
from quantum_advantage.backends.devices.jobs import JobError, read_jobs
from quantum_advantage.core.usage import UsageError
from quantum_advantage.reports.report import NAME, write_report

FIGURES = Path(__file__).parents[2] / "figures"
EXPERIMENT = "device_noise"


class Page(HTMLParser):
    """Reads the tables of a page by their captions, and everything that it refers to."""

    def __init__(self, text):
        super().__init__()
        self.tables, self.references, self.tags, self.text = {}, [], set(), []
        self._inside = None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.references += [v for k, v in attributes if k in ("src", "href", "action", "data")]
        if tag == "tr":
            self._row = []
        if tag in ("caption", "td", "th"):
            self._inside, self._cell = tag, ""

    def handle_data(self, data):
        self.text.append(data)
        if self._inside:
            self._cell += data

    def handle_endtag(self, tag):
        if tag == "caption":
            self._rows = self.tables.setdefault(self._cell, [])
        elif tag in ("td", "th"):
            self._row.append(self._cell)
        elif tag == "tr":
            self._rows.append(self._row)
        if tag == self._inside:
            self._inside = None


def report_on(folder):
    write_report(folder)
    return Page((folder / NAME).read_text())


@pytest.fixture
def folder(tmp_path):
    """A run with all kinds of files: the committed one on Weber, jobs, a certificate, claims."""
    out = tmp_path / "out"
    for place in ("data", "preflight"):
        (out / place).mkdir(parents=True)
        for path in (FIGURES / place).glob(f"{EXPERIMENT}*"):
            if path.suffix in (".csv", ".json", ".svg"):
                shutil.copy(path, out / place)
    shutil.copy(FIGURES / f"{EXPERIMENT}.svg", out)
    shutil.copy(FIGURES / "claims.md", out)
    return out


def lost_lines(folder):
    text = (folder / NAME).read_text()
    (section,) = re.findall(r"What was lost</h2>(.*?)</section>", text, re.DOTALL)
    return re.findall(r"<li>(.*?)</li>", section)


def test_every_number_of_the_tables_is_that_of_the_file(folder):
    tables = report_on(folder).tables
    for path in [folder / "data" / f"{EXPERIMENT}_summary.csv", *folder.glob("preflight/*.csv")]:
        with path.open(newline="") as stream:
            expected = list(csv.reader(stream))
        (name,) = (name for name in tables if name.startswith(str(path.relative_to(folder))))
        assert tables[name] == expected
        assert len(expected) > 2


def test_the_files_are_named_with_their_digests(folder):
    files = report_on(folder).tables["files and their SHA-256"][1:]
    assert {name for name, _ in files} >= {f"data/{EXPERIMENT}.csv", f"{EXPERIMENT}.svg"}
    for name, digest in files:
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest


def test_a_page_of_somebody_else_is_kept(folder):
    report_on(folder)
    report_on(folder)
    (folder / NAME).write_text("my own page")
    with pytest.raises(UsageError, match="is no report of a run; move it away"):
        report_on(folder)
    assert (folder / NAME).read_text() == "my own page"


def test_the_page_needs_nothing_else(folder):
    page = report_on(folder)
    assert all(r.startswith(("#", "data:image/svg+xml;base64,")) for r in page.references)
    assert sum(r.startswith("data:") for r in page.references) >= 4
    assert not page.tags & {"script", "link", "iframe", "object", "form", "embed"}


def test_where_nothing_was_lost_the_page_says_so(folder):
    # One curve of the committed data ends at its budget.
    summary = folder / "data" / f"{EXPERIMENT}_summary.csv"
    kept = [line for line in summary.read_text().splitlines() if not re.search(r",0\.7,,", line)]
    summary.write_text("\n".join(kept) + "\n")
    report_on(folder)
    assert lost_lines(folder) == []
    assert "Nothing: every file was read" in (folder / NAME).read_text()


def test_a_point_that_was_not_reached_is_told(folder):
    summary = folder / "data" / f"{EXPERIMENT}_summary.csv"
    lines = summary.read_text().splitlines()
    cells = next(csv.reader([lines[1]]))
    cells[7:10] = ["", "512", ""]
    lines[1] = ",".join(f'"{cell}"' if "," in cell else cell for cell in cells)
    summary.write_text("\n".join(lines) + "\n")
    report_on(folder)
    assert any("was not reached within 512 copies" in line for line in lost_lines(folder))


def test_jobs_and_what_was_lost_of_them(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(packing, "MOST_POINTS", 2)
    jobs = folder / "jobs" / EXPERIMENT
    cloud = FakeService(tmp_path / "cloud", {("results", 1): FailedError("the <b>fridge</b>")})
    with pytest.raises(JobError):
        sample(jobs, cloud, request_of())
    page = report_on(folder)
    rows = page.tables[f"the jobs of jobs/{EXPERIMENT}"]
    on_disk = {job.job_id: job for job in read_jobs(jobs)}
    assert {row[0] for row in rows[1:]} == set(on_disk)
    for row in rows[1:]:
        job = on_disk[row[0]]
        assert row[1:4] == [job.state, str(job.points), str(job.repetitions)]
        assert row[7] == ("9" if job.finished else "")
    (line,) = lost_lines(folder)
    assert "failed: the &lt;b&gt;fridge&lt;/b&gt;" in line
    assert "b" not in page.tags
    sample(jobs, FakeService(tmp_path / "cloud"), request_of())
    report_on(folder)
    (line,) = lost_lines(folder)
    assert "had to be sent 2 times" in line


def test_a_certificate_stands_as_it_was_printed(tmp_path):
    stem = write_certificate(tmp_path).with_suffix("")
    printed = stem.with_suffix(".txt")
    printed.write_text("CERTIFIED at 99 %: 738 < 1000 games\n")
    page = report_on(tmp_path)
    assert printed.read_text() in "".join(page.text)
    changed = json.loads(stem.with_suffix(".json").read_text())
    changed["copies"] += 1
    stem.with_suffix(".json").write_text(json.dumps(changed))
    page = report_on(tmp_path)
    assert printed.read_text() not in "".join(page.text)
    assert any(stem.name in line for line in lost_lines(tmp_path))


DAMAGES = [
    ("data/device_noise_summary.csv", "protocol,copies\nbell,2\n"),
    ("data/device_noise.json", "{}"),
    ("preflight/device_noise_weber.csv", "backend,pair\n"),
    ("data/device_noise.csv", "no counts\n"),
]


@pytest.mark.parametrize(("name", "content"), DAMAGES)
def test_a_damaged_file_is_told_and_the_rest_is_shown(folder, name, content):
    (folder / name).write_text(content)
    page = report_on(folder)
    assert any(Path(name).stem in line for line in lost_lines(folder))
    assert len(page.tables) > 3


@pytest.mark.parametrize("there", [False, True])
def test_a_folder_that_holds_no_run_is_refused_in_one_line(tmp_path, there):
    place = tmp_path / "empty"
    if there:
        place.mkdir()
    with pytest.raises(UsageError, match=r"name the --out of an experiment") as caught:
        write_report(place)
    assert "\n" not in str(caught.value)


def test_the_same_folder_gives_the_same_page(folder):
    first = write_report(folder).read_bytes()
    assert write_report(folder).read_bytes() == first


@pytest.mark.slow
def test_the_page_opens_in_a_browser_without_complaint(folder, tmp_path):
    if not browser_works(tmp_path):
        pytest.skip("there is no Chromium that works")
    text = write_report(folder).read_text()
    # What the page's own policy forbids would be told by this event, as in the console.
    watch = (
        '<script>document.addEventListener("securitypolicyviolation", '
        '(e) => document.body.append(["FORBIDDEN", e.blockedURI].join(": ")));</script>'
    )
    policy = text.replace("default-src 'none';", "default-src 'none'; script-src 'unsafe-inline';")
    (tmp_path / "user").mkdir(exist_ok=True)
    shown = shown_by_browser(policy.replace("<style>", watch + "<style>", 1), tmp_path)
    assert "FORBIDDEN: " not in shown
    assert shown.count("<table") == text.count("<table") > 3
