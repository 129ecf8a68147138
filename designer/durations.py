"""Times and durations as people read them. app.js writes the same forms when a clock ticks."""

MINUTE, HOUR, DAY = 60, 3600, 86400
UNITS = ((DAY, "d"), (HOUR, "h"), (MINUTE, "min"), (1, "s"))


def duration_text(seconds: float) -> str:
    """0.18 s, 2.5 s, 1 m 58 s, 3 h 05 m, 2 d 4 h."""
    seconds = max(0.0, float(seconds))
    if seconds < 1:
        return f"{seconds:.2f} s"
    if seconds < MINUTE:
        return f"{seconds:.1f} s"
    whole = int(seconds)
    if whole < HOUR:
        return f"{whole // MINUTE} m {whole % MINUTE:02d} s"
    if whole < DAY:
        return f"{whole // HOUR} h {whole % HOUR // MINUTE:02d} m"
    return f"{whole // DAY} d {whole % DAY // HOUR} h"


def span_text(seconds: float) -> str:
    """One unit, rounded down: 12 s, 4 min, 3 h, 2 d."""
    whole = int(max(0.0, seconds))
    size, unit = _unit_of(whole)
    return f"{whole // size} {unit}"


def short_text(seconds: float) -> str:
    """One unit, to three digits: 0.5 s, 40 s, 1.5 min, 2 h."""
    size, unit = _unit_of(seconds)
    return f"{seconds / size:.3g} {unit}"


def length_text(seconds: float) -> str:
    """Every unit that it has some of: 30 min, 1 d 4 h."""
    rest, parts = round(seconds), []
    for size, unit in UNITS:
        count, rest = divmod(rest, size)
        parts += [f"{count} {unit}"] if count else []
    return " ".join(parts) or "0 s"


def ago_text(seconds: float) -> str:
    return "just now" if seconds < 1 else f"{span_text(seconds)} ago"


def left_text(seconds: float) -> str:
    """What remains until a limit, or by how much it was missed."""
    return f"{span_text(seconds)} left" if seconds >= 0 else f"{span_text(-seconds)} late"


def countdown_text(seconds: float) -> str:
    """9:12, for a claim that runs out."""
    whole = int(max(0.0, seconds))
    return f"{whole // MINUTE}:{whole % MINUTE:02d}"


def _unit_of(seconds: float) -> tuple[int, str]:
    """The largest that it has one of."""
    return next((unit for unit in UNITS if seconds >= unit[0]), UNITS[-1])
