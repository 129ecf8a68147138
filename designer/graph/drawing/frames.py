"""A map or a loop: its step, its body and its bar within a frame that says how often."""

from dataclasses import replace

from designer.graph.model import Loop, Map, Repeater

from .exits import condition
from .picture import Direction, Shape
from .plan import Drawn, Framed, Placed, Plan
from .sizes import BAR, BAR_HEIGHT, FRAME_HEAD, FRAME_PADDING, SMALL, Size, box_half
from .text import fit_text, text_width
from .tracks import TRACK

WIDEST = 190  # pixels of words
AFTER_BOX = 3  # pixels between the words and the line that comes in beside them


def words_of(step: Repeater) -> str:
    if isinstance(step, Map):
        several = f" {step.batch} items" if step.batch > 1 else " item"
        return f"for each{several} · {step.max_concurrency} at once"
    if not isinstance(step, Loop):
        return ""
    if step.goes_on or step.until:
        return f"{'while' if step.goes_on else 'until'} {condition(step.goes_on or step.until)}"
    return f"{condition(str(step.times))} times" if step.times is not None else "again"


def framed(step: Repeater, body: Plan, direction: Direction) -> Plan:
    """``body`` is what stands between the step's box and its bar, with both."""
    if isinstance(step, Loop):
        body = _with_way_back(step, body, direction)
    across, whole = direction == Direction.ACROSS, words_of(step)
    words = fit_text(whole, WIDEST, SMALL)
    wide = text_width(words, SMALL) + 2 * FRAME_PADDING
    lead = FRAME_PADDING + (0 if across else FRAME_HEAD)
    before = body.size.before + FRAME_PADDING + (FRAME_HEAD if across else 0)
    length = lead + body.size.length + FRAME_PADDING
    if across:
        length = max(length, wide)
    else:  # the words stand left of the line that comes in
        before = max(before, wide + AFTER_BOX)
    after = body.size.after + FRAME_PADDING
    moved = body.moved(lead, 0)
    frame = Framed(step.key, 0, -before, length, before + after, words, whole)
    size = Size(length, before, after, lead, length - lead - body.size.length)
    return Plan(size, moved.placed, moved.drawn, (frame, *moved.framed))


def _with_way_back(step: Loop, body: Plan, direction: Direction) -> Plan:
    """From the bar back to the box, beside everything in between."""
    box, bar = _placed(body, step.key), _placed(body, f"{step.key}-join")
    lane = body.size.after + 2 * TRACK
    leaves, enters = bar.along + BAR // 2, box.along + box.length // 2
    points = (
        (leaves, BAR_HEIGHT // 2),
        (leaves, lane),
        (enters, lane),
        (enters, box_half(direction)),
    )
    line = Drawn(bar.id, box.id, "", True, False, points)
    return replace(body, size=replace(body.size, after=lane), drawn=(*body.drawn, line))


def _placed(body: Plan, id: str) -> Placed:
    return next(one for one in body.placed if one.id == id and one.shape in (Shape.BOX, Shape.JOIN))
