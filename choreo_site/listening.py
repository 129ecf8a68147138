"""The socket the web server listens on, opened before the server starts so that a taken port is one sentence."""

import errno
import socket

from django.core.management.base import CommandError

ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}


def listening_socket(host: str, port: int) -> socket.socket:
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise CommandError(f"CHOREO_HOST is {host!r}, which is no address of this machine.") from error
    listener = socket.socket(family, kind)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        listener.listen(2048)
    except OSError as error:
        listener.close()
        raise CommandError(refusal(host, port, error)) from error
    return listener


def refusal(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is in use. Stop what uses it, or choose another: CHOREO_PORT={port + 1} make run"
    if error.errno == errno.EACCES:
        return f"Port {port} may not be opened by this user. Choose one above 1023 in CHOREO_PORT."
    return f"Cannot listen on {host}, port {port} ({error.strerror}): see CHOREO_HOST and CHOREO_PORT."


def address_to_open(host: str, port: int) -> str:
    """The address a browser on this machine uses: `0.0.0.0` is where one listens, not where one goes."""
    name = ANYWHERE.get(host, host)
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"
