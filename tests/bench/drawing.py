"""The few shapes that the charts of docs/benchmarks.md are made of. They are legible on light and on dark pages."""

import math
from collections.abc import Iterable
from html import escape

STYLE = """
  svg { --paper: #ffffff; --ink: #1c1b19; --ink-2: #54514a; --line: #dfdcd4; --other: #c9c4b8;
    --sqlite: #0c4da8; --postgres: #8050c7; --aim: #0a7a5c;
    font: 12px system-ui, sans-serif; font-variant-numeric: tabular-nums; }
  @media (prefers-color-scheme: dark) {
    svg { --paper: #1b1d21; --ink: #eceae5; --ink-2: #b6b3ac; --line: #33363d; --other: #565a63;
      --sqlite: #62a8ff; --postgres: #cbb1ff; --aim: #35c08e; }
  }
  text { fill: var(--ink); } .sqlite-words { fill: var(--sqlite); } .postgres-words { fill: var(--postgres); }
  .soft { fill: var(--ink-2); } .strong { font-weight: 600; }
  .small { font-size: 11px; } .end { text-anchor: end; } .middle { text-anchor: middle; }
  .paper { fill: var(--paper); } .other { fill: var(--other); }
  .sqlite { fill: var(--sqlite); } .postgres { fill: var(--postgres); } .aim { fill: var(--aim); }
  line, polyline { fill: none; stroke: var(--line); }
  polyline { stroke-width: 2; } polyline.sqlite { stroke: var(--sqlite); fill: none; }
  polyline.postgres { stroke: var(--postgres); fill: none; }
  line.aim { stroke: var(--aim); } line.dashed { stroke-dasharray: 3 3; }
"""


def text(x: float, y: float, words: str, look: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{look}">{escape(words)}</text>'


def line(x: float, y: float, to_x: float, to_y: float, look: str = "") -> str:
    return f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{to_x:.1f}" y2="{to_y:.1f}" class="{look}"/>'


def rectangle(x: float, y: float, width: float, height: float, look: str, radius: float = 2) -> str:
    size = f'width="{max(width, 1):.1f}" height="{height:.1f}" rx="{radius}"'
    return f'<rect x="{x:.1f}" y="{y:.1f}" {size} class="{look}"/>'


def dot(x: float, y: float, look: str) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" class="{look}"/>'


def path(points: Iterable[tuple[float, float]], look: str) -> str:
    told = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{told}" class="{look}"/>'


def picture(width: float, height: float, title: str, shapes: Iterable[str]) -> str:
    drawn = "\n".join(shapes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}"'
        f' height="{height:g}" role="img" aria-label="{escape(title)}">\n<title>{escape(title)}</title>\n'
        f"<style>{STYLE}</style>\n{rectangle(0, 0, width, height, 'paper', 8)}\n{drawn}\n</svg>\n"
    )


def on_log(value: float, low: float, high: float, length: float) -> float:
    """Where a value stands on a logarithmic scale of that length; beyond its ends it stands at them."""
    share = math.log(max(value, low) / low) / math.log(high / low)
    return min(max(share, 0.0), 1.0) * length
