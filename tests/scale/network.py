"""Hosts of their own on one machine: network namespaces on a bridge, whose cables can be pulled. Linux, as root.

with network() as net:
    host = net.host("worker-a")
    subprocess.Popen(host.command("python", "manage.py", "work"))
    host.pull()     # packets vanish, as when a cable is pulled: nobody is told anything
    host.plug()
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

ADDRESSES = "10.213.77"
BRIDGE, NOBODY = "02:00:00:00:77:01", "02:00:00:00:77:ff"


def ip(*arguments: str) -> str:
    return subprocess.run(("ip", *arguments), check=True, capture_output=True, text=True).stdout


def hardware_address(shown: str) -> str:
    return shown.split("link/ether ")[1].split()[0]


@dataclass(frozen=True)
class Host:
    """One network namespace: its processes reach others through its cable alone."""

    name: str
    address: str
    space: str
    cable: str  # our end of it
    bridge: str
    server: str

    def command(self, *command: str) -> list[str]:
        """The command on this host, under its name."""
        named = ("unshare", "--uts", "sh", "-c", 'hostname "$0" && exec "$@"', self.name)
        return ["ip", "netns", "exec", self.space, *named, *command]

    def pull(self) -> None:
        """What is sent arrives nowhere, and no answer says so."""
        ip("link", "set", self.cable, "nomaster")

    def refuse(self) -> None:
        """What is sent is refused on the spot."""
        ip("-n", self.space, "route", "replace", "unreachable", self.server)

    def plug(self) -> None:
        ip("link", "set", self.cable, "master", self.bridge)
        subprocess.run(
            ("ip", "-n", self.space, "route", "delete", "unreachable", self.server), capture_output=True
        )

    def lose(self, address: str) -> None:
        """What is sent to this address, and to no other, arrives nowhere."""
        self.know(address, NOBODY)

    def find(self, address: str) -> None:
        self.know(address, BRIDGE)

    def know(self, address: str, hardware: str) -> None:
        """For good: with a pulled cable nobody answers who has an address, and the kernel would report that."""
        ip(
            "-n",
            self.space,
            "neigh",
            "replace",
            address,
            "lladdr",
            hardware,
            "nud",
            "permanent",
            "dev",
            "eth0",
        )


@dataclass
class Network:
    bridge: str
    server: str = f"{ADDRESSES}.1"
    redis: str = f"{ADDRESSES}.254"  # another road to the same machine
    hosts: dict[str, Host] = field(default_factory=dict)

    def host(self, name: str) -> Host:
        number = len(self.hosts) + 2
        space, cable = f"{self.bridge}-{name}", f"{self.bridge}-{number}"
        host = Host(name, f"{ADDRESSES}.{number}", space, cable, self.bridge, self.server)
        ip("netns", "add", space)
        ip("link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", space)
        ip("link", "set", cable, "master", self.bridge, "up")
        ip("-n", space, "address", "add", f"{host.address}/24", "dev", "eth0")
        for interface in ("lo", "eth0"):
            ip("-n", space, "link", "set", interface, "up")
        host.find(self.server)
        host.find(self.redis)
        theirs = hardware_address(ip("-n", space, "link", "show", "eth0"))
        ip("neigh", "replace", host.address, "lladdr", theirs, "nud", "permanent", "dev", self.bridge)
        self.hosts[name] = host
        return host

    def remove(self) -> None:
        for host in self.hosts.values():
            ip("netns", "delete", host.space)
            subprocess.run(("ip", "link", "delete", host.cable), capture_output=True)
        self.hosts.clear()


@contextmanager
def network() -> Iterator[Network]:
    """A bridge with the server's address, which this process shares."""
    bridge = f"cx{os.getpid()}"
    ip("link", "add", bridge, "type", "bridge")
    # A bridge takes the address of its newest cable unless it is given one.
    ip("link", "set", bridge, "address", BRIDGE, "up")
    net = Network(bridge)
    for address in (net.server, net.redis):
        ip("address", "add", f"{address}/24", "dev", bridge)
    try:
        yield net
    finally:
        net.remove()
        # What was started in another process has made its hosts by the name of the bridge.
        for space in ip("netns", "list").split():
            if space.startswith(f"{bridge}-"):
                ip("netns", "delete", space)
        ip("link", "delete", bridge)
