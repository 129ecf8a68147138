"""The desk: a call comes in, is noted, misbehaved upon if the shop was told so, done once, and answered."""

import hashlib
import json
import time
from dataclasses import dataclass

from choreo_site.demo.shop.answers import Answer, Refused
from choreo_site.demo.shop.behaviour import SIMULATIONS, read_behaviours
from choreo_site.demo.shop.effects import EFFECTS, QUESTIONS, Call
from choreo_site.demo.shop.ledger import Ledger, Row

HANG = 30.0


@dataclass(frozen=True, slots=True)
class Silence:
    """No answer at all: hang up after so many seconds."""

    after: float


class Desk:
    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def take(self, kind: str, key: str, body: Row, subject_id: str | None) -> Answer | Silence:
        subject = self._find_subject(subject_id)
        order_id = subject["order_id"] if subject else _order_id(body, kind, subject_id)
        call = Call(kind, key, order_id, body, subject)
        if kind == "orders.validate":
            self.ledger.simulate(order_id, key, _simulation(body))
        number, entry = self.ledger.begin_call(kind, key, order_id)
        time.sleep(entry.get("delay", 0))
        answer = _told_answer(entry) or self._do(call, entry)
        self.ledger.end_call(number, answer.status)
        return _lost(entry) or answer

    def _do(self, call: Call, entry: Row) -> Answer:
        try:
            if question := QUESTIONS.get(call.kind):
                return question(self.ledger, call, entry)
            return self._do_once(call)
        except Refused as refused:
            return refused.answer

    def _do_once(self, call: Call) -> Answer:
        if not call.key:
            raise Refused(400, "KeyMissing", f"{call.kind} has an effect and needs an Idempotency-Key.")
        fingerprint = _fingerprint(call)
        with self.ledger.transaction():
            stored = self.ledger.stored_answer(call.key)
            if stored and stored["fingerprint"] != fingerprint:
                raise Refused(422, "KeyReused", "This Idempotency-Key was used for another call.")
            if stored:
                return Answer(stored["status"], json.loads(stored["body"]), {"Idempotent-Replay": "true"})
            answer = EFFECTS[call.kind](self.ledger, call)
            self.ledger.store_answer(call.key, fingerprint, answer.status, answer.body)
            return answer

    def _find_subject(self, subject_id: str | None) -> Row | None:
        number = (subject_id or "").rpartition("_")[2]
        return self.ledger.effect(int(number)) if number.isdecimal() and len(number) < 18 else None

    def behave(self, order_id: str, told: object) -> Answer:
        self.ledger.behave(order_id, read_behaviours(told))
        return Answer(200, {"order": order_id})


def _order_id(body: Row, kind: str, subject_id: str | None) -> str:
    if subject_id is not None:
        raise Refused(404, "NotFound", f"{kind}: there is no {subject_id}.")
    order_id = body.get("order_id")
    if not isinstance(order_id, str) or not order_id:
        raise Refused(400, "OrderMissing", f"{kind}: the body must name its order_id.")
    return order_id


def _simulation(order: Row) -> Row:
    wanted = order.get("simulate") or "none"
    if not isinstance(wanted, str) or wanted not in SIMULATIONS:
        raise Refused(
            422, "OrderRefused", f"The shop cannot simulate {wanted!r}; it can {', '.join(SIMULATIONS)}."
        )
    return read_behaviours(SIMULATIONS[wanted])


def _told_answer(entry: Row) -> Answer | None:
    if entry.get("decline"):
        return Answer(402, {"error": "CardDeclined", "message": "The bank declined the card."})
    if "status" not in entry:
        return None
    headers = {"Retry-After": str(entry["retry_after"])} if "retry_after" in entry else {}
    return Answer(entry["status"], {"error": "Told", "message": "The shop was told to answer this."}, headers)


def _lost(entry: Row) -> Silence | None:
    if entry.get("timeout"):
        return Silence(HANG)
    return Silence(0) if entry.get("drop") else None


def _fingerprint(call: Call) -> str:
    subject = call.subject["id"] if call.subject else None
    text = json.dumps([call.kind, subject, call.body], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
