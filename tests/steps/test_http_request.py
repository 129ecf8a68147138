"""`http.request`: what it sends, what it gives, and how it fails."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from designer.catalog import ContractViolation, StepError
from designer.catalog.testing import perform
from runs.steps.http_request import request


def failure(**inputs: Any) -> StepError:
    with pytest.raises(StepError) as failed:
        perform(request, **inputs)
    assert failed.value.declared
    return failed.value


def test_it_sends_what_it_is_given_and_the_key_of_the_step(service: Any):
    for attempt in (1, 2):
        given = perform(
            request,
            url=f"{service.url}/echo",
            method="POST",
            query={"a": [1, 2], "b": "c d"},
            headers={"X-One": "1"},
            json={"n": [1, None, "ä"]},
            attempt=attempt,
            idempotency_key="run.step.1",
        )
        assert given["status"] == 200
        assert given["headers"]["content-type"] == "application/json"
        assert given["body"]["query"] == "a=1&a=2&b=c+d"
        assert given["body"]["body"] == '{"n": [1, null, "ä"]}'
    assert [seen["headers"]["Idempotency-Key"] for seen in service.seen] == ["run.step.1"] * 2
    assert service.seen[0]["headers"]["Content-Type"] == "application/json"


@pytest.mark.parametrize(("header", "sent"), [("X-Request-Id", "key"), ("", None)])
def test_the_name_of_the_key_s_header_can_be_chosen(service: Any, header: str, sent: str | None):
    perform(request, url=f"{service.url}/echo", idempotency_header=header, idempotency_key="key")
    headers = service.seen[0]["headers"]
    assert headers.get(header) == sent
    assert "Idempotency-Key" not in headers


def test_text_is_sent_as_text_and_no_body_as_none(service: Any):
    perform(request, url=f"{service.url}/echo", method="PUT", text="grüß dich")
    perform(request, url=f"{service.url}/echo", method="DELETE")
    assert (service.seen[0]["body"], service.seen[0]["headers"]["Content-Type"]) == (
        "grüß dich",
        "text/plain; charset=utf-8",
    )
    assert service.seen[1]["body"] == ""


@pytest.mark.parametrize(
    ("path", "body"),
    [
        *(("large/3", "xxx"), ("large/0", None), ("packed", "hello"), ("json/[1,2.5,null]", [1, 2.5, None])),
        *(("json/[1,NaN]", "[1,NaN]"), ("json/not", "not"), ("octets/00ff", {"base64": "AP8="})),
        *(("latin/abc", "abc"), ("latin/gr%C3%BC%C3%9Fe", {"base64": "Z3L832U="})),
    ],
)
def test_bodies_come_out_as_what_they_are(service: Any, path: str, body: Any):
    assert perform(request, url=f"{service.url}/{path}")["body"] == body


def test_headers_that_open_doors_are_kept_back(service: Any):
    given = perform(request, url=f"{service.url}/status/200")
    assert given["headers"]["set-cookie"] == "•••"
    assert given["headers"]["retry-after"] == "7"


@pytest.mark.parametrize(
    ("status", "name", "retryable"),
    [
        *((400, "HttpError", False), (401, "HttpError", False), (404, "HttpError", False)),
        *((408, "HttpUnavailable", True), (425, "HttpUnavailable", True), (429, "HttpUnavailable", True)),
        *((500, "HttpUnavailable", True), (503, "HttpUnavailable", True), (599, "HttpUnavailable", True)),
    ],
)
def test_a_status_that_was_not_expected_is_a_failure(service: Any, status: int, name: str, retryable: bool):
    failed = failure(url=f"{service.url}/status/{status}")
    assert (failed.name, failed.retryable) == (name, retryable)
    assert f"answered {status} " in failed.message
    assert "asks to wait 7 s" in failed.message
    assert failed.message.endswith("It said: as you wish")


def test_any_status_may_be_expected(service: Any):
    assert perform(request, url=f"{service.url}/status/404", expect=[200, 404])["status"] == 404
    assert failure(url=f"{service.url}/status/200", expect=[201]).name == "HttpError"


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"headers": {"X-A": "1\r\nX-B: 2"}}, "X-A holds a line break"),
        ({"headers": {"X-A\r\nX-B": "2"}}, "cannot name a header"),
        ({"headers": {"X-A": "ä"}}, "not ASCII"),
        ({"headers": {"Host": "elsewhere"}}, "set by the client itself"),
        ({"headers": {"content-LENGTH": "5"}}, "set by the client itself"),
        ({"json": {}, "text": ""}, "not as both"),
    ],
)
def test_a_request_that_cannot_be_sent_is_refused(service: Any, inputs: dict[str, Any], said: str):
    failed = failure(url=f"{service.url}/echo", **inputs)
    assert (failed.name, failed.retryable) == ("RequestInvalid", False)
    assert said in failed.message
    assert not service.seen


@pytest.mark.parametrize(
    "inputs", [{"method": "TRACE"}, {"method": "get"}, {"idempotency_header": "A B"}, {"much": 1}]
)
def test_the_contract_refuses_the_rest(inputs: dict[str, Any]):
    with pytest.raises(ContractViolation):
        perform(request, url="http://example.com/", **inputs)


def test_what_is_not_listed_is_not_called(service: Any):
    for url in (
        f"http://localhost:{service.port}/echo",
        "http://127.0.0.1/",
        "http://169.254.169.254/latest/",
    ):
        assert failure(url=url).name == "AddressRefused"
    assert not service.seen


def test_an_attempt_ends_before_its_time_limit_does(service: Any):
    soon = timezone.now() + timedelta(seconds=1.2)
    assert failure(url=f"{service.url}/drip/body", deadline=soon).name == "Timeout"
    assert timezone.now() < soon


def test_nobody_there_is_worth_another_try(service: Any):
    service.shutdown()
    service.server_close()
    failed = failure(url=f"{service.url}/echo")
    assert (failed.name, failed.retryable) == ("ConnectionFailed", True)
