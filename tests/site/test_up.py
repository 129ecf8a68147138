"""`manage.py up`, as a newcomer runs it: a real process on a data folder of its own."""

import os
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path

import psutil
import pytest

from tests.servers import free_port, manage, postgres_server, stop_process, wait_until
from tests.settings import CHOSEN

LINK = re.compile(r"http://127\.0\.0\.1:\d+/sign-in/[\w-]{40,}/")


class Up:
    """A running `up`, what it said, and the processes it started."""

    def __init__(self, folder: Path, **environ: str) -> None:
        outside = {
            key: value for key, value in os.environ.items() if not key.startswith(("CHOREO_", "DJANGO_"))
        }
        self.data = folder / "data"
        self.said = folder / "said.txt"
        with free_port() as shop_port:
            pass
        ours = {
            "CHOREO_DATA_DIR": str(self.data),
            "CHOREO_PORT": "0",
            "CHOREO_SHOP_PORT": str(shop_port),
        }
        with self.said.open("wb") as output:
            self.process = subprocess.Popen(
                manage("up"),
                env=outside | ours | environ,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def text(self) -> str:
        return self.said.read_text()

    def link(self) -> str:
        """The sign-in link, once it is printed."""
        wait_until(lambda: LINK.search(self.text()) or self.has_ended(), seconds=60, what="the link")
        found = LINK.search(self.text())
        assert found, self.text()
        return found.group()

    def site(self) -> str:
        return self.link().partition("/sign-in/")[0]

    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def child(self, command: str) -> psutil.Process | None:
        return next((child for child in self.children() if command in child.cmdline()), None)


def still_running(processes: list[psutil.Process]) -> list[psutil.Process]:
    """A zombie waits for its parent to look; it no longer runs."""
    return [one for one in processes if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]


@pytest.fixture(scope="module")
def database() -> Iterator[dict[str, str]]:
    """Nothing for SQLite: the default is what a newcomer has."""
    if CHOSEN == "sqlite":
        yield {}
        return
    with postgres_server() as url:
        yield {"CHOREO_DATABASE_URL": url}


@pytest.fixture(scope="module")
def shared_up(tmp_path_factory: pytest.TempPathFactory, database: dict[str, str]) -> Iterator[Up]:
    """One for the tests that leave it running."""
    started = Up(tmp_path_factory.mktemp("up"), **database)
    yield started
    stop_process(started.process)


@pytest.fixture
def up(tmp_path: Path, database: dict[str, str]) -> Iterator[Up]:
    started = Up(tmp_path, **database)
    yield started
    stop_process(started.process)


def visitor() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))


def status_of(browser: urllib.request.OpenerDirector, address: str) -> int:
    try:
        with browser.open(address, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


class StayHere(urllib.request.HTTPRedirectHandler):
    """Shows a redirect instead of following it."""

    def redirect_request(self, *arguments: object) -> None:
        return None


@pytest.mark.db_both
def test_it_starts_and_its_link_signs_in_once(shared_up: Up):
    link = shared_up.link()
    assert len(LINK.findall(shared_up.text())) == 1
    first = urllib.request.build_opener(StayHere)
    assert status_of(first, link) == 302
    assert status_of(visitor(), link) == 410


def test_it_keeps_its_children_without_what_the_preparing_took(shared_up: Up):
    token = shared_up.link().rstrip("/").rpartition("/")[2]
    keeper = psutil.Process(shared_up.process.pid)
    assert keeper.memory_info().rss < 40 * 1024**2
    shown = [*keeper.cmdline(), *keeper.environ().values()]
    assert "up" in shown
    assert not [word for word in shown if token in word], "the link is a secret"


@pytest.mark.db_both
def test_pages_find_their_static_files(shared_up: Up):
    with visitor().open(f"{shared_up.site()}/sign-in/", timeout=10) as answer:
        page = answer.read().decode()
    styles = re.findall(r'href="(/static/[^"]+\.css)"', page)
    assert styles
    for style in styles:
        assert re.search(r"\.[0-9a-f]{12}\.css$", style), "a file that changes gets a new name"
        assert status_of(visitor(), shared_up.site() + style) == 200


@pytest.mark.db_both
def test_ctrl_c_stops_everything_within_seconds(up: Up):
    up.link()
    children = up.children()
    assert up.child("web")
    begun = time.monotonic()
    up.process.send_signal(signal.SIGINT)
    assert up.process.wait(20) == 0
    assert time.monotonic() - begun < 12
    assert not still_running(children)
    assert up.text().endswith("Stopped.\n")


@pytest.mark.db_both
def test_kill_9_leaves_nothing_behind(up: Up):
    up.link()
    children = up.children()
    assert children
    up.process.kill()
    up.process.wait()
    wait_until(lambda: not still_running(children), seconds=15, what="the last child to end")


def test_a_child_that_dies_is_started_again(shared_up: Up):
    site = shared_up.site()
    web = shared_up.child("web")
    assert web
    web.kill()
    wait_until(
        lambda: "web was killed by SIGKILL; starting it again in 0.5 s." in shared_up.text(), what="the line"
    )
    wait_until(lambda: shared_up.child("web"), what="its successor")
    # The listening socket is `up`'s own, so a visitor in between waits instead of being turned away.
    assert status_of(visitor(), f"{site}/healthz") == 200


def test_a_second_start_keeps_the_data_and_prints_a_fresh_link(tmp_path: Path):
    links, keys = set(), set()
    for _ in range(2):
        started = Up(tmp_path)
        links.add(started.link())
        keys.add((started.data / "secret-key").read_text())
        assert stop_process(started.process) == 0
    assert (len(links), len(keys)) == (2, 1)


def test_a_second_up_on_the_same_data_is_refused(shared_up: Up, tmp_path: Path):
    shared_up.link()
    second = Up(tmp_path, CHOREO_DATA_DIR=str(shared_up.data))
    assert second.process.wait(60) == 1
    assert "Choreo is already running on" in second.text()
    assert "Traceback" not in second.text()


def test_a_port_in_use_is_one_sentence(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        started = Up(tmp_path, CHOREO_PORT=str(port))
        assert started.process.wait(60) == 1
    assert f"Port {port} is in use." in started.text()
    assert "CHOREO_PORT" in started.text()
    assert len(started.text().splitlines()) == 1


def test_an_unwritable_folder_is_one_sentence(tmp_path: Path):
    (tmp_path / "file").touch()
    started = Up(tmp_path, CHOREO_DATA_DIR=str(tmp_path / "file" / "data"))
    assert started.process.wait(60) == 1
    assert "cannot be written to" in started.text()
    assert len(started.text().splitlines()) == 1


def test_a_database_that_does_not_answer_is_one_sentence(tmp_path: Path):
    started = Up(tmp_path, CHOREO_DATABASE_URL=f"postgresql://nobody@/none?host={tmp_path}")
    assert started.process.wait(60) == 1
    assert "The database of CHOREO_DATABASE_URL cannot be used" in started.text()
    assert "Traceback" not in started.text()
