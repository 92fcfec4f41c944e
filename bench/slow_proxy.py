# SPDX-License-Identifier: Apache-2.0
"""A network between client and server: slow_proxy.py HOST PORT MILLISECONDS. Passes everything on that much later, each way.

Prints the port that it listens on at 127.0.0.1, and ends with its standard input.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys


async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float) -> None:
    """What comes while something else waits is not held up by that: as on a wire."""
    clock = asyncio.get_running_loop().time
    under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def deliver() -> None:
        while True:
            due, data = await under_way.get()
            await asyncio.sleep(due - clock())
            if not data:
                writer.close()
                return
            writer.write(data)
            await writer.drain()

    delivering = asyncio.create_task(deliver())
    try:
        data = b"-"
        while data:
            data = await reader.read(1 << 20)
            under_way.put_nowait((clock() + delay, data))
        await delivering
    except ConnectionError:
        delivering.cancel()


async def main(host: str, port: int, delay: float) -> None:
    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection(host, port)
        with contextlib.suppress(asyncio.CancelledError):  # the end, with connections still open
            await asyncio.gather(pass_on(reader, there_writer, delay), pass_on(there_reader, writer, delay))

    server = await asyncio.start_server(connect, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]) / 1000))
