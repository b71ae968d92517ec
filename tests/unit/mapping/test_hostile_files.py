"""Files that are written to do harm: each is refused in a line, without being worked out."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.unit.mapping.mutations import GOOD
from tests.unit.mapping.stand_in_measures import load_folder

LAUGHS = "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
HOSTILE = {
    "a billion laughs": (f"a: &a [lol]\n{LAUGHS}", "anchor"),
    "a call of the operating system": (
        "team: !!python/object/apply:os.system ['touch pwned']\n",
        "tag",
    ),
    "a module": ("team: !!python/module:subprocess\n", "tag"),
    "a long tunnel": (f"team: {'[' * 5_000}{']' * 5_000}\n", "nested more than 40 deep"),
    "a tunnel of blocks": (
        "".join(f"{'  ' * depth}a:\n" for depth in range(500)),
        "nested more than 40 deep",
    ),
    "a large file": (f"# {'x' * 1_000_000}\n", "at most 1000000"),
    "bytes that are no text": ("\x00\x01", ""),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_is_refused_with_its_name(tmp_path: Path, kind: str) -> None:
    text, words = HOSTILE[kind]
    folder = tmp_path / "mappings"
    shutil.copytree(GOOD, folder)
    (folder / "hostile.yaml").write_text(text)

    loaded = load_folder(folder)

    assert loaded.catalogue is None
    told = [str(one) for one in loaded.faults if "hostile.yaml" in str(one)]
    assert told
    assert any(words in one for one in told), told
    assert all(len(one) < 500 for one in told)
    assert not (tmp_path / "pwned").exists()
    assert not Path("pwned").exists()
