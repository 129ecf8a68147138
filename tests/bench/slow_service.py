"""A service in a process of its own that answers every request after so long, however many there are at once."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

BACKLOG = 2_048
ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
)


@contextmanager
def slow_service(*, seconds: float) -> Iterator[int]:
    """Its port on loopback."""
    command = [sys.executable, "-m", "tests.bench.slow_service", str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float) -> None:
    await reader.readuntil(b"\r\n\r\n")
    await asyncio.sleep(seconds)
    writer.write(ANSWER)
    await writer.drain()
    writer.close()


async def main(seconds: float) -> None:
    server = await asyncio.start_server(
        lambda reader, writer: _answer(reader, writer, seconds), "127.0.0.1", 0, backlog=BACKLOG
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1])))
