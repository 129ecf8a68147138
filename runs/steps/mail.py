"""`email.send`: one mail, by the way that the site is set up for."""

import hashlib
from email.utils import formatdate
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException
from typing import Annotated, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.validators import validate_email

from designer.catalog import Context, MaxLen, MinLen, NotRetryable, Retryable, step

MOST_RECIPIENTS = 50
PERMANENT = 500  # SMTP's 5xx: do not try again
ERRORS: list[NotRetryable | Retryable] = [
    NotRetryable("MailInvalid", "The mail cannot be sent as it is written."),
    NotRetryable(
        "MailRefused", "The mail server will not take it, and says that trying again will not help."
    ),
    Retryable("MailUnavailable", "The mail server cannot be reached, or asks to come back later."),
]
type Addresses = Annotated[list[str], MaxLen(MOST_RECIPIENTS)]


@step(
    "email.send",
    version="1.0.0",
    icon="mail",
    title="Send a mail",
    owner="choreo",
    effect="permanent",
    idempotent=True,
    errors=ERRORS,
)
def send(
    to: Annotated[list[str], MinLen(1), MaxLen(MOST_RECIPIENTS)],
    subject: Annotated[str, MaxLen(500)],
    text: str,
    html: str | None = None,
    cc: Addresses = [],  # noqa: B006
    bcc: Addresses = [],  # noqa: B006
    reply_to: Addresses = [],  # noqa: B006
    *,
    context: Context,
) -> dict[str, Any]:
    """Send a mail.

    Every attempt of one step of one run sends it under the same Message-ID, by which mailboxes tell a repetition.
    """
    check_mail(subject, [*to, *cc, *bcc, *reply_to], context)
    message_id = message_id_for(context.idempotency_key)
    mail = EmailMultiAlternatives(
        subject=subject,
        body=text,
        to=to,
        cc=cc,
        bcc=bcc,
        reply_to=reply_to,
        headers={"Message-ID": message_id, "Date": formatdate(localtime=False)},
    )
    if html is not None:
        mail.attach_alternative(html, "text/html")
    _send(mail, context)
    return {"message_id": message_id, "recipients": len({*to, *cc, *bcc})}


def message_id_for(key: str) -> str:
    """The same for every attempt; the key itself, which names the run, is not told to the world."""
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip("> ") or "choreo.invalid"
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{domain}>"


def check_mail(subject: str, addresses: list[str], context: Context) -> None:
    """Raises StepError."""
    if any(not sign.isprintable() for sign in subject):
        message = "The subject holds a line break. What follows one would become a header of the mail."
        raise context.error("MailInvalid", message)
    if len(addresses) > MOST_RECIPIENTS:
        raise context.error("MailInvalid", f"A mail goes to {MOST_RECIPIENTS} addresses at most.")
    for address in addresses:
        try:
            validate_email(address)
        except ValidationError:
            shown = "".join(sign if sign.isprintable() else "␤" for sign in address[:100])
            message = f"“{shown}” is no mail address. Write one such as ada@example.com, without a name."
            raise context.error("MailInvalid", message) from None


def _send(mail: EmailMultiAlternatives, context: Context) -> None:
    try:
        mail.send(using="default")
    except SMTPRecipientsRefused as refused:
        codes = [code for code, _ in refused.recipients.values()]
        name = "MailRefused" if min(codes, default=PERMANENT) >= PERMANENT else "MailUnavailable"
        raise context.error(name, f"No recipient was taken; the server answered {codes}.") from refused
    except SMTPResponseException as answered:
        name = "MailRefused" if answered.smtp_code >= PERMANENT else "MailUnavailable"
        said = answered.smtp_error
        told = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        raise context.error(
            name, f"The mail server answered {answered.smtp_code}: {told[:300]}"
        ) from answered
    except (SMTPException, OSError) as broken:
        raise context.error("MailUnavailable", f"The mail server cannot be reached: {broken}") from broken
