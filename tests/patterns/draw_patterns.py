"""Writes docs/patterns.md from the files of the patterns: ``python -m tests.patterns.draw_patterns``."""

from collections import Counter
from pathlib import Path
from textwrap import dedent, fill

from .pattern import PATTERNS, Pattern

PAGE = Path(__file__).parents[2] / "docs" / "patterns.md"
WIDTH = 118
MEANING = {
    "+": "a construct does it",
    "+/-": "it can be done, with a restriction that is named or in another way",
    "-": "it cannot be done",
}
HEAD = """# The control-flow patterns

Drawn from `tests/patterns/*.yaml` by `python -m tests.patterns.draw_patterns`. Do not edit.

In 2006 the Workflow Patterns Initiative listed 43 things that a workflow may need to say, and when a system may claim
to say them: N. Russell, A.H.M. ter Hofstede, W.M.P. van der Aalst and N. Mulyar, *Workflow Control-Flow Patterns: A
Revised View*, BPM Center Report BPM-06-22. This page holds Choreo against that list. Each pattern is told in our own
words, with the smallest definition that shows it; `acme.do` stands for any step type. Each definition is checked by
the test suite, and run by it on the engine and on the database, where it must do what the pattern says and not what
its neighbour does.
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
