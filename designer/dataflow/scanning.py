"""Reading small languages, character by character."""

import re


class Unreadable(Exception):
    """The text is not of the language: what is wrong, and at which character."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.message = message
        self.at = at


class Scanner:
    """A text and how far it has been read."""

    def __init__(self, text: str, longest: int) -> None:
        if len(text) > longest:
            raise Unreadable(f"it is {len(text):,} characters long, and {longest:,} is the most", 0)
        self.text = text
        self.at = 0

    @property
    def done(self) -> bool:
        return self.at >= len(self.text)

    def sees(self, start: str) -> bool:
        return self.text.startswith(start, self.at)

    def takes(self, start: str) -> bool:
        if self.sees(start):
            self.at += len(start)
            return True
        return False

    def takes_first(self, *starts: str) -> str:
        """The first of these that stands here, read; or nothing."""
        return next((start for start in starts if self.takes(start)), "")

    def expects(self, start: str) -> None:
        if not self.takes(start):
            raise self.lost(f"{start} should stand here")

    def matches(self, pattern: re.Pattern[str]) -> str:
        """What the pattern covers from here on, read; or nothing."""
        found = pattern.match(self.text, self.at)
        if found is None:
            return ""
        self.at = found.end()
        return found.group()

    def quoted(self) -> str:
        """A text in single or double quotes. A backslash hides a quote and itself, and is plain elsewhere."""
        quote, start = self.text[self.at], self.at
        self.at += 1
        parts = []
        while not self.takes(quote):
            if self.done:
                raise Unreadable("a quote is never closed", start)
            if self.sees("\\") and self.text[self.at + 1 : self.at + 2] in ("\\", quote):
                self.at += 1
            parts.append(self.text[self.at : self.at + 1])
            self.at += 1
        return "".join(parts)

    def skips_spaces(self) -> None:
        while self.at < len(self.text) and self.text[self.at] in " \t\r\n":
            self.at += 1

    def lost(self, message: str) -> Unreadable:
        return Unreadable(f"{message}, at character {self.at + 1}", self.at)
