"""How connections are taken."""

from __future__ import annotations

import asyncio
import socket

from syncd.surfaces.serve import _bound


def test_what_is_written_to_a_connection_is_sent_at_once() -> None:
    """The second part of an answer does not wait until the first is acknowledged."""

    async def no_delay() -> int:
        taken = asyncio.get_running_loop().create_future()
        server = await asyncio.start_server(
            lambda _, writer: taken.set_result(writer), sock=_bound("127.0.0.1", 0)
        )
        async with server:
            _, ours = await asyncio.open_connection(*server.sockets[0].getsockname())
            theirs = await taken
            sent_at_once: int = theirs.get_extra_info("socket").getsockopt(
                socket.IPPROTO_TCP, socket.TCP_NODELAY
            )
            for each in (ours, theirs):
                each.close()
                await each.wait_closed()
            return sent_at_once

    assert asyncio.run(no_delay()) != 0
