"""When the database does not answer."""

import pytest
from django.db import InterfaceError, OperationalError
from django.test import Client

from tests.people import person, signed_in


@pytest.mark.django_db
@pytest.mark.parametrize("problem", [OperationalError("database is locked"), InterfaceError("gone")])
def test_a_page_says_that_the_database_does_not_answer(problem: Exception, monkeypatch: pytest.MonkeyPatch):
    def fail(user: object, owner: str) -> None:
        raise problem

    monkeypatch.setattr("runs.views.workflows.scope_of", fail)
    answer = signed_in(person("viewer")).get("/workflows/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "The database does not answer" in answer.content.decode()
    assert str(problem) not in answer.content.decode()


@pytest.mark.django_db
def test_another_mistake_stays_a_mistake(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("runs.views.workflows.scope_of", lambda user, owner: 1 / 0)
    viewer: Client = signed_in(person("viewer"))
    viewer.raise_request_exception = False
    assert viewer.get("/workflows/").status_code == 500
