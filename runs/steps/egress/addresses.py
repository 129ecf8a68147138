"""Which addresses may be called.

`is_global` alone will not do: it calls addresses public that carry a private one inside (NAT64, 6to4, Teredo), and
what it says of some of them differs between versions of Python.
"""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

type Address = IPv4Address | IPv6Address

PRIVATE = tuple(
    ip_network(network)
    for network in (
        *("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"),
        *("::1/128", "fc00::/7"),
    )
)
# Not even an administrator opens these: where clouds hand out credentials, and ways round the rules above.
NEVER = tuple(
    ip_network(network)
    for network in (
        *("0.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "192.88.99.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        *("168.63.129.16/32", "100.100.100.200/32"),  # what Azure and Alibaba tell their machines
        *("fd00:ec2::/32", "fd20:ce::/32"),  # the same at AWS and Google
        *("fe80::/10", "fec0::/10", "ff00::/8", "100::/64", "5f00::/16"),
        *("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"),  # IPv4 inside IPv6
    )
)
COMPATIBLE = ip_network("::/96")  # IPv4 inside IPv6 as it once was; ::1 lies in it too


def parse_address(text: str) -> Address:
    """The address, taken out of an IPv4-mapped one. Raises ValueError."""
    address = ip_address(text)
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def why_refused(address: Address, *, private: bool) -> str | None:
    """Why ``address`` may not be called, to be read after “which”; None where it may. ``private`` opens our own."""
    if any(address in network for network in NEVER):
        return "is never called"
    if any(address in network for network in PRIVATE):
        return None if private else "is private"
    if address in COMPATIBLE or not address.is_global or address.is_multicast or address.is_reserved:
        return "is not public"
    return None
