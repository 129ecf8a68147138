"""Writes docs/patterns.md from the files of the patterns: ``python -m tests.patterns.draw_patterns``."""

from collections import Counter
from pathlib import Path
from textwrap import dedent, fill

from .pattern import PATTERNS, Pattern

PAGE = Path(__file__).parents[2] / "docs" / "patterns.md"
WIDTH = 118
MEANING = {
    "+": "there is a construct for it",
    "+/-": "there is a way, roundabout or not for all cases",
    "-": "there is no way",
}
HEAD = """# The control-flow patterns

Drawn from `tests/patterns/*.yaml` by `python -m tests.patterns.draw_patterns`. Do not edit.

In 2006 the Workflow Patterns Initiative listed 43 things that a workflow may need to say, and when a system may claim
to say them: N. Russell, A.H.M. ter Hofstede, W.M.P. van der Aalst, N. Mulyar, *Workflow Control-Flow Patterns: A
Revised View*, BPM Center Report BPM-06-22. Here stands for each what it is, whether and how Choreo says it, where that
ends, and the smallest definition that shows it, in which `acme.do` is any step type. The test suite checks and runs
every definition on this page, on the engine and on the database; without what makes the pattern its runs must come out
otherwise.
"""


def draw() -> str:
    return "\n".join([HEAD, _sum(), _table(), *map(_section, PATTERNS)])


def _sum() -> str:
    count = Counter(pattern.told["rating"] for pattern in PATTERNS)
    rows = [f"| {rating} | {means} | {count[rating]} |" for rating, means in MEANING.items()]
    return "\n".join(["| Rating | What it means | Patterns |", "|---|---|---|", *rows, ""])


def _table() -> str:
    rows = [
        f"| [WCP-{one.number}](#{_anchor(one)}) | {one.told['name']} | {one.told['rating']} | {one.told['construct']} |"
        for one in PATTERNS
    ]
    return "\n".join(["| Number | Pattern | Rating | Construct |", "|---|---|---|---|", *rows, ""])


def _section(pattern: Pattern) -> str:
    told = pattern.told
    limit = told.get("but", "")
    lines = [
        f"## {_heading(pattern)}",
        _prose(told["says"]),
        _prose(f"**{told['rating']}** {told['read']}" + (f" *Limit:* {limit}" if limit else "")),
        f"```yaml\n{_written(pattern)}\n```",
    ]
    return "\n\n".join(lines) + "\n"


def _heading(pattern: Pattern) -> str:
    return f"WCP-{pattern.number} {pattern.told['name']}"


def _anchor(pattern: Pattern) -> str:
    return _heading(pattern).lower().replace(" ", "-")


def _prose(text: str) -> str:
    return fill(text, WIDTH, break_long_words=False, break_on_hyphens=False)


def _written(pattern: Pattern) -> str:
    """The definition as it stands in the file."""
    _, _, rest = pattern.path.read_text(encoding="utf-8").partition("\ndefinition:\n")
    return dedent(rest.partition("\nscenarios:\n")[0])


if __name__ == "__main__":
    PAGE.write_text(draw(), encoding="utf-8")
