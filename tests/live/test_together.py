"""Pages that look at the same time look together, and none of them by another's eyes."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connection

from runs.live import together
from runs.live.together import look_together

pytestmark = pytest.mark.django_db


class Page:
    """It sees who it is told that its reader is."""

    def __init__(self, reader: str, asked: list[list[str]], see: Callable[[], object] = lambda: None) -> None:
        self.scope = {"reader": reader, "find_readers": self.find_readers}
        self.asked, self.see = asked, see

    def find_readers(self, scopes: list[dict[str, Any]]) -> list[str]:
        self.asked.append([scope["reader"] for scope in scopes])
        return self.asked[-1]

    def look_as(self, user: str) -> object:
        self.see()
        return user, threading.current_thread()


def seen(*pages: Page) -> list[Any]:
    async def look() -> list[Any]:
        return await asyncio.gather(*map(look_together, pages), return_exceptions=True)

    return asyncio.run(look())


def test_who_they_are_is_asked_once_and_each_sees_as_itself():
    asked: list[list[str]] = []
    found = seen(*(Page(name, asked) for name in ("maya", "otto", "ada")))
    assert [user for user, _ in found] == ["maya", "otto", "ada"]
    assert asked == [["maya", "otto", "ada"]]
    assert len({thread for _, thread in found}) == 1


def test_one_that_fails_fails_alone():
    def stumble() -> None:
        raise ValueError("the disk is on holiday")

    asked: list[list[str]] = []
    first, failed, last = seen(Page("maya", asked), Page("otto", asked, stumble), Page("ada", asked))
    assert (first[0], str(failed), last[0]) == ("maya", "the disk is on holiday", "ada")


def test_where_nobody_can_be_asked_who_they_are_all_hear_of_it():
    class Lost(Page):
        def find_readers(self, scopes: list[dict[str, Any]]) -> list[str]:
            raise ConnectionError("gone")

    assert [str(problem) for problem in seen(Lost("maya", []), Lost("otto", []))] == ["gone", "gone"]


def test_no_more_look_in_one_go_than_may(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(together, "MOST", 2)
    asked: list[list[str]] = []
    found = seen(*(Page(name, asked) for name in ("maya", "otto", "ada")))
    assert [user for user, _ in found] == ["maya", "otto", "ada"]
    assert asked == [["maya", "otto"], ["ada"]]


def test_whoever_comes_while_others_look_looks_with_the_next():
    looking, go_on = threading.Event(), threading.Event()
    asked: list[list[str]] = []

    def see() -> None:
        looking.set()
        assert go_on.wait(10)

    async def look() -> None:
        first = asyncio.create_task(look_together(Page("maya", asked, see)))
        assert await asyncio.to_thread(looking.wait, 10)
        others = [asyncio.create_task(look_together(Page(name, asked))) for name in ("otto", "ada")]
        await asyncio.sleep(0)
        go_on.set()
        assert [(await one)[0] for one in (first, *others)] == ["maya", "otto", "ada"]

    asyncio.run(look())
    assert asked == [["maya"], ["otto", "ada"]]


def test_a_page_that_goes_away_meanwhile_takes_nothing_from_the_others():
    looking, go_on = threading.Event(), threading.Event()

    def see() -> None:
        looking.set()
        assert go_on.wait(10)

    async def look() -> Any:
        gone = asyncio.create_task(look_together(Page("maya", [], see)))
        other = asyncio.create_task(look_together(Page("otto", [])))
        assert await asyncio.to_thread(looking.wait, 10)
        gone.cancel()
        go_on.set()
        return (await other)[0]

    assert asyncio.run(look()) == "otto"


def test_whoever_has_gone_before_its_turn_does_not_look():
    asked: list[list[str]] = []

    async def look() -> Any:
        gone = asyncio.create_task(look_together(Page("maya", asked)))
        other = asyncio.create_task(look_together(Page("otto", asked)))
        await asyncio.sleep(0)
        gone.cancel()
        return (await other)[0]

    assert asyncio.run(look()) == "otto"
    assert asked == [["otto"]]


def test_nobody_looks_where_all_have_gone_and_whoever_comes_then_does():
    asked: list[list[str]] = []

    async def look() -> Any:
        gone = asyncio.create_task(look_together(Page("maya", asked)))
        await asyncio.sleep(0)
        gone.cancel()
        return (await look_together(Page("otto", asked)))[0]

    assert asyncio.run(look()) == "otto"
    assert asked == [["otto"]]


def test_a_look_of_all_that_comes_to_grief_is_heard_of_and_not_the_last(monkeypatch: pytest.MonkeyPatch):
    def stumble() -> None:
        monkeypatch.undo()
        raise ConnectionError("gone")

    monkeypatch.setattr(together, "keep_connections", stumble)

    async def look() -> list[Any]:
        pages = Page("maya", []), Page("otto", [])
        failed = await asyncio.gather(*map(look_together, pages), return_exceptions=True)
        return [*map(str, failed), (await look_together(pages[0]))[0]]

    assert asyncio.run(look()) == ["gone", "gone", "maya"]


@pytest.mark.django_db(transaction=True)
def test_the_connection_is_kept_for_the_next_look_and_replaced_when_it_is_lost():
    class Reading(Page):
        def look_as(self, user: str) -> object:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            return connection.connection

    async def look() -> list[Any]:
        first, second = [await look_together(Reading("maya", [])) for _ in range(2)]
        if connection.vendor == "postgresql":  # a file is never lost
            await sync_to_async(lambda: connection.connection.close())()
        return [first, second, await look_together(Reading("maya", []))]

    first, second, third = asyncio.run(look())
    assert first is second
    assert (third is first) == (connection.vendor == "sqlite")
