"""`email.send`: under one Message-ID however often it is tried, and never with a header that came in a text."""

import smtplib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ImproperlyConfigured

from choreo_site.mail import mailer_from_url
from designer.catalog import ContractViolation, StepError
from designer.catalog.testing import perform
from runs.steps.mail import send

MAIL = {"to": ["ada@example.com"], "subject": "Your parcel", "text": "It is on its way."}


def failure(**inputs: Any) -> StepError:
    with pytest.raises(StepError) as failed:
        perform(send, **{**MAIL, **inputs})
    return failed.value


def test_it_is_sent_as_it_is_written(settings: Any):
    settings.DEFAULT_FROM_EMAIL = "Choreo <choreo@example.org>"
    more = {
        "html": "<p>It is.</p>",
        "cc": ["bea@example.com"],
        "bcc": ["c@example.com"],
        "reply_to": ["r@example.com"],
    }
    given = perform(send, **MAIL, **more)
    (sent,) = mail.outbox
    assert sent.recipients() == ["ada@example.com", "bea@example.com", "c@example.com"]
    assert (sent.subject, sent.body, sent.from_email) == (
        MAIL["subject"],
        MAIL["text"],
        "Choreo <choreo@example.org>",
    )
    assert sent.alternatives[0][0] == "<p>It is.</p>"
    assert "c@example.com" not in sent.message().as_string()
    assert given == {"message_id": sent.message()["Message-ID"], "recipients": 3}
    assert given["message_id"].endswith("@example.org>")


def test_every_attempt_sends_it_under_the_same_id_and_the_key_is_not_told():
    ids = [perform(send, **MAIL, attempt=n, idempotency_key="run.mail.1")["message_id"] for n in (1, 2)]
    other = perform(send, **MAIL, idempotency_key="run.mail.2")["message_id"]
    assert ids[0] == ids[1] != other
    assert "run.mail" not in ids[0]


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\u2028", "\x85", "\0"])
def test_no_text_becomes_a_header(end: str):
    injected = f"Hello{end}Bcc: mallory@example.com"
    assert "would become a header" in failure(subject=injected).message
    for field in ("to", "cc", "bcc", "reply_to"):
        failed = failure(**{field: [f"ada@example.com{end}Bcc: mallory@example.com"]})
        assert (failed.name, failed.retryable) == ("MailInvalid", False)
    assert not mail.outbox


@pytest.mark.parametrize(
    "address", ["", "ada", "Ada <ada@example.com>", "ada@example.com, bea@example.com", "@x"]
)
def test_what_is_no_address_is_refused(address: str):
    assert "is no mail address" in failure(to=[address]).message


def test_the_contract_bounds_the_rest():
    for inputs in ({"to": []}, {"to": ["ada@example.com"] * 51}, {"subject": "x" * 501}):
        with pytest.raises(ContractViolation):
            perform(send, **{**MAIL, **inputs})
    assert "50 addresses at most" in failure(cc=["ada@example.com"] * 50).message


@pytest.mark.parametrize(
    ("raised", "name", "retryable"),
    [
        (smtplib.SMTPRecipientsRefused({"a": (550, b"no such user")}), "MailRefused", False),
        (smtplib.SMTPRecipientsRefused({"a": (451, b"later")}), "MailUnavailable", True),
        (smtplib.SMTPDataError(554, b"spam"), "MailRefused", False),
        (smtplib.SMTPSenderRefused(452, b"full", "me"), "MailUnavailable", True),
        (smtplib.SMTPServerDisconnected("gone"), "MailUnavailable", True),
        (ConnectionRefusedError("nobody there"), "MailUnavailable", True),
    ],
)
def test_what_the_server_says_decides_about_another_try(
    monkeypatch: pytest.MonkeyPatch, raised: Exception, name: str, retryable: bool
):
    def refuse(*_: Any, **__: Any) -> Callable[..., Any]:
        raise raised

    monkeypatch.setattr(mail.EmailMultiAlternatives, "send", refuse)
    failed = failure()
    assert (failed.name, failed.retryable) == (name, retryable)


@pytest.mark.parametrize(
    ("url", "host", "port", "starttls", "tls"),
    [
        ("smtp://u:p%40ss@mail.example", "mail.example", 587, True, False),
        ("smtps://u:p%40ss@mail.example", "mail.example", 465, False, True),
        ("smtp+plain://u:p%40ss@mail.example:2525", "mail.example", 2525, False, False),
    ],
)
def test_a_server_is_named_by_a_url(
    url: str, host: str, port: int, starttls: bool, tls: bool, tmp_path: Path
):
    found = mailer_from_url(url, folder=tmp_path)["OPTIONS"]
    assert [found[name] for name in ("host", "port", "use_tls", "use_ssl")] == [host, port, starttls, tls]
    assert (found["username"], found["password"]) == ("u", "p@ss")


def test_without_a_server_mails_go_into_a_folder(tmp_path: Path):
    options = mailer_from_url("", folder=tmp_path)["OPTIONS"]
    assert options == {"file_path": str(tmp_path)}


@pytest.mark.parametrize("url", ["mail.example", "http://mail.example", "smtp://", "smtp://host:port"])
def test_what_is_no_server_is_refused_at_start(url: str, tmp_path: Path):
    with pytest.raises(ImproperlyConfigured, match="give smtp://"):
        mailer_from_url(url, folder=tmp_path)
