"""Where tests keep what they throw away: only where it has room."""

from __future__ import annotations

from pathlib import Path

from tests.memory import roomy


def test_a_folder_has_room_or_not(tmp_path: Path) -> None:
    assert roomy(tmp_path, needed=1)
    assert not roomy(tmp_path, needed=2**60)
    assert not roomy(tmp_path / "not there", needed=1)
