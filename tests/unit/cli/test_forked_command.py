"""The command that tests fork is the one that people start."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import syncd


@pytest.mark.parametrize(
    ("words", "more"),
    [
        (["status", "--help"], {"COLUMNS": "60"}),
        (["stauts"], {"COLUMNS": "100"}),
        (["--config", "nowhere.yaml", "once"], {}),
        (["--log-format", "json", "check", "--json"], {"SYNCD_MAPPINGS": "absent"}),
    ],
)
def test_it_answers_word_for_word_as_a_process_of_its_own(
    tmp_path: Path, words: list[str], more: dict[str, str]
) -> None:
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **more}
    own = subprocess.run(
        [sys.executable, "-m", "syncd", *words],
        cwd=tmp_path,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    forked = syncd(*words, environment=environment, folder=tmp_path)

    assert (forked.returncode, forked.stdout, forked.stderr) == (
        own.returncode,
        own.stdout,
        own.stderr,
    )
    assert forked.returncode in (0, 1, 2)


def test_one_call_leaves_nothing_for_the_next(tmp_path: Path) -> None:
    clean = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    store = {"SYNCD_DATABASE_URL": f"sqlite:///{tmp_path / 'one.db'}"}

    syncd("status", environment={**clean, **store, "SYNCD_LOG_FORMAT": "yaml"})
    after = syncd("status", "--json", environment={**clean, **store})

    assert (after.returncode, after.stdout, after.stderr) == (0, "[]\n", "")


def test_a_call_that_does_not_end_is_ended(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}

    with pytest.raises(subprocess.TimeoutExpired):
        syncd("events", "--follow", environment=environment, seconds=0.2)

    assert syncd("--version", environment=environment).returncode == 0
