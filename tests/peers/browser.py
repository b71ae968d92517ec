"""Debian's Chromium, as the tests start it."""

from __future__ import annotations

import shutil

from tests.peers.process import PeerFailed


def chromium() -> str:
    """Where it is. Raises PeerFailed."""
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        raise PeerFailed("`chromium` is not there: `make peers` installs it")
    return found
