"""The port is closed when nobody waits there."""

import asyncio
import socket

import uvicorn
from starlette.responses import Response

from app.core.http.server import Server
from tests.core.serving import until

REQUEST = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


async def test_who_has_connected_is_answered_though_the_port_closes() -> None:
    config = uvicorn.Config(Response("served"), port=0, lifespan="off", log_config=None)
    server = Server(config)

    async def closed_on() -> bytes:
        running = asyncio.create_task(server.serve())
        await until(lambda: server.started)
        with socket.create_connection(server.servers[0].sockets[0].getsockname()) as client:
            client.settimeout(30)
            client.sendall(REQUEST)
            # The event loop had no turn since: nobody has accepted this connection.
            await server.shutdown()
            answer = await asyncio.to_thread(client.recv, 1000)
        server.should_exit = True
        await running
        return answer

    def on_the_loop_of_the_server() -> bytes:
        with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
            return runner.run(closed_on())

    answer = await asyncio.to_thread(on_the_loop_of_the_server)
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"served")
