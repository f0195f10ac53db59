"""The elements of a page, as HTML that needs no network and runs no script."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from html import escape

# Nothing is fetched, nothing runs; pictures are part of the page.
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 sans-serif; max-width: 70em; margin: 0 auto; padding: 1em;
  color: #222; background: #fff; }
h1, h2, h3 { line-height: 1.2; } h2 { margin-top: 2em; border-bottom: 1px solid #999; }
nav li { display: inline-block; margin-right: 1em; } nav ul { padding: 0; }
img { width: min(100%, 60em); height: auto; background: #fff; }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-size: 0.85em; }
caption { text-align: left; padding: 0.3em 0; font-weight: bold; }
th, td { border: 1px solid #bbb; padding: 0.2em 0.5em; text-align: left; white-space: nowrap; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; padding: 1em; background: #f2f2f2; }
.lost { border-left: 0.4em solid #b44; padding-left: 1em; }
@media (prefers-color-scheme: dark) {
  body { color: #ddd; background: #1b1b1b; } pre { background: #2a2a2a; } a { color: #8bf; }
}
"""


def page(title: str, sections: Sequence[tuple[str, str]]) -> str:
    """Returns a whole page with a list of its sections.

    Args:
        title: Its title.
        sections: The title and the HTML of each.

    Example:
        >>> text = page("A run", [("Jobs", paragraph("none"))])
        >>> text.count("<h2"), "<script" in text
        (1, False)
    """
    links = "".join(
        f'<li><a href="#part{number}">{escape(name)}</a></li>'
        for number, (name, _) in enumerate(sections)
    )
    body = "".join(
        f'<section><h2 id="part{number}">{escape(name)}</h2>{html}</section>\n'
        for number, (name, html) in enumerate(sections)
    )
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<header><h1>{escape(title)}</h1></header>\n<nav><ul>{links}</ul></nav>\n"
        f"<main>\n{body}</main>\n</body>\n</html>\n"
    )


def paragraph(text: str) -> str:
    """Returns a paragraph.

    Example:
        >>> paragraph("1 < 2")
        '<p>1 &lt; 2</p>'
    """
    return f"<p>{escape(text)}</p>"


def heading(text: str) -> str:
    """Returns the heading of a part of a section.

    Example:
        >>> heading("Weber")
        '<h3>Weber</h3>'
    """
    return f"<h3>{escape(text)}</h3>"


def listing(lines: Iterable[str]) -> str:
    """Returns a list.

    Example:
        >>> listing(["one", "two"])
        '<ul><li>one</li><li>two</li></ul>'
    """
    return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"


def preformatted(text: str) -> str:
    """Returns a text as it stands.

    Example:
        >>> preformatted("a  b")
        '<pre>a  b</pre>'
    """
    return f"<pre>{escape(text)}</pre>"


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Returns a table that scrolls by itself where the page is narrow.

    Args:
        caption: What it shows.
        head: The names of its columns.
        rows: Its cells.

    Example:
        >>> print(table("points", ["n"], [["4"]]))
        <div class="wide"><table><caption>points</caption><thead><tr><th scope="col">n</th></tr>\
</thead><tbody><tr><td>4</td></tr></tbody></table></div>
    """
    names = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    lines = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows
    )
    return (
        f'<div class="wide"><table><caption>{escape(caption)}</caption><thead><tr>{names}</tr>'
        f"</thead><tbody>{lines}</tbody></table></div>"
    )


def picture(svg: bytes, alt: str) -> str:
    """Returns a picture as part of the page.

    As an image an SVG file runs no script and fetches nothing, whatever it holds.

    Args:
        svg: The file.
        alt: What it shows, for who cannot see it.

    Example:
        >>> picture(b"<svg/>", "nothing")
        '<img alt="nothing" src="data:image/svg+xml;base64,PHN2Zy8+">'
    """
    data = base64.b64encode(svg).decode()
    return f'<img alt="{escape(alt)}" src="data:image/svg+xml;base64,{data}">'
