"""How many requests a minute, and what is said to those who make more."""

import pytest

from tests.api.asking import Program, program, refused
from tests.people import person, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def the_middle_of_a_minute(monkeypatch: pytest.MonkeyPatch, settings) -> None:
    settings.CHOREO_API_RATE, settings.CHOREO_API_ANONYMOUS_RATE = 3, 2
    monkeypatch.setattr("choreo_site.api.throttles.time.time", lambda: 1_700_000_000.0 // 60 * 60 + 20.5)


def test_each_token_has_its_own_rate():
    user = person("viewer")
    first, second = program(user), program(user)
    assert [first.get("/runs/").status_code for _ in range(4)] == [200, 200, 200, 429]
    assert second.get("/runs/").status_code == 200


def test_over_it_one_is_told_when_to_come_back(monkeypatch: pytest.MonkeyPatch):
    asking = program(person("viewer"))
    for _ in range(3):
        asking.get("/runs/")
    answer = asking.get("/runs/")
    refused(answer, 429, "too-many-requests", "Come back in 40 s.")
    assert answer["Retry-After"] == "40"
    monkeypatch.setattr("choreo_site.api.throttles.time.time", lambda: 1_700_000_000.0 // 60 * 60 + 60)
    assert asking.get("/runs/").status_code == 200


def test_a_session_is_counted_by_its_person():
    client = signed_in(person("viewer"))
    assert [client.get("/api/v1/runs/").status_code for _ in range(4)] == [200, 200, 200, 429]


@pytest.mark.parametrize("token", ["", "choreo_guessed"])
def test_strangers_are_counted_by_their_address(token: str):
    asking = Program(token)
    assert [asking.get("/runs/").status_code for _ in range(3)] == [401, 401, 429]
    assert program(person("viewer")).get("/runs/").status_code == 200


def test_who_reads_the_description_is_counted_too():
    assert [Program().get("/schema/").status_code for _ in range(3)] == [200, 200, 429]


def test_without_redis_nobody_is_held_up(monkeypatch: pytest.MonkeyPatch):
    def away(*_: object) -> None:
        raise ConnectionError("connection refused")

    monkeypatch.setattr("choreo_site.api.throttles.cache.add", away)
    asking = program(person("viewer"))
    assert [asking.get("/runs/").status_code for _ in range(5)] == [200] * 5
