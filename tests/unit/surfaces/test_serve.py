"""How connections are taken."""

from __future__ import annotations

import asyncio
import socket
import sys

import pytest

from syncd.surfaces.serve import SO_BUF_LOCK, _bound, _room

SIZED_BY_US = 1
"""In SO_BUF_LOCK: what waits to be sent is kept up to a size that was said."""


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


@pytest.mark.skipif(sys.platform != "linux", reason="Linux can be told to size buffers again")
def test_a_connection_has_room_for_a_large_answer_and_then_what_it_had_before() -> None:
    with _bound("127.0.0.1", 0) as listening, socket.socket() as reader:
        reader.connect(listening.getsockname())
        connection, _ = listening.accept()
        with connection:
            kept = connection.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)

            with pytest.raises(ZeroDivisionError), _room(connection):
                assert connection.getsockopt(socket.SOL_SOCKET, SO_BUF_LOCK) == 0
                raise ZeroDivisionError

            assert connection.getsockopt(socket.SOL_SOCKET, SO_BUF_LOCK) == SIZED_BY_US
            assert connection.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) == kept
