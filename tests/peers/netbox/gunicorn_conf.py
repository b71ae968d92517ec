"""Hooks of the gunicorn that serves NetBox in the tests: import once, then fork the workers."""

from __future__ import annotations

from typing import Any


def pre_fork(server: Any, worker: Any) -> None:
    """Import every view before the first fork, leave no connection for two workers to share, and have
    the garbage collector leave alone what was imported.
    """
    import gc

    from django.db import connections
    from django.urls import get_resolver

    assert get_resolver().url_patterns
    connections.close_all()
    gc.collect()
    gc.freeze()
