"""The look of all reports: one HTML file that needs nothing beside itself, for light and dark screens."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

_STYLE = """
:root { color-scheme: light dark; --back: #fbfbfa; --card: #ffffff; --ink: #1d1f23; --soft: #5c626c; --line: #dcdfe4;
  --accent: #2563a8; --second: #bc4c00; --fill: #8fb6de; --good: #1d7a46; --bad: #b3372b; }
@media (prefers-color-scheme: dark) { :root { --back: #16181c; --card: #1f2227; --ink: #e8eaed; --soft: #a3aab5;
  --line: #363b43; --accent: #7db4ec; --second: #f0883e; --fill: #3d6a98; --good: #66c78f; --bad: #ee8c7f; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem; max-width: 84rem; background: var(--back); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin: 0 0 .2rem; } h2 { font-size: 1.2rem; margin: 2.2rem 0 .5rem; }
p, li { max-width: 60rem; } .soft, dt { color: var(--soft); } code { overflow-wrap: anywhere; }
.tiles { display: flex; flex-wrap: wrap; gap: .8rem; margin: 1.2rem 0; }
.tile { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .6rem 1rem;
  min-width: 9rem; }
.tile b { display: block; font-size: 1.6rem; line-height: 1.3; } .tile span { color: var(--soft); font-size: .85rem; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; margin: .4rem 0; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .8rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th:first-child, td:first-child, td.text, th.text { text-align: left; } td.text { white-space: normal; }
thead th { color: var(--soft); font-weight: 600; white-space: normal;
  max-width: 8.5rem; vertical-align: bottom; line-height: 1.25; }
.plots, .pictures { display: flex; flex-wrap: wrap; gap: 1rem; } .plots figure { width: 19rem; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); gap: 1rem; }
figure { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .7rem; }
.pictures figure { width: 17.5rem; } figcaption { font-size: .9rem; overflow-wrap: anywhere; }
.pictures img { display: block; width: 100%; height: 11rem; object-fit: contain; border-radius: 4px;
  background: var(--back); margin-bottom: .4rem; }
.sample { display: flex; flex-wrap: wrap; gap: 1.2rem; margin: 1.5rem 0; border-top: 1px solid var(--line);
  padding-top: 1.2rem; } .sample img { width: 32rem; max-width: 100%; align-self: flex-start; }
dl { flex: 1 1 22rem; margin: 0; white-space: pre-line; } dd { margin: 0 0 .6rem 1rem; }
.good { color: var(--good); } .bad { color: var(--bad); }
svg text { fill: var(--soft); font: 10px system-ui, sans-serif; } svg .end { text-anchor: end; }
svg .middle { text-anchor: middle; } .grid { stroke: var(--line); } .bar { fill: var(--fill); }
.count { fill: var(--soft); opacity: .55; } .diagonal { stroke: var(--soft); stroke-dasharray: 4 3; }
.line { fill: none; stroke: var(--accent); stroke-width: 1.8; stroke-linejoin: round; } .dot { fill: var(--accent); }
.line.second { stroke: var(--second); } .dot.second { fill: var(--second); }
span.first { color: var(--accent); } span.second { color: var(--second); }
details { margin: .5rem 0; } summary { cursor: pointer; color: var(--accent); }
"""


def page(title: str, parts: Iterable[str]) -> str:
    """The whole file: ``title`` as its heading, then ``parts``, which are HTML."""
    body = "\n".join([f"<h1>{escape(title)}</h1>", *parts])
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n<body>\n{body}\n</body></html>\n"
    )


def number(value: object, digits: int = 3) -> str:
    """A figure for a cell: floats with ``digits``, a dash where there is none."""
    if value is None:
        return "–"
    return f"{value:.{digits}f}" if isinstance(value, float) else str(value)


def table(heads: Sequence[str], rows: Iterable[Sequence[object]], *, text_columns: Sequence[int] = (0,)) -> str:
    """A table; cells are escaped, floats written with three digits, the cells of ``text_columns`` on the left."""

    def line(tag: str, cells: Sequence[object]) -> str:
        styles = (' class="text"' if index in text_columns else "" for index in range(len(cells)))
        return "".join(f"<{tag}{css}>{escape(number(c))}</{tag}>" for css, c in zip(styles, cells, strict=True))

    body = "".join(f"<tr>{line('td', row)}</tr>" for row in rows)
    head = f"<thead><tr>{line('th', heads)}</tr></thead>" if any(heads) else ""
    return f'<div class="scroll"><table>{head}<tbody>{body}</tbody></table></div>'


def tiles(figures: Iterable[tuple[str, object]]) -> str:
    """The most important figures in large letters: (name, figure)."""
    inner = "".join(
        f'<div class="tile"><b>{escape(number(value))}</b><span>{escape(name)}</span></div>' for name, value in figures
    )
    return f'<div class="tiles">{inner}</div>'


def figure(picture: str, caption: str) -> str:
    """``picture`` and ``caption`` are HTML."""
    return f"<figure>{picture}<figcaption>{caption}</figcaption></figure>"


def items(entries: Iterable[str]) -> str:
    """A list; ``entries`` are HTML."""
    return f"<ul>{''.join(f'<li>{entry}</li>' for entry in entries)}</ul>"
