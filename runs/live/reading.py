"""Reading the database for a socket.

`database_sync_to_async` opens a connection for each call, which costs more than what is read. So the one of the thread
that reads for all sockets of a process is kept until one of them ends (see `choreo_site.socket_user`).
"""

from collections.abc import Callable
from typing import Any

from asgiref.sync import sync_to_async
from django.db import InterfaceError, OperationalError, close_old_connections


async def read[T](function: Callable[..., T], *args: Any) -> T:
    """What the function finds, asked once more where the connection was lost since the last time."""
    return await sync_to_async(_tried)(function, *args)


def _tried[T](function: Callable[..., T], *args: Any) -> T:
    try:
        return function(*args)
    except (InterfaceError, OperationalError):
        close_old_connections()
        return function(*args)
