"""A real disk of a few MB (a tmpfs), to be filled, and to be turned read-only. Root mounts it; whoever is
not root has it in a namespace of its own, and reaches it through the process that keeps that.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

MB = 1 << 20
SECONDS = 20.0


@dataclass(frozen=True)
class SmallDisk:
    """`folder` is all of it. `enter`: the words before a command that changes how it is mounted."""

    folder: Path
    mounted_at: Path
    enter: tuple[str, ...] = ()

    @property
    def _filler(self) -> Path:
        return self.folder / "filler"

    def fill(self) -> None:
        """Takes all that is left of it."""
        with self._filler.open("ab", buffering=0) as filler, contextlib.suppress(OSError):
            while filler.write(b"\xa5" * 4096):
                pass

    def free(self) -> None:
        """Gives that back."""
        self._filler.unlink()

    def turn(self, how: str) -> None:
        """``ro`` or ``rw``. Refused while somebody has a file open to write."""
        words = [*self.enter, "mount", "-o", f"remount,{how}", str(self.mounted_at)]
        subprocess.run(words, check=True, timeout=SECONDS, capture_output=True)


@contextlib.contextmanager
def small_disk(place: Path, mb: int, *, for_others: bool = False) -> Iterator[SmallDisk]:
    """One of so many MB at a folder that it makes; skips the test where this machine allows none.
    `for_others`: users other than this one may use it too.
    """
    place.mkdir(mode=0o755)
    size = f"size={mb * MB},mode=755"
    words = ["mount", "-t", "tmpfs", "-o", size, "none", str(place)]
    if (
        os.geteuid() == 0
        and subprocess.run(words, check=False, capture_output=True).returncode == 0
    ):
        try:
            yield SmallDisk(place, place)
        finally:
            subprocess.run(["umount", "--lazy", str(place)], check=True, timeout=SECONDS)
        return
    if for_others and os.geteuid() == 0:
        pytest.skip("root may mount nothing here, and nobody else would reach it")
    script = f"mount -t tmpfs -o {size} none '{place}' && echo mounted && exec cat"
    with subprocess.Popen(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as keeper:
        assert keeper.stdin is not None
        assert keeper.stdout is not None
        if keeper.stdout.readline().strip() != b"mounted":
            pytest.skip("this machine lets nobody mount a tmpfs, not even in a namespace")
        try:
            enter = ("nsenter", "--target", str(keeper.pid), "--user", "--mount", "--")
            yield SmallDisk(Path(f"/proc/{keeper.pid}/root{place}"), place, enter)
        finally:
            keeper.stdin.close()  # then it ends, and the disk with it
