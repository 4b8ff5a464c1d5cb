"""The server, which closes its port at a moment when nobody waits there.

Where a port is closed, the system resets connections that it holds ready and that nobody has
accepted yet. Who connected so has sent a request, and cannot know what became of it: a proxy
may not repeat it where it has an effect. (On uvloop, which `app serve` runs on; the loop of asyncio
forgets those whom it has accepted in the turn in which it closes.)
"""

import asyncio
import os
import select
import socket
import time

import uvicorn

# Seconds in which there is a moment when nobody waits, unless there are more than can be served.
AT_MOST = 2.0
# Turns of the event loop, and seconds for each, in which the requests of those who connected last
# are read: on a busy machine a turn takes long.
TURNS, TURN = 10, 0.02


class Server(uvicorn.Server):
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept everybody who waits, close in that moment, and answer them as all the others."""
        end = time.monotonic() + AT_MOST
        for server in self.servers:
            for each in server.sockets:
                let_one_wait(each)
            # Nothing tells of it but the system: the event loop accepts them, and says nothing.
            while time.monotonic() < end and any(map(somebody_waits, server.sockets)):  # noqa: ASYNC110
                await asyncio.sleep(0)
            server.close()
        for _ in range(TURNS):
            await asyncio.sleep(TURN)
        await super().shutdown(sockets)


def let_one_wait(listening: socket.socket) -> None:
    """Have the system put off who comes while another waits: they try again, and elsewhere then.

    Without this, there may be no moment when nobody waits, on a machine with too much to do.
    """
    with socket.socket(fileno=os.dup(listening.fileno())) as same:
        same.listen(0)


def somebody_waits(listening: socket.socket) -> bool:
    """Ask the system, without waiting, whether a connection is there to be accepted."""
    poll = select.poll()
    poll.register(listening, select.POLLIN)
    return bool(poll.poll(0))
