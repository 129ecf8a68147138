"""The shop on its own, over HTTP, as a process."""

import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from choreo_site.demo.shop.behaviour import KINDS
from choreo_site.demo.shop.effects import EFFECTS, QUESTIONS
from choreo_site.demo.shop.server import CALLS
from tests.demo.shop_process import ROOT, ShopProcess


def charge(shop: ShopProcess, order_id: str, key: str, amount: float = 12.5) -> httpx.Response:
    return shop.post("/payments/charges", {"order_id": order_id, "amount": amount}, key)


def test_the_same_key_and_body_get_the_same_answer_and_one_effect(shop, order_id):
    first, again = charge(shop, order_id, "k1"), charge(shop, order_id, "k1")
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert again.headers["Idempotent-Replay"] == "true"
    assert shop.effects(order_id) == ["payments.charge"]
    assert [call["key"] for call in shop.calls(order_id)] == ["k1", "k1"]


def test_many_calls_with_one_key_at_once_have_one_effect(shop, order_id):
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: charge(shop, order_id, "crowd").json()["id"], range(24)))
    assert len(set(answers)) == 1
    assert shop.effects(order_id) == ["payments.charge"]
    assert len(shop.calls(order_id)) == 24


def test_the_same_key_with_another_body_is_refused(shop, order_id):
    charge(shop, order_id, "k2")
    other = charge(shop, order_id, "k2", amount=99)
    assert (other.status_code, other.json()["error"]) == (422, "KeyReused")
    assert shop.effects(order_id) == ["payments.charge"]


def test_an_effect_is_undone_once_whatever_the_key(shop, order_id):
    charged = charge(shop, order_id, "k3").json()["id"]
    assert shop.post(f"/payments/charges/{charged}/refund", {}, "u1").status_code == 201
    assert shop.post(f"/payments/charges/{charged}/refund", {}, "u1").status_code == 201
    again = shop.post(f"/payments/charges/{charged}/refund", {}, "u2")
    assert (again.status_code, again.json()["error"]) == (409, "AlreadyUndone")
    refund = shop.get(f"/ledger?order={order_id}")["effects"][1]
    assert (refund["kind"], refund["amount"]) == ("payments.refund", 12.5)


def test_stock_goes_down_and_comes_back(shop, order_id):
    before = shop.get("/stock")["stock"]["MUG-01"]
    body = {"order_id": order_id, "items": [{"sku": "MUG-01", "quantity": 3}]}
    reservation = shop.post("/stock/reservations", body, "s1").json()["id"]
    assert shop.get("/stock")["stock"]["MUG-01"] == before - 3
    shop.post(f"/stock/reservations/{reservation}/release", {}, "s2")
    assert shop.get("/stock")["stock"]["MUG-01"] == before


def test_what_is_not_in_stock_leaves_nothing_half_reserved(shop, order_id):
    before = shop.get("/stock")["stock"]
    items = [{"sku": "MUG-01", "quantity": 3}, {"sku": "UNICORN-0", "quantity": 1}]
    answer = shop.post("/stock/reservations", {"order_id": order_id, "items": items}, "s3")
    assert (answer.status_code, answer.json()["error"]) == (409, "OutOfStock")
    assert shop.get("/stock")["stock"] == before
    assert shop.effects(order_id) == []


def test_entries_are_used_up_by_raw_calls_and_always_stays(shop, order_id):
    shop.behave(
        order_id,
        {
            "payments.charge": [{"status": 503}, {"status": 429, "retry_after": 1}],
            "courier.book": "always 503",
        },
    )
    answers = [charge(shop, order_id, "k4") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [503, 429, 201]
    assert answers[1].headers["Retry-After"] == "1"
    booked = [shop.post("/courier/bookings", {"order_id": order_id}, "k5").status_code for _ in range(3)]
    assert booked == [503, 503, 503]
    assert shop.effects(order_id) == ["payments.charge"]


def test_a_lost_answer_had_its_effect_all_the_same(shop, order_id):
    shop.behave(order_id, {"payments.charge": [{"drop": True}]})
    with pytest.raises(httpx.RemoteProtocolError):
        charge(shop, order_id, "k6")
    assert shop.effects(order_id) == ["payments.charge"]
    assert charge(shop, order_id, "k6").status_code == 201
    assert shop.effects(order_id) == ["payments.charge"]


def test_an_order_may_ask_for_a_simulation_and_a_repeated_call_does_not_wind_it_back(shop, order_id):
    order = ORDER | {"order_id": order_id, "simulate": "rate_limited"}
    shop.post("/orders/validate", order, "run-1")
    assert charge(shop, order_id, "k7").status_code == 429
    shop.post("/orders/validate", order, "run-1")
    assert [charge(shop, order_id, "k7").status_code for _ in range(2)] == [429, 201]
    shop.post("/orders/validate", order | {"simulate": "card_declined"}, "run-2")
    assert [charge(shop, order_id, "k8").status_code for _ in range(2)] == [402, 402]
    shop.post("/orders/validate", order | {"simulate": "none"}, "run-3")
    assert charge(shop, order_id, "k9").status_code == 201


def test_what_the_shop_was_told_wins_over_a_simulation(shop, order_id):
    shop.behave(order_id, {"payments.charge": "always 500"})
    shop.post("/orders/validate", ORDER | {"order_id": order_id, "simulate": "card_declined"}, "run-4")
    assert charge(shop, order_id, "k10").status_code == 500


ORDER = {
    "items": [{"sku": "MUG-01", "quantity": 2}],
    "customer": {"name": "Ada", "email": "ada@example.org"},
    "ship_to": {"postcode": "10119"},
    "card": {"token": "tok_demo", "last4": "4242"},
}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"items": []}, "The order has no items."),
        ({"items": [{"sku": "X"}]}, "Item 1: the shop does not sell 'X'; it sells MUG-01"),
        ({"items": ["X"]}, "Item 1: the shop does not sell None"),
        (
            {"items": [{"sku": "MUG-01", "quantity": 0}]},
            "Item 1: the quantity must be a number from 1 to 100.",
        ),
        ({"customer": {"email": "ada"}}, "The customer's mail address has no @."),
        ({"customer": "ada"}, "The customer's mail address has no @."),
        ({"ship_to": {"postcode": " "}}, "The address has no postcode."),
        ({"card": {"token": "4242"}}, "The card is not a token; a token begins with tok_."),
        ({"simulate": "rain"}, "The shop cannot simulate 'rain'; it can none, high_risk"),
    ],
)
def test_an_order_that_cannot_be_fulfilled_is_told_why(shop, changes, sentence):
    answer = shop.post("/orders/validate", ORDER | {"order_id": "o"} | changes, "v")
    assert (answer.status_code, answer.json()["error"]) == (422, "OrderRefused")
    assert sentence in answer.json()["message"]


@pytest.mark.parametrize(
    ("amount", "extra", "score"),
    [
        (50, {}, 5),
        (250, {}, 20),
        (1000, {}, 80),
        (1000, {"email": "a@mailinator.com", "country": "FR"}, 100),
        (50, {"country": "FR"}, 15),
    ],
)
def test_risk_is_the_sum_of_its_reasons_and_always_the_same(shop, order_id, amount, extra, score):
    body = {"order_id": order_id, "amount": amount, "email": "a@b.de", "country": "DE"} | extra
    first, again = (shop.post("/risk/score", body).json() for _ in range(2))
    assert first == again
    assert first["score"] == score == min(100, sum(reason["points"] for reason in first["contributions"]))


@pytest.mark.parametrize(
    ("method", "path", "content", "status", "error"),
    [
        ("POST", "/nowhere", b"{}", 404, "NotFound"),
        ("GET", "/nowhere", b"", 404, "NotFound"),
        ("PUT", "/orders/a", b"{}", 404, "NotFound"),
        ("POST", "/payments/charges", b"{", 400, "BodyRefused"),
        ("POST", "/payments/charges", b"[]", 400, "BodyRefused"),
        ("POST", "/payments/charges", b"{}", 400, "OrderMissing"),
        ("POST", "/payments/charges", b'{"order_id": "bad", "amount": -1}', 422, "AmountRefused"),
        ("POST", "/payments/charges", b'{"order_id": "bad", "amount": "1"}', 422, "AmountRefused"),
        ("POST", "/payments/charges/charge_999999/refund", b"{}", 404, "NotFound"),
        ("POST", "/payments/charges/x/refund", b"{}", 404, "NotFound"),
        ("PUT", "/orders/a/behaviour", b"[]", 400, "BehaviourRefused"),
        ("PUT", "/orders/a/behaviour", b'{"coffee.make": []}', 400, "BehaviourRefused"),
        ("PUT", "/orders/a/behaviour", b'{"courier.book": "sometimes"}', 400, "BehaviourRefused"),
        ("PUT", "/orders/a/behaviour", b'{"courier.book": [{"status": "503"}]}', 400, "BehaviourRefused"),
        ("PUT", "/orders/a/behaviour", b'{"courier.book": {"always": 503}}', 400, "BehaviourRefused"),
    ],
)
def test_a_bad_call_is_answered_with_a_reason(shop, method, path, content, status, error):
    answer = shop.client.request(method, shop.url + path, content=content, headers={"Idempotency-Key": path})
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.json()["message"].endswith(".")


def test_an_effect_needs_a_key_and_a_refund_needs_a_charge(shop, order_id):
    assert charge(shop, order_id, "").json()["error"] == "KeyMissing"
    booking = shop.post("/courier/bookings", {"order_id": order_id}, "b1").json()["id"]
    wrong = shop.post(f"/payments/charges/{booking}/refund", {}, "b2")
    assert (wrong.status_code, wrong.json()["error"]) == (404, "NotFound")


def test_a_cancelled_booking_is_not_delivered(shop, order_id):
    booking = shop.post("/courier/bookings", {"order_id": order_id}, "c1").json()["id"]
    shop.post(f"/courier/bookings/{booking}/cancel", {}, "c2")
    answer = shop.post(f"/courier/bookings/{booking}/confirm", {"name": "Ada"}, "c3")
    assert (answer.status_code, answer.json()["error"]) == (409, "BookingCancelled")


def test_a_body_too_large_is_refused(shop):
    answer = shop.client.post(shop.url + "/payments/charges", content=b" " * 1_000_001)
    assert (answer.status_code, answer.json()["error"]) == (413, "BodyRefused")


def test_a_call_that_is_cut_off_before_its_body_has_no_effect(shop, order_id):
    booking = shop.post("/courier/bookings", {"order_id": order_id, "ship_to": {}}, "book").json()["id"]
    path, known = f"/courier/bookings/{booking}/confirm", len(shop.get(f"/calls?order={order_id}")["calls"])
    head = (
        f"POST {path} HTTP/1.1\r\nHost: shop\r\nIdempotency-Key: {order_id}.pod\r\nContent-Length: 15\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", shop.port), 10) as caller:
        caller.sendall(head.encode())
        caller.shutdown(socket.SHUT_WR)
        assert b" 400 " in caller.recv(1000)
    assert len(shop.get(f"/calls?order={order_id}")["calls"]) == known
    assert shop.post(path, {"name": "Ada"}, f"{order_id}.pod").status_code == 201


def test_the_books_add_up(tmp_path):
    shop = ShopProcess(tmp_path / "shop.sqlite3")
    try:
        charged = charge(shop, "o1", "a").json()["id"]
        charge(shop, "o1", "b")
        charge(shop, "o2", "c")
        charge(shop, "o2", "c")
        shop.post(f"/payments/charges/{charged}/refund", {}, "d")
        assert shop.get("/ledger") == {
            "effects": 4,
            "kinds": {"payments.charge": 3, "payments.refund": 1},
            "standing": {"payments.charge": 2},
            "twice": [{"order_id": "o1", "kind": "payments.charge", "n": 2}],
            "calls": 5,
            "repeated_calls": 1,
        }
        assert len(shop.get("/calls")["calls"]) == 5
        assert shop.get("/health") == {"shop": "open"}
    finally:
        shop.close()


def test_a_killed_shop_remembers_its_ledger_and_its_behaviour(tmp_path):
    shop = ShopProcess(tmp_path / "shop.sqlite3")
    try:
        before = charge(shop, "o", "k").json()
        shop.behave("o", {"courier.book": "always 503"})
        shop.kill()
        with pytest.raises(httpx.ConnectError):
            charge(shop, "o", "k")
        shop.open()
        assert charge(shop, "o", "k").json() == before
        assert shop.post("/courier/bookings", {"order_id": "o"}, "k2").status_code == 503
    finally:
        shop.close()


def shop_command(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "choreo_site.demo.shop", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20)


def test_a_port_in_use_is_one_sentence(shop, tmp_path):
    ended = shop_command("--port", str(shop.port), "--db", str(tmp_path / "other.sqlite3"))
    assert ended.returncode == 1
    assert (
        ended.stderr
        == f"The shop cannot listen on port {shop.port}: Address already in use. Choose another in CHOREO_SHOP_PORT.\n"
    )


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path):
    ended = shop_command("--port", "0", "--db", str(tmp_path / "no" / "shop.sqlite3"))
    assert ended.returncode == 1
    assert ended.stderr.startswith("The shop cannot open its database")
    assert ended.stderr.count("\n") == 1


def test_every_kind_of_call_can_be_made_and_can_misbehave():
    assert set(KINDS) == set(CALLS.values()) == {*EFFECTS, *QUESTIONS}
