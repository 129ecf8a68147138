"""A page as a tree, and what htmx does to it: just enough to play a page that is kept up to date."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


@dataclass
class Element:
    tag: str
    attributes: dict[str, str | None] = field(default_factory=dict)
    children: list["Element | str"] = field(default_factory=list)

    @property
    def elements(self) -> list["Element"]:
        return [child for child in self.children if isinstance(child, Element)]

    def walk(self) -> Iterator["Element"]:
        yield self
        for child in self.elements:
            yield from child.walk()

    def find(self, id: str) -> "Element | None":
        return next((element for element in self.walk() if element.attributes.get("id") == id), None)

    def text(self) -> str:
        parts = (child if isinstance(child, str) else child.text() for child in self.children)
        return " ".join("".join(parts).split())


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("#root")
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs))
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].children.append(Element(tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def read(html: str) -> Element:
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == [reader.root], f"<{reader.open[-1].tag}> is not closed"
    return reader.root


def swap(page: Element, frame: str) -> None:
    """Apply the out-of-band parts of a frame, as htmx does. Each must find its place."""
    for part in read(frame).elements:
        how, _, where = (part.attributes.pop("hx-swap-oob") or "").partition(":")
        id = where.removeprefix("#") or part.attributes["id"]
        target = page.find(id or "")
        assert target is not None, f"there is no #{id} for a part of the frame"
        if how == "afterbegin":
            target.children[:0] = part.children
        elif how == "beforeend":
            target.children += part.children
        else:
            assert how == "outerMorph", how
            morph(target, part)


def morph(old: Element, new: Element) -> None:
    """Make `old` what `new` is, apart from what asks to be left alone."""
    if "hx-morph-skip" in old.attributes:
        return
    keeps_children = "hx-morph-skip-children" in old.attributes and "hx-morph-skip-children" in new.attributes
    old.tag, old.attributes = new.tag, new.attributes
    if keeps_children:
        return
    left = old.elements
    merged: list[Element | str] = []
    for child in new.children:
        if isinstance(child, str):
            merged.append(child)
            continue
        same = next((one for one in left if is_same(one, child)), None)
        if same is not None:
            left.remove(same)
            morph(same, child)
        merged.append(child if same is None else same)
    old.children = merged


def is_same(one: Element, other: Element) -> bool:
    return one.tag == other.tag and one.attributes.get("id") == other.attributes.get("id")


def normal(element: Element) -> list[str]:
    """The region as lines that can be compared: texts that tick say nothing."""
    lines = [f"<{element.tag} {sorted(element.attributes.items(), key=str)}>"]
    if "data-tick" not in element.attributes:
        for child in element.children:
            lines += normal(child) if isinstance(child, Element) else [" ".join(child.split())]
    return [line for line in lines if line]
