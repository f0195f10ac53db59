"""Checks the built documentation: links inside it lead somewhere, nothing comes from outside.

Run as ``python docs/check_site.py FOLDER``; ``make docs`` does.
"""

from __future__ import annotations

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# What a browser loads by itself when it opens a page.
LOADING = {"img": "src", "script": "src", "iframe": "src", "source": "src", "link": "href"}
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


if __name__ == "__main__":
    lines = faults(Path(sys.argv[1]))
    sys.stderr.writelines(f"{line}\n" for line in lines)
    sys.exit(1 if lines else 0)
