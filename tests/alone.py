"""`make test-alone`: each file of tests in a pytest of its own, in any order.

What passes only because another file has loaded, made or left something fails here; so does a
fixture that only one of the workers of `make test` happens to have. Prints the files that fail,
with what pytest said of them.
"""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import track

ROOT = Path(__file__).parents[1]
SECONDS = 1200.0
NONE_CHOSEN = 5
"""pytest's status where a file has only tests that are left out, as the long ones are."""


def main(words: Sequence[str]) -> int:
    """0 when every file passes, or each of `words`: files or folders. 2 where one is neither."""
    out = Console(stderr=True)
    chosen = [ROOT / word for word in words or ["tests"]]
    for one in chosen:
        if not one.exists():
            out.print(f"{one} is not there; expected files or folders, such as tests/store")
            return 2
    files = [
        file
        for one in chosen
        for file in ([one] if one.is_file() else sorted(one.rglob("test_*.py")))
    ]
    random.shuffle(files)
    failed = 0
    for file in track(files, "each alone", console=out):
        name = str(file.relative_to(ROOT))
        try:
            ended = subprocess.run(
                [sys.executable, "-m", "pytest", "-q", name],
                cwd=ROOT,
                capture_output=True,
                text=True,
                timeout=SECONDS,
                check=False,
            )
            fine, said = ended.returncode in (0, NONE_CHOSEN), ended.stdout + ended.stderr
        except subprocess.TimeoutExpired:
            fine, said = False, f"not done within {SECONDS:.0f} s"
        if not fine:
            failed += 1
            out.rule(name)
            out.print(said, highlight=False, markup=False)
    out.print(f"{len(files)} files, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
