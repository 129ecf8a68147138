"""Taking secrets out of what a step says: its output, its errors, and what is logged while it is at work."""

import base64
import html
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, quote_plus

MASK = "•••"
CUT = "…"  # how texts end that were too long
KEPT_IN_URLS = ("", "/", "!$&'()*+,;=:@/?", "!$'()*,;:@/?")  # programs do not agree on it
LEAST = 4  # characters that are taken out where a text was cut in the middle of a secret


class Redactor:
    """Knows the forms in which some secrets may turn up: as they are, and as URLs, JSON, base64 and HTML write them."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self.forms = sorted({form for secret in secrets for form in forms_of(secret)}, key=len, reverse=True)

    def text(self, text: str) -> str:
        for form in self.forms:
            if form in text:
                text = text.replace(form, MASK)
        return self._without_cut(text) if text.endswith(CUT) else text

    def value(self, value: Any) -> Any:
        """JSON, redacted: names too, and numbers that are a secret."""
        if not self.forms:
            return value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(name): self.value(part) for name, part in value.items()}
        if isinstance(value, list):
            return [self.value(part) for part in value]
        if isinstance(value, int | float) and not isinstance(value, bool):
            return MASK if self.text(str(value)) != str(value) else value
        return value

    def _without_cut(self, text: str) -> str:
        kept = text.removesuffix(CUT)
        for form in self.forms:
            for length in range(min(len(form), len(kept)), LEAST - 1, -1):
                if kept.endswith(form[:length]):
                    return f"{kept[:-length]}{MASK}{CUT}"
        return text


def forms_of(secret: str) -> Iterator[str]:
    raw = secret.encode()
    yield secret
    for written in (json.dumps(secret), json.dumps(secret, ensure_ascii=False)):
        yield written[1:-1]
        yield json.dumps(written)[3:-3]  # JSON within JSON
    yield from (repr(secret)[1:-1], html.escape(secret), raw.hex(), raw.hex().upper())
    for quoted in (quote_plus(secret), *(quote(secret, safe=kept) for kept in KEPT_IN_URLS)):
        yield from (quoted, _small_hex(quoted))
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        yield encode(raw).decode().rstrip("=")
        for before in range(3):  # wherever it stands in what was encoded, such as user:password
            whole = encode(b"\0" * before + raw).decode().rstrip("=")
            inner = whole[(0, 2, 3)[before] : len(whole) - (1 if (before + len(raw)) % 3 else 0)]
            yield inner


def _small_hex(quoted: str) -> str:
    parts = quoted.split("%")
    return "%".join([parts[0], *(part[:2].lower() + part[2:] for part in parts[1:])])


_at_work: list[Redactor] = []  # of the attempts that this process makes


@contextmanager
def redacting(secrets: Iterable[str]) -> Iterator[Redactor]:
    """While it is open, `redacted` takes these secrets out of log lines."""
    redactor = Redactor(secrets)
    _at_work.append(redactor)
    try:
        yield redactor
    finally:
        _at_work.remove(redactor)


def redacted(line: str) -> str:
    for redactor in tuple(_at_work):  # others come and go in their own threads
        line = redactor.text(line)
    return line
