"""How wide words are, without asking a font: widths of IBM Plex Sans in thousandths of its size, rounded up."""

from collections.abc import Mapping

_WIDTHS: Mapping[int, str] = {
    260: " '",
    330: "!,.:;ijl[]()",
    400: "frt-{}|I",
    480: '/\\"',
    530: "?sczLvgJxyk",
    610: "*_aehnouFTS0123456789$+<=>EZ^`bdpq~",
    660: "CPVYBRX#",
    720: "ADKUGHNOQ&",
    830: "Mw",
    960: "mW@%",
}
_WIDTH = {character: width for width, held in _WIDTHS.items() for character in held}
_LETTER, _WIDE = 620, 1040
_FIRST_WIDE = "\u1100"  # from here on most scripts write in squares
MONO = 600
CUT = "…"


def text_width(text: str, size: int) -> int:
    """Pixels that ``text`` takes, with a little to spare."""
    return -(-sum(_width(character) for character in text) * size // 1000)


def fit_text(text: str, room: int, size: int) -> str:
    """As much of ``text`` as ``room`` pixels hold, cut with an ellipsis."""
    if text_width(text, size) <= room:
        return text
    left = room - text_width(CUT, size)
    for place, character in enumerate(text):
        left -= -(-_width(character) * size // 1000)
        if left < 0:
            return text[:place].rstrip() + CUT
    return text


def fit_mono(text: str, room: int, size: int) -> str:
    """The same in the font whose letters are all as wide."""
    most = max(1, room * 1000 // (MONO * size))
    return text if len(text) <= most else text[: most - 1] + CUT


def wrap_text(text: str, room: int, widest: int, size: int) -> tuple[str, ...]:
    """``text`` on two lines of about ``room`` pixels; what would be wider than ``widest`` is cut."""
    words = text.split()
    if not words:
        return ()
    first, rest = _line(words, room, size)
    lines = (first, " ".join(rest)) if rest else (first,)
    return tuple(fit_text(line, widest, size) for line in lines)


def _line(words: list[str], room: int, size: int) -> tuple[str, list[str]]:
    """As many words as fit on one line, at least one; and the rest."""
    taken = 1
    while taken < len(words) and text_width(" ".join(words[: taken + 1]), size) <= room:
        taken += 1
    return " ".join(words[:taken]), words[taken:]


def _width(character: str) -> int:
    return _WIDTH.get(character) or (_WIDE if character >= _FIRST_WIDE else _LETTER)
