"""Checks the built documentation: links inside it lead somewhere, nothing comes from outside.

Run as ``python docs/check_site.py FOLDER``; ``make docs`` does. With ``--external`` it also
tries the links to other sites, which needs a network; ``make links`` does.
"""

from __future__ import annotations

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import unquote, urldefrag, urlsplit
from urllib.request import Request, urlopen

# What a browser loads by itself when it opens a page.
LOADING = {"img": "src", "script": "src", "iframe": "src", "source": "src", "link": "href"}
# Answers to HEAD of servers that perhaps answer to GET.
ONLY_GET = {403, 404, 405, 501}
SECONDS = 20
# Links of a page to other pages and feeds, which nothing loads.
NOT_LOADED = {"index", "search", "next", "prev", "author", "copyright", "canonical"}


class Page(HTMLParser):
    """Collects what a page links to, what it loads, and the places in it that links can name."""

    def __init__(self, path: Path) -> None:
        """Reads a page."""
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.places: set[str] = set()
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes one element."""
        found = {name: value for name, value in attrs if value}
        self.places |= {found[name] for name in ("id", "name") if name in found}
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        target = found.get(LOADING.get(tag, ""))
        if target and not (tag == "link" and set(found.get("rel", "").split()) & NOT_LOADED):
            self.loaded.append(target)


def faults(folder: Path) -> list[str]:
    """Returns a line for every link that leads nowhere, and for everything that comes from outside.

    Args:
        folder: The built site.
    """
    pages = {path.resolve(): Page(path) for path in sorted(folder.rglob("*.html"))}
    found = []
    for path, page in pages.items():
        for link in page.links + page.loaded:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                if link in page.loaded and parts.scheme != "data":
                    found.append(f"{path}: loads {link}")
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.is_file():
                found.append(f"{path}: {link} is missing")
                continue
            places = pages[target].places if target in pages else set()
            if parts.fragment and target in pages and unquote(parts.fragment) not in places:
                found.append(f"{path}: {link} has no such place")
    for path in sorted(folder.rglob("*.css")):
        text = path.read_text("utf-8")
        if "url(http" in text or "@import" in text or "url(//" in text:
            found.append(f"{path.resolve()}: loads from outside")
    return found


def unreachable(folder: Path) -> list[str]:
    """Returns a line for every link to another site that does not answer.

    Args:
        folder: The built site.
    """
    pages = [Page(path) for path in folder.rglob("*.html")]
    links = {urldefrag(link).url for page in pages for link in page.links}
    outside = sorted(link for link in links if urlsplit(link).scheme in ("http", "https"))
    return [f"{link}: {reason}" for link in outside if (reason := _reason(link))]


def _reason(link: str, method: str = "HEAD") -> str:
    """Returns why a link does not answer; nothing if it does."""
    # Some servers answer to browsers alone.
    request = Request(link, method=method, headers={"User-Agent": "Mozilla/5.0"})
    try:
        with urlopen(request, timeout=SECONDS):
            return ""
    except HTTPError as error:
        if method == "HEAD" and error.code in ONLY_GET:
            return _reason(link, "GET")
        return f"{error.code} {error.reason}"
    except OSError as error:
        return str(getattr(error, "reason", error))


if __name__ == "__main__":
    folder, *options = sys.argv[1:]
    lines = faults(Path(folder)) + (unreachable(Path(folder)) if "--external" in options else [])
    sys.stderr.writelines(f"{line}\n" for line in lines)
    sys.exit(1 if lines else 0)
