"""What a step says is freed of the secrets that it was given, in every form they may have taken."""

import base64
import html
import json
import logging
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from choreo_site.logs import FactsFormatter
from runs.redaction import MASK, Redactor, redacting

SECRET = 'S3cr€t/"tok+en" & <more>'
FORMS = {
    "as it is": SECRET,
    "in a URL": quote(SECRET),
    "in a query": quote_plus(SECRET),
    "as one part of a path": quote(SECRET, safe=""),
    "as JSON": json.dumps(SECRET),
    "as plain JSON": json.dumps(SECRET, ensure_ascii=False),
    "as JSON in JSON": json.dumps(json.dumps({"a": SECRET})),
    "as Python": repr(SECRET),
    "as HTML": html.escape(SECRET),
    "in hex": SECRET.encode().hex(),
    "in base64": base64.b64encode(SECRET.encode()).decode(),
    "in base64 for URLs": base64.urlsafe_b64encode(SECRET.encode()).decode(),
    "as a password of one letter's user": base64.b64encode(f"u:{SECRET}".encode()).decode(),
    "as a password": base64.b64encode(f"usr:{SECRET}:more".encode()).decode(),
    "as somebody's password": base64.b64encode(f"user:{SECRET}".encode()).decode(),
}
TELLING = ("tok", base64.b64encode(SECRET.encode())[4:-4].decode(), SECRET.encode().hex()[8:16])


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_every_form_is_taken_out(form: str) -> None:
    said = Redactor([SECRET]).text(f"He said {form}, and no more.")
    assert MASK in said
    assert not any(part in said for part in TELLING)
    assert said.startswith("He said ")
    assert said.endswith("no more.")


def test_outputs_are_freed_of_it_wherever_it_stands() -> None:
    output = {
        "a": [SECRET, {SECRET: 1}],
        "n": 12345678,
        "f": 12.5,
        "yes": True,
        "none": None,
        "text": "plain",
    }
    assert Redactor([SECRET, "12345678"]).value(output) == {
        "a": [MASK, {MASK: 1}],
        "n": MASK,
        "f": 12.5,
        "yes": True,
        "none": None,
        "text": "plain",
    }


@pytest.mark.parametrize("kept", range(4, len(SECRET)))
def test_a_text_that_was_cut_in_the_middle_of_it_does_not_end_with_its_beginning(kept: int) -> None:
    assert Redactor([SECRET]).text(f"It was {SECRET[:kept]}…") == f"It was {MASK}…"


@given(st.text(min_size=8, max_size=40), st.text(max_size=20))
@example("aaaaaaaa", "a")
def test_no_secret_is_left_in_any_text(secret: str, around: str) -> None:
    written = (
        json.dumps({around: around + secret + around}, ensure_ascii=False)
        if _whole(secret + around)
        else secret
    )
    freed = Redactor([secret]).text(written)
    assert secret not in freed.replace(MASK, "\0") or secret in MASK


def _whole(text: str) -> bool:
    return text.isprintable()


def test_what_is_logged_meanwhile_is_freed_of_it_and_what_is_logged_later_is_not_touched() -> None:
    formatter = FactsFormatter("{message}", style="{")

    def line() -> str:
        try:
            raise ValueError(SECRET)
        except ValueError as error:
            info = (ValueError, error, error.__traceback__)
        record = logging.makeLogRecord({"msg": "got %s", "args": (SECRET,), "exc_info": info, "fact": SECRET})
        return formatter.format(record)

    with redacting([SECRET]):
        assert SECRET not in line()
    assert SECRET in line()
