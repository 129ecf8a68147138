"""Fixtures for every test. CHOREO_TEST_DB chooses the database: sqlite (a file) or postgres.

Django's `db` fixture rolls each test back, so nobody else sees its rows. A test with a live server or workers
needs `transactional_db` (the fixtures below ask for it): rows are committed, and the tables with rows are emptied
after it (emptying.py). It costs several times as much as `db`, and workers two seconds of a processor's time more.

`.ci/test` runs the parts journeys, rows and pure as processes of their own; which one a test belongs to is told from
its marks and fixtures. PLACES_OF says what only one of them needs to read.
"""

import asyncio
import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from django.test import TransactionTestCase
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from runs.bell import datagrams
from runs.bell.ringer import close_ringer
from tests.browser import FLAGS, chromium_path
from tests.emptying import Emptying
from tests.guards import put_guards_aside
from tests.servers import (
    Cluster,
    Site,
    child_environment,
    postgres_server,
    postgres_settings,
    redis_server,
    running_site,
)
from tests.settings import CHOSEN

# Playwright's sync API leaves a running loop in the test's thread, and Django takes that for async code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

TESTS = Path(__file__).parent
PART = os.environ.get("CHOREO_TEST_PART", "all")  # journeys, rows or pure: `.ci/test` runs them side by side
PARTS_OF = {  # by what a test is: what it is run with
    "journeys": ("all", "journeys"),
    "rows": ("all", "rest", "rows"),
    "pure": ("all", "rest", "pure"),
}
# Reading a test costs more than many a test does. So what is of one part alone is not even read by the others; and
# no test of another part is lost there, for the part that does read it refuses to begin.
PLACES_OF = {
    "journeys": {"journeys"},
    "rows": {"actions", "api", "runs_web"},
    "pure": {
        *("catalog", "dataflow", "engine", "graph", "interop"),
        *("oracle/test_asl_oracle.py", "oracle/test_real_definitions.py"),
    },
}
# Who may do what, markup, and forms over plain rows: after SQLite they say nothing new on PostgreSQL. There
# `make everywhere` runs them as well (docs/adr/0038-what-runs-on-postgresql.md).
SAME_ON_BOTH = {
    *(
        "api/test_permissions.py",
        "runs_web/test_permissions.py",
        "live/test_fragments.py",
        "demo/test_editing.py",
    ),
    # Real processes: what they prove is played on both by `make crashes` and `make sockets`.
    *("reliability/test_real_deaths.py", "live/test_storms.py", "live/test_gaps.py"),
    *("designer/test_access.py", "designer/test_import_real.py", "designer/test_save_section.py"),
    *("security/test_sensitive.py", "security/test_roles.py", "security/test_attacks.py"),
    *(
        "designer/test_mapping.py",
        "designer/test_openers.py",
        "designer/test_steps.py",
        "designer/test_waits.py",
    ),
}
EVERYWHERE = os.environ.get("CHOREO_TEST_EVERYWHERE") == "1"
DATABASE_FIXTURES = {"db", "transactional_db", "live_site", "cluster"}

# A commit is judged by the same examples each time; the deep profile looks for new ones.
hypothesis_settings.register_profile(
    "commit", max_examples=200, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.register_profile(
    "deep", hypothesis_settings.get_profile("commit"), max_examples=2000, derandomize=False
)
hypothesis_settings.load_profile(os.environ.get("CHOREO_TEST_PROFILE", "commit"))


def pytest_report_header() -> str:
    return f"database: {CHOSEN}, tests: {PART}"


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    owner = owner_of(collection_path)
    return True if owner and PART not in PARTS_OF[owner] else None


def owner_of(path: Path) -> str | None:
    """The one part that reads what is there; None where a place has tests of several."""
    place = path.relative_to(TESTS) if path.is_relative_to(TESTS) else Path()
    names = {place.as_posix(), *place.parts[:1]}
    return next((part for part, places in PLACES_OF.items() if places & names), None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Journeys last: Playwright's loop stays, and `asyncio.run` refuses to work beside it."""
    for item in items:
        if owner_of(item.path) not in (None, part_of(item)):
            raise pytest.UsageError(
                f"{item.nodeid} is of the part {part_of(item)}; PLACES_OF gives its place to {owner_of(item.path)}."
            )
    items.sort(key=is_journey)
    kept = [item for item in items if is_chosen(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
    items[:] = kept


def pytest_collection_finish() -> None:
    """Thousands of tests live to the end: the collector of garbage need not look through them again and again."""
    gc.collect()
    gc.freeze()


def is_chosen(item: pytest.Item) -> bool:
    """On PostgreSQL only what can differ there: what uses the database, and of the journeys those it drives."""
    if PART not in PARTS_OF[part_of(item)]:
        return False
    return CHOSEN == "sqlite" or (uses_database(item) and (EVERYWHERE or can_differ(item)))


def can_differ(item: pytest.Item) -> bool:
    if is_journey(item):
        return is_driven(item)
    return item.path.relative_to(TESTS).as_posix() not in SAME_ON_BOTH


def part_of(item: pytest.Item) -> str:
    if is_journey(item):
        return "journeys"
    return "rows" if uses_database(item) else "pure"


def is_journey(item: pytest.Item) -> bool:
    return item.get_closest_marker("journey") is not None


def is_driven(item: pytest.Item) -> bool:
    """What the page shows comes from other processes' commits."""
    return item.path.stem in {"test_live_page", "test_reviews_at_once", "test_run_order"}


def uses_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    marked = any(item.get_closest_marker(name) for name in ("django_db", "db_both"))
    return marked or bool(fixtures & DATABASE_FIXTURES)


# --- servers ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> Iterator[None]:
    """Start PostgreSQL before pytest-django makes the test database in it."""
    if CHOSEN == "sqlite":
        yield
        return
    with postgres_server() as url:
        connections.settings["default"] |= postgres_settings(url)
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Tables are emptied our way. The connections of the bell and of live pages would keep the test database from being
    dropped."""
    with django_db_blocker.unblock():
        put_guards_aside()
        emptying = Emptying()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda test_case: emptying.empty())
        yield
    close_ringer()
    datagrams._sender().close()
    asyncio.run(sync_to_async(connections.close_all)())


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    with redis_server() as url:
        yield url


@pytest.fixture
def live_site(transactional_db: None) -> Iterator[Site]:
    """The site on a port of its own, in this process: `live_site.url`."""
    with running_site() as site:
        yield site


@pytest.fixture
def cluster(transactional_db: None) -> Iterator[Cluster]:
    """Real workers on this test's database. `cluster.start()` starts more of them."""
    workers = Cluster(child_environment())
    try:
        workers.start()
        yield workers
    finally:
        workers.stop()


# --- the browser -----------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    path = chromium_path()
    assert path, "no Chromium here: install it, name one in CHROMIUM_PATH, or run `make test BROWSER=no`"
    return {**browser_type_launch_args, "executable_path": path, "args": FLAGS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "viewport": {"width": 1440, "height": 900}, "reduced_motion": "reduce"}
