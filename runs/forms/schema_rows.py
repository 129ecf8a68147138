"""The rows of lists as a page sends them: `<list>.#` says how many there are, `<list>.<index>…` is one of them.

`_add` and `_remove` change what was sent, before a form is made of it: so rows come and go without scripts, and what
was typed into the others stays. A number that makes no sense adds and removes nothing.
"""

from typing import Any

from .schema_tree import MOST_ROWS


def count_rows(data: Any, name: str, otherwise: int) -> int:
    """How many rows the list ``name`` shows; ``otherwise`` where nothing was sent."""
    if data is None:
        return otherwise
    written = data.get(f"{name}.#", "0")
    return min(int(written), MOST_ROWS) if written.isdecimal() and len(written) < 6 else 0


def changes_rows(data: Any) -> bool:
    return "_add" in data or "_remove" in data


def change_rows(data: Any) -> None:
    """Add or remove the row that the button named, in place."""
    if name := data.get("_add"):
        data[f"{name}.#"] = str(count_rows(data, name, 0) + 1)
    if gone := data.get("_remove"):
        _remove_row(data, *gone.rpartition(".")[::2])


def _remove_row(data: Any, name: str, index: str) -> None:
    count = count_rows(data, name, 0)
    if not index.isdecimal() or len(index) > 5 or int(index) >= count:
        return
    rows = [
        {key.removeprefix(f"{name}.{i}"): data[key] for key in data if _is_in_row(key, name, i)}
        for i in range(count)
    ]
    for key in [key for key in data if any(_is_in_row(key, name, i) for i in range(count))]:
        del data[key]
    del rows[int(index)]
    for i, row in enumerate(rows):
        for rest, value in row.items():
            data[f"{name}.{i}{rest}"] = value
    data[f"{name}.#"] = str(count - 1)


def _is_in_row(key: str, name: str, index: int) -> bool:
    return key == f"{name}.{index}" or key.startswith(f"{name}.{index}.")
