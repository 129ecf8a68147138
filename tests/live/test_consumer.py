"""The socket of a run page: a snapshot, then what follows, for those who may see it."""

import asyncio
import re
import threading
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from itertools import pairwise
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from asgiref.testing import ApplicationCommunicator
from django.contrib.auth.models import AbstractUser, Group
from django.db import connections
from django.test import Client
from uvicorn.protocols.utils import ClientDisconnected

from choreo_site.asgi import make_application
from runs import bell
from runs.bell import datagrams, ringer
from runs.live import consumers, open_page, watch
from runs.models import Run
from tests.actions.flows import echo, flow, undoable
from tests.actions.test_children import a_child, begin, end_child, sub
from tests.factories import Hand, a_run
from tests.people import person, signed_in

pytestmark = pytest.mark.django_db(transaction=True)

ORIGIN = "http://localhost:8000"
THREE = flow(one=undoable("one", next="two"), two=echo(next="three"), three=echo())
UNKNOWN = "0190b8d6-0000-7000-8000-000000000000"


@pytest.fixture
def run(transactional_db: None) -> Run:
    return a_run(THREE)


@pytest.fixture
def viewer(transactional_db: None) -> AbstractUser:
    return person("viewer")


class Socket(ApplicationCommunicator):
    """One page's."""

    def __init__(self, client: Client, address: str) -> None:
        path, _, query = address.partition("?")
        cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
        headers = [(b"origin", ORIGIN.encode()), (b"cookie", cookies.encode())]
        scope = {"type": "websocket", "path": path, "query_string": query.encode("utf-8"), "headers": headers}
        super().__init__(make_application(origins=[ORIGIN]), {**scope, "subprotocols": []})

    async def connect(self) -> bool:
        await self.send_input({"type": "websocket.connect"})
        return (await self.receive_output(5))["type"] == "websocket.accept"

    async def disconnect(self) -> None:
        await self.send_input({"type": "websocket.disconnect", "code": 1001})
        await self.wait(5)

    async def frame(self) -> str:
        message = await self.receive_output(5)
        assert message["type"] == "websocket.send", message
        return message["text"]

    async def closed_with(self) -> int:
        message = await self.receive_output(5)
        assert message["type"] == "websocket.close"
        return message["code"]

    async def say(self, **frame: object) -> None:
        await self.send_input({"type": "websocket.receive", **frame})


def stranger(run: Run) -> dict[str, Any]:
    """Somebody's socket who has not signed in."""
    headers = [(b"origin", ORIGIN.encode())]
    return {
        "type": "websocket",
        "path": f"/ws/runs/{run.pk}/",
        "query_string": b"",
        "headers": headers,
        "subprotocols": [],
    }


def talk(
    client: Client, run_id: object, conversation: Callable[[Socket], Awaitable[Any]], query: str = ""
) -> Any:
    async def hold() -> Any:
        socket = Socket(client, f"/ws/runs/{run_id}/{query}")
        assert await socket.connect()
        try:
            return await conversation(socket)
        finally:
            await socket.disconnect()

    return asyncio.run(hold())


async def meanwhile(act: Callable[[], object]) -> Any:
    def acted() -> object:
        try:
            return act()
        finally:
            connections.close_all()

    return await asyncio.to_thread(acted)


def seqs(frame: str) -> list[int]:
    return [int(seq) for seq in re.findall(r'data-seq="(\d+)"', frame)]


def test_a_page_that_connects_gets_every_region_and_what_it_lacks(run: Run, viewer: AbstractUser):
    Hand().claim()
    frame = talk(signed_in(viewer), run.pk, Socket.frame, "?after=2")
    for region in ("run-head", "run-banners", "node-one", "run-ladder", "run-undo", "run-tabs"):
        assert re.search(rf'id="{region}"[^>]* hx-swap-oob="outerMorph"', frame)
    assert seqs(frame) == [4]


@pytest.mark.parametrize(
    "query", ["", "?after=", "?after=-1", "?after=x", "?after=99999999999999", "?after=%00", "?after=²"]
)
def test_a_cursor_that_is_none_gets_everything(run: Run, viewer: AbstractUser, query: str):
    Hand().claim()
    assert seqs(talk(signed_in(viewer), run.pk, Socket.frame, query))[-1] == 1


def test_two_readers_of_one_run_are_each_told_by_their_own_clocks(run: Run, viewer: AbstractUser):
    Run.objects.filter(pk=run.pk).update(created_at=datetime(2026, 7, 1, 12, 0, 7, tzinfo=UTC))
    told = {}
    for zone in ("Europe/Berlin", "Asia/Kolkata", "nowhere", ""):
        client = signed_in(viewer)
        client.cookies["zone"] = zone
        told[zone] = re.findall(r">(\d\d:\d\d:07)<", talk(client, run.pk, Socket.frame))[0]
    assert list(told.values()) == ["14:00:07", "17:30:07", "12:00:07", "12:00:07"]


def test_a_page_of_another_tab_gets_that_and_no_lines(run: Run, viewer: AbstractUser):
    Hand().claim()
    frame = talk(signed_in(viewer), run.pk, Socket.frame, "?step=one&tab=step&after=0")
    assert 'id="run-step"' in frame
    assert seqs(frame) == []
    assert 'id="run-data"' in talk(signed_in(viewer), run.pk, Socket.frame, "?tab=data")
    assert 'id="run-step"' not in talk(signed_in(viewer), run.pk, Socket.frame, "?tab=step&step=<script>")


def test_a_page_is_not_sent_what_was_so_before_it_was_made(viewer: AbstractUser):
    """Not all that it shows stands in the journal of its run: here, how far the run is that it has started."""
    a_child()
    hand, client = Hand(), signed_in(viewer)
    run, place = begin(hand, flow(one=sub(awaited=False))), "?step=one&tab=step"

    def ended(html: str) -> bool:
        its_run = html.partition("<h3>Its run</h3>")[2]
        return "Succeeded" in its_run.partition("</ul>")[0]

    async def come_later(earlier: Socket) -> list[bool]:
        told = [ended(await earlier.frame())]
        await meanwhile(lambda: end_child(hand))
        page = await meanwhile(lambda: client.get(f"/runs/{run.pk}/{place}").text)
        later = Socket(client, f"/ws/runs/{run.pk}/{place}")
        assert await later.connect()
        told += [ended(page), ended(await later.frame())]
        await later.disconnect()
        return told

    assert talk(client, run.pk, come_later, place) == [False, True, True]


def test_each_entry_comes_once_and_in_order(run: Run, viewer: AbstractUser):
    hand = Hand()

    async def watch_it(socket: Socket) -> list[int]:
        heard = seqs(await socket.frame())
        for act in (
            hand.claim,
            lambda: hand.succeed("one", {"key": "k", "note": "x"}),
            lambda: hand.succeed("two"),
        ):
            await meanwhile(act)
            heard += reversed(seqs(await socket.frame()))
        return heard

    heard = talk(signed_in(viewer), run.pk, watch_it)
    told = list(run.journal.order_by("seq").values_list("seq", flat=True))
    assert heard == sorted(set(heard))
    assert heard[0] == 1
    assert set(heard) <= set(told)
    assert heard[-1] >= told[-1] - 1


def test_many_rings_are_a_few_frames(run: Run, viewer: AbstractUser, monkeypatch: pytest.MonkeyPatch):
    async def count(socket: Socket) -> int:
        await socket.frame()
        began, frames, seq = time.monotonic(), 0, 0
        while time.monotonic() - began < 1.5:
            seq += 1
            await meanwhile(lambda seq=seq: bell.ring(run.pk, seq, work=False))
            while not await socket.receive_nothing(0.001, 0.001):
                await socket.frame()
                frames += 1
        return frames

    at_once, beats = 2, 7  # in a second and a half, and a little more
    assert 1 <= talk(signed_in(viewer), run.pk, count) <= at_once + beats


def test_a_lost_ring_costs_only_time(run: Run, viewer: AbstractUser, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(open_page, "LOOK", 0.4)
    monkeypatch.setattr(bell, "ring", lambda *args, **more: None)
    hand = Hand()

    async def wait(socket: Socket) -> list[int]:
        await socket.frame()
        await meanwhile(hand.claim)
        while not (found := seqs(await socket.frame())):
            pass
        return found

    assert talk(signed_in(viewer), run.pk, wait) == [4, 1]


def test_a_bell_that_missed_something_makes_every_page_look(run: Run, viewer: AbstractUser, monkeypatch):
    hand = Hand()

    async def wait(socket: Socket) -> list[int]:
        await socket.frame()
        with monkeypatch.context() as patch:
            for kind in (datagrams, ringer):
                patch.setattr(kind, "spell", lambda ring: "")
            await meanwhile(hand.claim)
            return seqs(await socket.frame())

    assert talk(signed_in(viewer), run.pk, wait) == [4, 1]


def test_a_ring_for_what_the_page_has_is_not_answered(run: Run, viewer: AbstractUser):
    Hand().claim()
    ringer.close_ringer()  # the claim's own ring is out before the page listens: it could find it half ready

    async def ring(socket: Socket) -> bool:
        await socket.frame()
        await meanwhile(lambda: bell.ring(run.pk, 3, work=False))
        return await socket.receive_nothing(0.6)

    assert talk(signed_in(viewer), run.pk, ring)


# --- who may -----------------------------------------------------------------------------------------------------


def test_strangers_are_told_to_sign_in(run: Run):
    assert talk(Client(), run.pk, Socket.closed_with) == open_page.SIGNED_OUT


def test_who_may_not_see_runs_is_cut_off_for_good(run: Run, viewer: AbstractUser):
    viewer.groups.clear()
    assert talk(signed_in(viewer), run.pk, Socket.closed_with) == open_page.NOT_YOURS


def test_a_run_that_is_not_there_looks_like_one_that_one_may_not_see(viewer: AbstractUser):
    assert talk(signed_in(viewer), UNKNOWN, Socket.closed_with) == open_page.NOT_YOURS


def test_who_signs_out_hears_nothing_more(run: Run, viewer: AbstractUser):
    client, hand = signed_in(viewer), Hand()

    async def leave(socket: Socket) -> int:
        await socket.frame()
        await meanwhile(client.logout)
        await meanwhile(hand.claim)
        return await socket.closed_with()

    session = client.cookies.copy()
    assert talk(client, run.pk, leave) == open_page.SIGNED_OUT
    assert session


def test_who_loses_the_role_hears_nothing_more(run: Run, viewer: AbstractUser):
    hand = Hand()

    async def lose(socket: Socket) -> int:
        await socket.frame()
        await meanwhile(viewer.groups.clear)
        await meanwhile(hand.claim)
        return await socket.closed_with()

    assert talk(signed_in(viewer), run.pk, lose) == open_page.NOT_YOURS


def deactivate(user: AbstractUser, run: Run) -> None:
    type(user).objects.filter(pk=user.pk).update(is_active=False)


def change_password(user: AbstractUser, run: Run) -> None:
    user.set_password("quite another")
    user.save()


def lose_team(user: AbstractUser, run: Run) -> None:
    user.groups.remove(Group.objects.get(name="risk"))


def give_to_another_team(user: AbstractUser, run: Run) -> None:
    """One that the user is not in, and all others are."""
    team = Group.objects.create(name="fraud")
    for other in type(user).objects.exclude(pk=user.pk):
        other.groups.add(team)
    run.workflow.team = team
    run.workflow.save()


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (deactivate, open_page.SIGNED_OUT),
        (change_password, open_page.SIGNED_OUT),
        (lose_team, open_page.NOT_YOURS),
        (give_to_another_team, open_page.NOT_YOURS),
    ],
)
def test_of_those_who_look_together_one_who_may_not_any_more_is_cut_off_and_no_other(
    run: Run, act: Callable[[AbstractUser, Run], None], code: int
):
    people = [person("viewer", "risk", name=name) for name in ("vera", "vito", "vlad")]
    run.workflow.team = Group.objects.get(name="risk")
    run.workflow.save()
    clients, hand = [signed_in(user) for user in people], Hand()

    async def read_on() -> tuple[int, list[list[int]]]:
        first, *others = sockets = [Socket(client, f"/ws/runs/{run.pk}/") for client in clients]
        for socket in sockets:
            assert await socket.connect()
            await socket.frame()
        await meanwhile(lambda: act(people[0], run))
        await meanwhile(hand.claim)
        told = [seqs(await socket.frame()) for socket in others]
        cut_off = await first.closed_with()
        for socket in sockets:
            await socket.disconnect()
        return cut_off, told

    cut_off, told = asyncio.run(read_on())
    assert cut_off == code
    assert all(told)


@pytest.mark.parametrize("address", ["/ws/runs/1/", "/ws/runs/not-a-run/", "/ws/runs/", "/ws/"])
def test_what_is_no_address_is_refused_at_the_door(viewer: AbstractUser, address: str):
    client = signed_in(viewer)

    async def knock() -> bool:
        return await Socket(client, address).connect()

    assert not asyncio.run(knock())


# --- what a page may send ----------------------------------------------------------------------------------------


def test_what_a_page_sends_is_not_listened_to(run: Run, viewer: AbstractUser):
    async def chat(socket: Socket) -> bool:
        await socket.frame()
        for text in ("", "hello", '{"type": "run.moved", "seq": 99}', "x" * open_page.LARGEST_FRAME):
            await socket.say(text=text)
        await socket.say(bytes=b"\0\xff")
        return await socket.receive_nothing(0.3)

    assert talk(signed_in(viewer), run.pk, chat)


@pytest.mark.parametrize("frame", [{"text": "x" * 4_097}, {"bytes": b"x" * 1_000_000}])
def test_a_frame_too_large_ends_the_conversation(run: Run, viewer: AbstractUser, frame: dict[str, Any]):
    async def shout(socket: Socket) -> int:
        await socket.frame()
        await socket.say(**frame)
        return await socket.closed_with()

    assert talk(signed_in(viewer), run.pk, shout) == 1009


def test_a_page_that_goes_leaves_nothing_behind(run: Run, viewer: AbstractUser):
    client = signed_in(viewer)

    async def come_and_go() -> int:
        for _ in range(3):
            socket = Socket(client, f"/ws/runs/{run.pk}/")
            assert await socket.connect()
            await socket.frame()
            await socket.disconnect()
        return len([other for other in asyncio.all_tasks() if other is not asyncio.current_task()])

    def listening() -> int:
        return sum(thread.name == watch.THREAD for thread in threading.enumerate())

    assert asyncio.run(come_and_go()) == 0
    until = time.monotonic() + 5
    while listening() and time.monotonic() < until:
        time.sleep(0.05)
    assert listening() == 0


@pytest.mark.parametrize("too_large", [0, 2])
def test_a_socket_that_ends_in_an_error_leaves_nothing_behind(run: Run, too_large: int):
    """Its end is not announced then. And after two frames too large at once only one end is sent, and nothing more."""
    large = {"type": "websocket.receive", "text": "x" * 4_097}
    heard, sent = [{"type": "websocket.connect"}, *[large] * too_large], []

    async def receive() -> dict[str, Any]:
        if not heard:
            raise ConnectionError("The server stops.")
        return heard.pop(0)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message["type"].removeprefix("websocket."))

    async def talk_to_it() -> tuple[int, int]:
        with pytest.raises(ConnectionError):
            await make_application(origins=[ORIGIN])(stranger(run), receive, send)
        staying = 0
        if others := asyncio.all_tasks() - {asyncio.current_task()}:  # one look may be under way
            staying = len((await asyncio.wait(others, timeout=5))[1])
        return staying, len(watch.watch().pages)

    assert asyncio.run(talk_to_it()) == (0, 0)
    assert sent in (["accept"], ["accept", "close"])
    assert not too_large or "close" in sent


def test_who_is_refused_is_woken_no_more(run: Run):
    async def refused(socket: Socket) -> int:
        await socket.closed_with()
        await asyncio.sleep(0)
        return len(watch.watch().pages)

    assert talk(Client(), run.pk, refused) == 0


def test_trouble_with_the_database_does_not_cut_a_page_off(
    run: Run, viewer: AbstractUser, monkeypatch, caplog
):
    hand, real, broken = Hand(), consumers.render, []

    def render(*args: Any, **more: Any) -> Any:
        if not broken:
            broken.append(True)
            raise OSError("the disk is on holiday")
        return real(*args, **more)

    async def go_on(socket: Socket) -> list[int]:
        while not broken:
            await asyncio.sleep(0.01)
        await meanwhile(hand.claim)
        return seqs(await socket.frame())

    monkeypatch.setattr(consumers, "render", render)
    assert talk(signed_in(viewer), run.pk, go_on)[-1] == 1
    assert "could not catch up" in caplog.text


def test_a_browser_that_goes_away_in_the_middle_is_no_news(caplog: pytest.LogCaptureFixture):
    class Gone(open_page.PageOfRuns):
        rung = asyncio.Event()

        async def catch_up(self) -> bool:
            raise ClientDisconnected

    async def leave() -> None:
        await asyncio.wait_for(Gone().live(), 5)

    asyncio.run(leave())
    assert caplog.messages == []


@pytest.mark.parametrize("at_once", [1, 2])
def test_a_page_looks_so_often_at_once_and_then_once_a_beat(at_once: int, monkeypatch: pytest.MonkeyPatch):
    now, looks = 1000.03, list[float]()

    class Busy(open_page.PageOfRuns):
        pause = 0.25
        rung = asyncio.Event()

        async def wait(self) -> None:
            nonlocal now
            now += 60 * (len(looks) == 5)  # it has been quiet for a while

        async def catch_up(self) -> bool:
            nonlocal now
            looks.append(now)
            now += 0.01
            return len(looks) < 10

    async def sleep(seconds: float) -> None:
        nonlocal now
        now += max(0.0, seconds)

    monkeypatch.setattr(open_page, "time", SimpleNamespace(monotonic=lambda: now))
    monkeypatch.setattr(open_page, "asyncio", SimpleNamespace(sleep=sleep))
    Busy.at_once = at_once
    asyncio.run(Busy().keep_up())
    for some in (looks[:5], looks[5:]):
        apart = [later - earlier for earlier, later in pairwise(some)]
        assert apart[: at_once - 1] == pytest.approx([0.01] * (at_once - 1))
        assert all(0.12 <= one <= 0.38 for one in apart[at_once - 1 : at_once])
        assert apart[at_once:] == pytest.approx([0.25] * len(apart[at_once:]))


def test_pages_of_one_run_look_at_the_same_moments():
    run, other = UUID(int=7), UUID(int=400)
    early, late, others = (open_page.Beat(one, 0.25) for one in (run, UUID(int=7), other))
    beat = early.nearest(1000.0)
    assert beat == late.nearest(beat + 0.1) == pytest.approx(late.nearest(beat - 0.1))
    assert beat != pytest.approx(others.nearest(beat), abs=0.01)
    assert late.nearest(beat + 0.2) == pytest.approx(beat + 0.25)
