"""The limit of the fan-out: a bare websocket server that sends one text to all who are connected, and nothing else.

Run: python benchmarks/raw_broadcast.py PORT; a line on its input is the text that it sends. Knows nothing of ours.
"""

import asyncio
import gc
import resource
import sys
import threading

import uvloop
from websockets.asyncio.server import ServerConnection, broadcast, serve


async def main(port: int) -> None:
    there: set[ServerConnection] = set()
    loop = asyncio.get_running_loop()

    async def hold(connection: ServerConnection) -> None:
        there.add(connection)
        try:
            await connection.wait_closed()
        finally:
            there.discard(connection)

    def read_input() -> None:
        for line in sys.stdin:
            loop.call_soon_threadsafe(broadcast, there, line.rstrip("\n"))
        loop.call_soon_threadsafe(loop.stop)

    async with serve(hold, "127.0.0.1", port, compression=None, ping_interval=None, backlog=4096):
        threading.Thread(target=read_input, daemon=True).start()
        print("ready", flush=True)
        await asyncio.Future()


if __name__ == "__main__":
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    gc.freeze()
    gc.set_threshold(200_000, 50, 1000)  # as ours
    uvloop.run(main(int(sys.argv[1])))
