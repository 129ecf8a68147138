"""Forty and more ways to make a server call itself, and what may be called all the same."""

import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpcore
import pytest

from runs.steps.egress import Answer, Call, CallFailed, Destination, Limits, Policy, fetch, why_refused

from .servers import Canary, certificate, serving

QUICK = Limits(total=1.0, connect=0.5, read=0.5)


@pytest.fixture(scope="module")
def canary() -> Iterator[Canary]:
    listening = Canary()
    yield listening
    listening.close()


@pytest.fixture
def server() -> Iterator[Any]:
    with serving() as running:
        yield running


def told(*addresses: str) -> Callable[[str, int], list[str]]:
    """A name server that answers with these, whatever it is asked."""
    return lambda host, port: list(addresses)


def listed(server: Any, host: str = "127.0.0.1") -> Policy:
    return Policy((Destination(host, server.port, private=True),))


def get(server: Any, path: str, **more: Any) -> Answer:
    policy = more.pop("policy", None) or listed(server)
    limits = more.pop("limits", QUICK)
    resolve = {"resolve": more.pop("resolve")} if "resolve" in more else {}
    call = Call(method="GET", url=f"http://127.0.0.1:{server.port}{path}")
    return fetch(replace(call, **more), policy, limits, **resolve)


def refusal(url: str, policy: Policy, **more: Any) -> str:
    with pytest.raises(CallFailed) as failed:
        fetch(Call(method="GET", url=url), policy, QUICK, **more)
    return failed.value.name


# --- what must not be reached --------------------------------------------------------------------------------

SPELLINGS = [
    *("http://127.0.0.1:{port}/", "http://localhost:{port}/", "http://LOCALHOST:{port}/"),
    *(
        "http://localhost.:{port}/",
        "http://127.0.0.1.:{port}/",
        "http://127.1:{port}/",
        "http://127.0.1:{port}/",
    ),
    *(
        "http://2130706433:{port}/",
        "http://0x7f000001:{port}/",
        "http://0x7f.1:{port}/",
        "http://0x7F.0.0.0x1:{port}/",
    ),
    *("http://0177.0.0.1:{port}/", "http://017700000001:{port}/", "http://0177.0x0.0.1:{port}/"),
    *(
        "http://0:{port}/",
        "http://0.0.0.0:{port}/",
        "http://127.255.255.254:{port}/",
        "http://127.0.0.2:{port}/",
    ),
    *("http://[::1]:{port}/", "http://[0:0:0:0:0:0:0:1]:{port}/", "http://[::]:{port}/"),
    *("http://[::ffff:127.0.0.1]:{port}/", "http://[::ffff:7f00:1]:{port}/", "http://[::127.0.0.1]:{port}/"),
    *(
        "http://[64:ff9b::7f00:1]:{port}/",
        "http://[64:ff9b:1::7f00:1]:{port}/",
        "http://[2002:7f00:1::]:{port}/",
    ),
    *("http://[::1%25lo]:{port}/", "http://[fe80::1%25lo]:{port}/"),
    *("http://①②⑦.⓪.⓪.①:{port}/", "http://127。0。0。1:{port}/", "http://１２７.0.0.1:{port}/"),
    *(
        "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:{port}/",
        "http://%6c%6f%63%61%6c%68%6f%73%74:{port}/",
        "http://%31%32%37.0.0.1:{port}/",
    ),
    *("http://example.com@127.0.0.1:{port}/", "http://user:password@localhost:{port}/"),
    *(
        "http://127.0.0.1:{port}#@example.com/",
        "http://127.0.0.1:{port}\\@example.com/",
        "http:///127.0.0.1:{port}/",
    ),
    *("http://127.0.0.1:{port}?@example.com/", "http:127.0.0.1:{port}/", "//127.0.0.1:{port}/"),
    *("https://127.0.0.1:{port}/", "https://localhost:{port}/", "HTTP://127.0.0.1:{port}/"),
    *(
        "ftp://127.0.0.1:{port}/",
        "gopher://127.0.0.1:{port}/_",
        "file:///etc/passwd",
        "dict://127.0.0.1:{port}/",
    ),
    *(
        "ws://127.0.0.1:{port}/",
        "unix:///tmp/socket",
        "javascript:alert(1)",
        "data:text/plain,hello",
        "",
        "http://",
    ),
    *("http://127.0.0.1\t:{port}/", "http://127.0.0.1:{port}\r\nHost: x/", " http://127.0.0.1:{port}/"),
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_spelling_of_this_machine_reaches_it(spelling: str, canary: Canary):
    before = canary.calls
    open_ports = Policy(ports={80, 443, canary.port})
    assert refusal(spelling.format(port=canary.port), open_ports) in ("AddressRefused", "ConnectionFailed")
    time.sleep(0.01)
    assert canary.calls == before


def test_there_are_forty_spellings_and_the_canary_can_be_reached(canary: Canary):
    assert len(set(SPELLINGS)) >= 40
    before = canary.calls
    assert refusal(f"http://127.0.0.1:{canary.port}/", Policy((Destination("127.0.0.1", canary.port, True),)))
    assert canary.calls == before + 1


@pytest.mark.parametrize(
    "address",
    [
        *("10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "127.0.0.1", "0.0.0.0", "255.255.255.255"),
        *("169.254.169.254", "168.63.129.16", "100.100.100.200", "192.0.0.192", "192.88.99.1", "198.18.0.1"),
        *("192.0.2.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1"),
        *("::", "::1", "::127.0.0.1", "::169.254.169.254", "fe80::1", "fec0::1", "fc00::1", "fd00:ec2::254"),
        *("64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:a9fe:a9fe::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2"),
        *("ff02::1", "2001:db8::1", "100::1", "fd20:ce::254", "5f00::1", "4000::1"),
    ],
)
def test_no_name_leads_to_what_is_not_public(address: str, canary: Canary):
    assert why_refused(ip_address(address), private=False)
    open_ports = Policy(ports={canary.port})
    url = f"http://innocent.example:{canary.port}/"
    assert refusal(url, open_ports, resolve=told(address)) == "AddressRefused"
    assert refusal(url, open_ports, resolve=told("93.184.215.14", address)) == "AddressRefused"


@pytest.mark.parametrize("address", ["93.184.215.14", "1.1.1.1", "2606:4700:4700::1111", "168.63.129.17"])
def test_public_addresses_may_be_called(address: str):
    assert why_refused(ip_address(address), private=False) is None


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "fd00:ec2::254", "100.100.100.200", "fe80::1", "64:ff9b::7f00:1"]
)
def test_nobody_opens_what_clouds_tell_their_machines(address: str):
    policy = Policy((Destination("metadata.example", 80, private=True),))
    assert refusal("http://metadata.example/", policy, resolve=told(address)) == "AddressRefused"


def test_a_name_that_changes_its_mind_is_asked_once(canary: Canary, monkeypatch: pytest.MonkeyPatch):
    answers = [["93.184.215.14"], ["127.0.0.1"], ["127.0.0.1"]]
    asked: list[str] = []
    called: list[str] = []

    def unreachable(backend: object, host: str, port: int, *rest: object) -> None:
        called.append(host)
        raise httpcore.ConnectError("no route to the world from here")

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", unreachable)

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return answers[len(asked) - 1]

    before = canary.calls
    policy = Policy(ports={canary.port})
    url = f"http://rebinding.example:{canary.port}/"
    assert refusal(url, policy, resolve=rebinding) == "ConnectionFailed"
    assert (asked, called, canary.calls) == (["rebinding.example"], ["93.184.215.14"], before)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "target",
    ["http://127.0.0.1:{port}/", "http://2130706433:{port}/", "//[::1]:{port}/", "file:///etc/passwd"],
)
def test_no_redirect_leads_there_either(server: Any, canary: Canary, status: int, target: str):
    before = canary.calls
    policy = Policy((Destination("127.0.0.1", server.port, private=True),), ports={canary.port})
    with pytest.raises(CallFailed) as failed:
        get(server, f"/to/{status}?{target.format(port=canary.port)}", policy=policy)
    assert failed.value.name in ("AddressRefused", "ConnectionFailed")
    assert canary.calls == before


def test_no_proxy_of_the_environment_is_asked(canary: Canary, server: Any, monkeypatch: pytest.MonkeyPatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{canary.port}")
    before = canary.calls
    assert get(server, "/echo").status == 200
    assert canary.calls == before


def test_other_ports_are_closed_unless_they_are_listed():
    for port in (22, 25, 6379, 8080):
        assert (
            refusal(f"http://innocent.example:{port}/", Policy(), resolve=told("1.1.1.1")) == "AddressRefused"
        )


def test_only_what_is_listed_when_the_site_says_so():
    policy = Policy((Destination("*.example.org", 443),), listed_only=True)
    assert refusal("https://example.com/", policy, resolve=told("10.0.0.1")) == "AddressRefused"
    assert not policy.admits_private("API.example.org.", 443)
    for host in ("example.org", "evil-example.org", "example.org.evil.com"):
        with pytest.raises(CallFailed):
            policy.admits_private(host, 443)


# --- what may ------------------------------------------------------------------------------------------------


def test_a_listed_destination_is_reached(server: Any):
    answer = get(server, "/echo?a=1", query={"b": ["2", "3"]}, headers={"X-One": "1"})
    assert answer.status == 200
    assert server.seen[0]["query"] == "a=1&b=2&b=3"
    assert server.seen[0]["headers"]["Host"] == f"127.0.0.1:{server.port}"
    assert server.seen[0]["headers"]["X-One"] == "1"


def test_the_host_is_named_although_the_address_is_called(server: Any):
    policy = Policy((Destination("shop.example", server.port, private=True),))
    url = f"http://shop.example:{server.port}/echo"
    assert fetch(Call(method="GET", url=url), policy, QUICK, resolve=told("127.0.0.1")).status == 200
    assert server.seen[0]["headers"]["Host"] == f"shop.example:{server.port}"


def test_the_next_address_is_tried_when_one_does_not_answer(server: Any):
    policy = Policy((Destination("shop.example", server.port, private=True),))
    url = f"http://shop.example:{server.port}/echo"
    assert (
        fetch(Call(method="GET", url=url), policy, QUICK, resolve=told("127.0.0.9", "127.0.0.1")).status
        == 200
    )


def test_redirects_are_followed_and_what_was_meant_for_one_host_stays_there(server: Any):
    with serving() as other:
        policy = Policy(tuple(Destination("127.0.0.1", each.port, True) for each in (server, other)))
        target = f"http://127.0.0.1:{other.port}/to/302?/echo"
        secret = {
            "Authorization": "Bearer token",
            "X-Api-Key": "key",
            "Cookie": "a=b",
            "Accept": "text/plain",
        }
        answer = get(server, f"/to/307?/to/302?{target}", policy=policy, headers=secret)
        assert (answer.status, answer.url) == (200, f"http://127.0.0.1:{other.port}/echo")
        assert [seen["headers"].get("Authorization") for seen in server.seen] == ["Bearer token"] * 2
        for seen in other.seen:
            assert not {"Authorization", "X-Api-Key", "Cookie"} & seen["headers"].keys()
            assert seen["headers"]["Accept"] == "text/plain"


def test_redirects_end(server: Any):
    with pytest.raises(CallFailed) as failed:
        get(server, "/to/302?/to/302?/to/302?/to/302?/echo")
    assert failed.value.name == "RedirectRefused"


def test_a_body_is_not_handed_to_another_host(server: Any):
    with serving() as other:
        policy = Policy(tuple(Destination("127.0.0.1", each.port, True) for each in (server, other)))
        with pytest.raises(CallFailed) as failed:
            get(
                server,
                f"/to/307?http://127.0.0.1:{other.port}/echo",
                policy=policy,
                method="POST",
                content=b"x",
            )
        assert failed.value.name == "RedirectRefused"
        assert not other.seen


def test_a_packed_answer_is_unpacked(server: Any):
    assert get(server, "/packed").content == b"hello"


def test_an_answer_may_be_as_large_as_the_limit_and_no_larger(server: Any):
    limits = replace(QUICK, body=1000)
    assert len(get(server, "/large/1000", limits=limits).content) == 1000
    with pytest.raises(CallFailed) as failed:
        get(server, "/large/1001", limits=limits)
    assert failed.value.name == "ResponseTooLarge"


def test_a_bomb_is_not_unpacked(server: Any):
    with pytest.raises(CallFailed) as failed:
        get(server, "/bomb", limits=replace(QUICK, total=5))
    assert failed.value.name == "ResponseTooLarge"


@pytest.mark.parametrize("part", ["head", "body"])
def test_a_server_that_drips_is_left_when_the_time_is_up(server: Any, part: str):
    began = time.monotonic()
    with pytest.raises(CallFailed) as failed:
        get(server, f"/drip/{part}")
    assert failed.value.name == "Timeout"
    assert time.monotonic() - began < 1.3


def test_a_name_server_that_does_not_answer_is_left_when_the_time_is_up(server: Any):
    def slow(host: str, port: int) -> list[str]:
        time.sleep(3)
        return ["127.0.0.1"]

    began = time.monotonic()
    with pytest.raises(CallFailed) as failed:
        get(server, "/echo", resolve=slow)
    assert (failed.value.name, time.monotonic() - began < 1.3) == ("Timeout", True)


def test_what_is_not_http_is_a_failed_connection(server: Any):
    with pytest.raises(CallFailed) as failed:
        get(server, "/broken")
    assert failed.value.name == "ConnectionFailed"


@pytest.mark.parametrize(("certified", "reached"), [("shop.example", True), ("other.example", False)])
def test_the_certificate_must_name_the_host(tmp_path: Path, certified: str, reached: bool):
    context, signer = certificate(tmp_path, certified)
    with serving(tls=context) as server:
        policy = Policy((Destination("shop.example", server.port, private=True),))
        call = Call(method="GET", url=f"https://shop.example:{server.port}/echo")
        how: Any = {"tls": ssl.create_default_context(cafile=signer), "resolve": told("127.0.0.1")}
        if reached:
            assert fetch(call, policy, QUICK, **how).status == 200
        else:
            with pytest.raises(CallFailed) as failed:
                fetch(call, policy, QUICK, **how)
            assert failed.value.name == "ConnectionFailed"


def test_a_certificate_that_nobody_knows_is_refused(tmp_path: Path):
    context, _ = certificate(tmp_path, "shop.example")
    with serving(tls=context) as server:
        policy = Policy((Destination("shop.example", server.port, private=True),))
        url = f"https://shop.example:{server.port}/echo"
        assert refusal(url, policy, resolve=told("127.0.0.1")) == "ConnectionFailed"
