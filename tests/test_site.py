"""The documentation as a site: what its check finds and lets pass, and its pages of modules."""

import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

ROOT = Path(__file__).parent.parent
SCRIPT = ROOT / "docs" / "check_site.py"
GOOD = (
    '<h1 id="top">A</h1><a href="b.html#place">b</a><a href="#top">top</a>'
    '<a href="https://arxiv.org/abs/2112.00778">outside, on a click</a>'
    '<img src="picture.png"><link rel="next" href="b.html"><link rel="stylesheet" href="s.css">'
)


def check(folder, *options):
    return subprocess.run(
        [sys.executable, SCRIPT, folder, *options], capture_output=True, text=True, check=False
    )


@pytest.fixture
def site(tmp_path):
    (tmp_path / "a.html").write_text(GOOD)
    (tmp_path / "b.html").write_text('<h2 id="place">B</h2>')
    (tmp_path / "picture.png").write_bytes(b"")
    (tmp_path / "s.css").write_text("body { background: url(picture.png) }")
    return tmp_path


def test_a_whole_site_passes(site):
    done = check(site)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("b.html", "<p>no such heading</p>", "b.html#place has no such place"),
        ("a.html", '<a href="c.html">c</a>', "c.html is missing"),
        ("a.html", '<img src="none.png">', "none.png is missing"),
        ("a.html", '<script src="https://cdn.example/x.js"></script>', "loads https://cdn"),
        ("a.html", '<link rel="stylesheet" href="//fonts.example/x">', "loads //fonts"),
        ("s.css", "@import 'https://fonts.example/x.css';", "s.css: loads from outside"),
        ("s.css", "a { src: url(https://fonts.example/x.woff2) }", "s.css: loads from outside"),
    ],
)
def test_faults_are_named(site, name, text, said):
    (site / name).write_text(text)
    done = check(site)
    assert done.returncode == 1
    assert said in done.stderr


class Answers(BaseHTTPRequestHandler):
    """A server that knows one page, and another one that it shows to GET alone."""

    def do_HEAD(self):
        self.send_response({"/there": 200, "/only-get": 405}.get(self.path, 404))
        self.end_headers()

    def do_GET(self):
        self.send_response(200 if self.path == "/only-get" else 404)
        self.end_headers()

    def log_message(self, *words):
        pass


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as serving:
        Thread(target=serving.serve_forever).start()
        yield f"http://127.0.0.1:{serving.server_port}"
        serving.shutdown()


def test_links_to_other_sites_are_tried_when_asked(site, server):
    names = ("there", "there#place", "only-get", "gone")
    links = "".join(f'<a href="{server}/{name}">x</a>' for name in names)
    (site / "a.html").write_text(f'{links}<a href="http://127.0.0.1:9/">x</a>')
    assert check(site).returncode == 0
    done = check(site, "--external")
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    assert len(lines) == 2
    assert f"{server}/gone: 404 Not Found" in lines
    (nobody,) = (line for line in lines if line.startswith("http://127.0.0.1:9/: "))
    assert "refused" in nobody


def test_every_room_has_a_page_in_the_reference():
    rooms = {path.parent.name for path in (ROOT / "quantum_advantage").glob("*/__init__.py")}
    pages = {path.stem: path.read_text() for path in (ROOT / "docs" / "modules").glob("*.rst")}
    assert set(pages) == rooms
    for room, text in pages.items():
        assert text.endswith(f"\n.. room:: {room}\n")
