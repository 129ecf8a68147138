"""Two web hosts: a start at one is seen at the other, and what a page misses when its host or Redis goes away."""

import re
import statistics
import time
from threading import Event, Thread
from typing import Any

import httpx
from django.conf import settings
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from choreo_site.tokens import create_token
from runs.actions import start_run
from runs.models import JournalEntry, Run
from tests.actions.flows import flow
from tests.factories import a_version, action
from tests.people import person, signed_in
from tests.scale.hosts import Web
from tests.scale.play import lasting
from tests.servers import stop_process, wait_until

STARTS = 20
PACE = 2.5  # seconds: a list is told once a second at most, and a start is more than one ring
LONG = 100  # steps of the run that is watched
PING = 2.0  # seconds in which the page's side finds out that its host is gone


class Reader:
    """What a page is, seen from the servers: it holds a socket, and comes back with its cursor, to any host."""

    def __init__(self, hosts: list[Web], path: str) -> None:
        user = person("admin")
        session = signed_in(user).cookies[settings.SESSION_COOKIE_NAME].value
        self.cookie = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={session}"}
        self.hosts, self.path = hosts, path
        self.frames: list[float] = []
        self.seqs: list[int] = []
        self.back: list[float] = []  # when a host was found
        self.over = Event()
        self.thread = Thread(target=self.read_on, daemon=True)

    def read_on(self) -> None:
        turn = 0
        while not self.over.is_set():
            try:
                self.read(self.hosts[turn % len(self.hosts)])
            except (WebSocketException, OSError):
                turn += 1
                self.over.wait(0.2)

    def connect(self, host: Web) -> ClientConnection:
        after = self.seqs[-1] if self.seqs else 0
        address = f"{host.url.replace('http', 'ws', 1)}{self.path}?after={after}"
        return connect(
            address,
            origin=Origin(host.url),
            additional_headers=self.cookie,
            max_size=None,
            open_timeout=PING,
            ping_interval=PING,
            ping_timeout=PING,
            close_timeout=0.1,
        )

    def read(self, host: Web) -> None:
        with self.connect(host) as socket:
            self.back.append(time.time())
            while not self.over.is_set():
                try:
                    frame = str(socket.recv(timeout=0.5))
                except TimeoutError:
                    continue
                self.frames.append(time.time())
                # A frame has its newest line first.
                self.seqs += sorted({int(seq) for seq in re.findall(r'data-seq="(\d+)"', frame)})

    def __enter__(self) -> "Reader":
        self.thread.start()
        wait_until(lambda: self.frames, seconds=30, what="a first frame")
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.thread.join(10)


def start_at(host: Web, token: str) -> float:
    """The moment at which the host said that the run is accepted."""
    answer = httpx.post(
        f"{host.url}/api/v1/runs/",
        json={"workflow": "seen", "input": {}},
        headers={"Authorization": f"Bearer {token}"},
        timeout=20,
    )
    assert answer.status_code == 201, (answer.status_code, answer.text)
    return time.time()


def seen_elsewhere(one: Web, other: Web) -> dict[str, Any]:
    """From a start at one host to a list that is open at the other."""
    a_version({"key": "seen", **flow(only=action("acme.noop"))})
    token, delays = create_token(by=person("admin"), name="scale").text, []
    with Reader([other], "/ws/lists/") as reader:
        for _ in range(STARTS):
            time.sleep(PACE)
            known, accepted = len(reader.frames), start_at(one, token)
            wait_until(
                lambda known=known: len(reader.frames) > known, seconds=25, what="the list", every=0.001
            )
            delays.append(reader.frames[known] - accepted)
    return {
        "starts": STARTS,
        "p50_ms": round(statistics.median(delays) * 1000),
        "most_ms": round(max(delays) * 1000),
    }


def long_run(key: str) -> Run:
    last = LONG - 1
    steps = {
        f"s{n}": lasting("acme.sleep", 0.2, **({"next": f"s{n + 1}"} if n < last else {}))
        for n in range(LONG)
    }
    return start_run(version=a_version({"key": key, **flow(**steps)}), inputs={})


def one_goes_away(one: Web, other: Web, way: str) -> dict[str, Any]:
    """A page of a run is open at a host that is killed, or whose cable is pulled: it goes on at the other."""
    run = long_run(f"watched_{way}")
    address = f"/ws/runs/{run.pk}/"
    with Reader([one, other], address) as reader, Reader([other], address) as undisturbed:
        wait_until(lambda: len(reader.seqs) > 5, seconds=30, what="some lines")
        gone = time.time()
        if way == "killed":
            assert one.process is not None
            stop_process(one.process, grace=0)
        else:
            one.host.pull()
        wait_until(lambda: reader.back[-1] > gone, seconds=60, what="the other host")
        wait_until(lambda: is_over(run), seconds=120, what="the run")
        wait_until_told(run, reader, undisturbed)
    check(reader, undisturbed)
    return {
        "lines": len(reader.seqs),
        "back_after": round(min(at for at in reader.back if at > gone) - gone, 1),
    }


def without_redis(one: Web, other: Web, redis: str) -> dict[str, Any]:
    """A page is open at a host that loses Redis; and what else it is asked meanwhile."""
    run = long_run("without_redis")
    token = create_token(by=person("admin"), name="redis").text
    address = f"/ws/runs/{run.pk}/"
    with Reader([one], address) as reader, Reader([other], address) as undisturbed:
        wait_until(lambda: len(reader.seqs) > 5, seconds=30, what="some lines")
        one.host.lose(redis)
        lost = time.time()
        page = asked(one, f"/runs/{run.pk}/", reader.cookie)
        api = asked(one, f"/api/v1/runs/{run.pk}/", {"Authorization": f"Bearer {token}"})
        time.sleep(max(0.0, lost + 30 - time.time()))
        heard = [at for at in reader.frames if at > lost]
        one.host.find(redis)
        wait_until(lambda: is_over(run), seconds=120, what="the run")
        wait_until_told(run, reader, undisturbed)
    check(reader, undisturbed)
    moments = [lost, *heard, lost + 30]
    return {
        "page": page,
        "api": api,
        "frames_meanwhile": len(heard),
        "longest_silence": round(max(b - a for a, b in zip(moments, moments[1:], strict=False)), 1),
        "lines": len(reader.seqs),
    }


def wait_until_told(run: Run, *readers: Reader) -> None:
    """The last entry of a journal is a line: the run's end."""
    last = JournalEntry.objects.filter(run=run).count()
    wait_until(lambda: all(one.seqs[-1] == last for one in readers), seconds=60, what="the last line")


def check(reader: Reader, other: Reader) -> None:
    """A page that was disturbed has what one has that was not."""
    for one in (reader, other):
        assert all(a < b for a, b in zip(one.seqs, one.seqs[1:], strict=False)), (
            "lines are doubled or out of order"
        )
    missing = set(other.seqs) - set(reader.seqs)
    assert reader.seqs == other.seqs, f"lines are missing: {sorted(missing)[:5]}"


def asked(host: Web, path: str, headers: dict[str, str]) -> str:
    began = time.time()
    try:
        said = str(httpx.get(f"{host.url}{path}", headers=headers, timeout=30).status_code)
    except httpx.HTTPError as problem:
        said = type(problem).__name__
    return f"{said} after {time.time() - began:.1f} s"


def is_over(run: Run) -> bool:
    run.refresh_from_db(fields=["ended_at"])
    return run.ended_at is not None


def wait_for_web(hosts: list[Web]) -> None:
    for host in hosts:
        wait_until(
            lambda host=host: asked(host, "/healthz", {}).startswith("200"), seconds=60, what=host.host.name
        )
