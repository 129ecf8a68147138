"""A program with a token, and what it makes of a refusal."""

import json
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.http import HttpResponse
from django.test import Client

from choreo_site.tokens import create_token

ROOT = "/api/v1"
NOBODY = "0190b8d6-0000-7000-8000-000000000000"


class Program:
    def __init__(self, token: str = "") -> None:
        self.client = Client()
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(address(path), headers={**self.headers, **headers})

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.send("POST", path, b"" if body is None else json.dumps(body), **headers)

    def put(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.send("PUT", path, json.dumps(body), **headers)

    def delete(self, path: str, body: Any = None) -> Any:
        return self.send("DELETE", path, b"")

    def send(
        self, method: str, path: str, body: str | bytes, kind: str = "application/json", **headers: str
    ) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.generic(
            method, address(path), body, content_type=kind, headers={**self.headers, **named}
        )


def program(user: AbstractUser) -> Program:
    return Program(create_token(by=user, name="test").text)


def address(path: str) -> str:
    return path if path.startswith(("/api", "http")) else f"{ROOT}{path}"


def refused(answer: HttpResponse, status: int, name: str = "", said: str = "") -> dict[str, Any]:
    """The problem, which must be one, in its shape."""
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json"), (
        answer.content
    )
    problem = json.loads(answer.content)
    assert problem["status"] == status
    assert problem["type"].startswith("/api/v1/docs/#problem-")
    assert name in ("", problem["type"].removeprefix("/api/v1/docs/#problem-"))
    assert said in problem["detail"]
    assert problem["detail"].strip()
    assert answer["Cache-Control"] == "no-store"
    return dict(problem)
