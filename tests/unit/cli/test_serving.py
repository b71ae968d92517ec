"""What `syncd run` does between being ready and beginning to work."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from syncd.cli.serving import begun
from syncd.store.engine import Store

SECONDS = 30.0


@pytest.fixture
def away() -> Store:
    """A store whose server does not listen."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    return Store(f"postgresql://syncd@127.0.0.1:{port}/syncd?connect_timeout=5")


def look(store: Store) -> None:
    with store.read() as connection:
        connection.execute(sa.text("SELECT 1"))


def test_a_store_that_is_away_just_then_is_waited_for(away: Store, tmp_path: Path) -> None:
    stores = [Store(f"sqlite:///{tmp_path / 'there.db'}"), away]
    asked = []

    def begin() -> None:
        store = stores.pop()
        asked.append(store)
        look(store)
        store.close()

    begun(begin, threading.Event())

    assert len(asked) == 2
    away.close()


def test_who_is_told_to_stop_waits_no_longer(away: Store) -> None:
    stop, asked = threading.Event(), threading.Event()

    def begin() -> None:
        asked.set()
        look(away)

    waiting = threading.Thread(target=begun, args=(begin, stop))
    waiting.start()
    assert asked.wait(SECONDS)

    stop.set()

    waiting.join(SECONDS)
    assert not waiting.is_alive()
    away.close()


def test_what_is_wrong_otherwise_ends_it() -> None:
    def begin() -> None:
        raise KeyError

    with pytest.raises(KeyError):
        begun(begin, threading.Event())
