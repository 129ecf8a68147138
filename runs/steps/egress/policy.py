"""What may be called: the ports of the web at any public address, and what an administrator has listed."""

from collections.abc import Collection
from dataclasses import dataclass

from .failures import address_refused

WEB = frozenset({80, 443})


@dataclass(frozen=True, slots=True)
class Destination:
    """A host, or by ``*.example.com`` all hosts below a name, and a port. ``private`` admits private addresses."""

    host: str
    port: int
    private: bool = False

    def covers(self, host: str, port: int) -> bool:
        if port != self.port:
            return False
        return host.endswith(self.host[1:]) if self.host.startswith("*.") else host == self.host


@dataclass(frozen=True, slots=True)
class Policy:
    listed: tuple[Destination, ...] = ()
    listed_only: bool = False
    ports: Collection[int] = WEB

    def admits_private(self, host: str, port: int) -> bool:
        """Whether private addresses may be called by this name. Raises CallFailed where nothing may be."""
        name = host.lower().rstrip(".")
        listed = [destination for destination in self.listed if destination.covers(name, port)]
        if not listed and (self.listed_only or port not in self.ports):
            what = f"{name} at port {port} is not among the destinations that an administrator has listed."
            also = "" if self.listed_only else " Any public host may be called at the ports 80 and 443."
            raise address_refused(what + also)
        return any(destination.private for destination in listed)
