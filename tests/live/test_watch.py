"""Which open pages a ring wakes."""

import asyncio
from collections.abc import Callable
from uuid import UUID

import pytest

from runs.bell import EVERYTHING, BellLost, Ring
from runs.live import watch
from runs.live.watch import ANY_RUN, Watch

ONE, OTHER = UUID(int=1), UUID(int=2)


class Page:
    def __init__(self) -> None:
        self.heard: list[Ring] = []

    def hear(self, ring: Ring) -> None:
        self.heard.append(ring)


@pytest.fixture(autouse=True)
def silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bell that is never heard: rings are passed on by hand."""

    def lost(kind: str) -> None:
        raise BellLost("Nobody rings in this test.")

    monkeypatch.setattr(watch.bell, "listen", lost)
    monkeypatch.setattr(watch, "BACKOFF", 0.01)


def heard_by_pages(act: Callable[[Watch, dict[str, Page]], None]) -> dict[str, list[Ring]]:
    """What each page has heard: one of a run, one of another, a list, a draft."""
    topics: dict[str, watch.Topic] = {"one": ONE, "other": OTHER, "list": ANY_RUN, "draft": "draft order"}
    pages = {name: Page() for name in topics}

    async def meet() -> None:
        mine = watch.watch()
        for name, page in pages.items():
            await mine.join(page, topics[name])
        act(mine, pages)
        for name, page in pages.items():
            mine.leave(page, topics[name])
        assert not mine.pages

    asyncio.run(meet())
    return {name: page.heard for name, page in pages.items()}


def test_a_ring_wakes_the_pages_of_its_run_and_the_lists():
    ring = Ring(ONE, 7)
    assert heard_by_pages(lambda mine, _: mine.pass_on([ring])) == {
        "one": [ring],
        "other": [],
        "list": [ring],
        "draft": [],
    }


def test_a_ring_of_no_run_wakes_every_page():
    found = heard_by_pages(lambda mine, _: mine.pass_on([EVERYTHING]))
    assert found == dict.fromkeys(("one", "other", "list", "draft"), [EVERYTHING])


def test_who_has_left_is_not_woken():
    def act(mine: Watch, pages: dict[str, Page]) -> None:
        mine.leave(pages["one"], ONE)
        mine.leave(pages["one"], ONE)
        mine.pass_on([Ring(ONE, 1)])

    assert heard_by_pages(act)["one"] == []


def test_a_page_that_leaves_at_a_ring_spoils_nobodys():
    class Leaving(Page):
        def hear(self, ring: Ring) -> None:
            super().hear(ring)
            watch.watch().leave(self, ONE)

    going = [Leaving(), Leaving()]

    def act(mine: Watch, _: dict[str, Page]) -> None:
        mine.pages[ONE].update(going)
        mine.pass_on([Ring(ONE, 1), Ring(ONE, 2)])

    assert heard_by_pages(act)["one"] == [Ring(ONE, 1), Ring(ONE, 2)]
    assert [page.heard for page in going] == [[Ring(ONE, 1)]] * 2


def test_where_the_bell_was_lost_everything_may_have_been_rung(monkeypatch: pytest.MonkeyPatch):
    class Lost:
        """A listener that is lost at once."""

        def wait(self, timeout: float) -> list[Ring]:
            raise BellLost("The server was restarted.")

        def close(self) -> None:
            pass

    monkeypatch.setattr(watch.bell, "listen", lambda kind: Lost())
    page = Page()

    async def hear_twice() -> None:
        await watch.watch().join(page, ONE)
        assert not page.heard
        async with asyncio.timeout(5):
            while len(page.heard) < 2:
                await asyncio.sleep(0.01)

    asyncio.run(hear_twice())
    assert set(page.heard) == {EVERYTHING}


def test_each_loop_has_its_own():
    async def mine() -> Watch:
        assert watch.watch() is watch.watch()
        return watch.watch()

    assert asyncio.run(mine()) is not asyncio.run(mine())
