"""`make bench`: what syncd costs beside what a user would pick instead.

Without parts all are measured, one after the other, each in a process of its own that has a limit of
time, and docs/reference/performance.md is written. With parts only those are measured, and their
part of the page is printed: figures of the page are all of one run.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from syncd import log
from tests.bench import page
from tests.bench.machine import beside, machine
from tests.bench.measuring import LINES, Json
from tests.bench.part import Asked, Part
from tests.bench.parts import every
from tests.processes import below

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "performance.md"
CHILD_SUBREAPER = 36
"""prctl's word for: whoever loses its parent below this process becomes its child."""


def main(words: Sequence[str]) -> int:
    """0 when every part was measured."""
    parts = every()
    parser = argparse.ArgumentParser(
        prog="make bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="parts:\n" + "\n".join(f"  {one.name:12} {one.title}" for one in parts.values()),
    )
    parser.add_argument("parts", nargs="*", metavar="part", help="those alone (default: all)")
    parser.add_argument("--quick", action="store_true", help="smaller sizes, no repeats")
    parser.add_argument("--json", action="store_true", help="print all figures as JSON")
    parser.add_argument("--page", type=Path, help=f"write the page there (all: {PAGE.name})")
    parser.add_argument(
        "--patience",
        type=float,
        default=1.0,
        metavar="TIMES",
        help="as long for each part, on a machine that is busy with something else",
    )
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    said = parser.parse_args(words)
    if unknown := [one for one in said.parts if one not in parts]:
        parser.error(f"got the part {unknown[0]}; expected some of {', '.join(parts)}")
    if said.inside:
        _say(json.dumps(_inside(parts[said.inside], said)))
        return 0
    target = said.page or (None if said.parts else PAGE)
    found: Json = {}
    for found in _run([parts[one] for one in said.parts] or list(parts.values()), said):
        # after each part: who is killed half way has the half
        if target is not None:
            target.write_text(page.written(found), encoding="utf-8")
    if said.json:
        _say(json.dumps(found, indent=2))
    elif target is None:
        _say(page.written(found))
    return int(any("failed" in part for part in found["parts"]))


def _run(parts: Sequence[Part], said: argparse.Namespace) -> Iterator[Json]:
    """All that is told of a run, again after each of its parts."""
    told = {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "beside": beside(),
        "form": "quick: smaller sizes, no repeats" if said.quick else "whole",
    }
    # a process that a killed part leaves behind comes to us, and ends here
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(CHILD_SUBREAPER, 1, 0, 0, 0)
    began = time.monotonic()
    found: list[Json] = []
    for part in parts:
        found.append(_measured(part, said))
        told["took"] = (
            f"{(time.monotonic() - began) / 60:.1f} min, {len(found)} of {len(every())} parts"
        )
        versions = {name: one for part in found for name, one in part.get("versions", {}).items()}
        names = {part["name"] for part in found}
        yield {
            "quick": said.quick,
            "machine": {**told, **machine(), **versions},
            "parts": sorted(found, key=lambda part: int(part["number"])),
            "missing": [part.title for part in every().values() if part.name not in names],
        }


def _limit(part: Part, said: argparse.Namespace) -> float:
    """Seconds that a part may take."""
    return (part.quick_seconds if said.quick else part.seconds) * float(said.patience)


def _measured(part: Part, said: argparse.Namespace) -> Json:
    """One part in a process of its own, which leaves nothing behind."""
    about = {"name": part.name, "number": part.number, "title": part.title}
    seconds = _limit(part, said)
    command = [sys.executable, "-m", "tests.bench", "--inside", part.name]
    command += ["--patience", str(said.patience), *(["--quick"] if said.quick else [])]
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="syncd-bench-", ignore_cleanup_errors=True) as folder:
        # the servers of the tests drop root's rights, and have their own files in here
        Path(folder).chmod(0o755)
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "TMPDIR": folder},
        )
        try:
            printed, _ = process.communicate(timeout=seconds)
            told: Mapping[str, Json] = json.loads(printed.splitlines()[-1]) if printed else {}
        except subprocess.TimeoutExpired:
            told = {"failed": f"cut after its limit of {seconds:.0f} s"}
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.communicate(timeout=20)
        finally:
            _end_what_is_left()
    if not told:
        told = {"failed": f"its process ended with {process.returncode}"}
    return {**about, **told, "seconds": time.monotonic() - began}


def _end_what_is_left() -> None:
    for pid in list(below(os.getpid())):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _inside(part: Part, said: argparse.Namespace) -> Json:
    """What the process of a part does: measures it, or says how it failed."""

    def ended(*_: object) -> None:
        raise SystemExit("the part was cut")

    signal.signal(signal.SIGTERM, ended)
    log.set_up(form="json", level="error")
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        asked = Asked(progress, part.name, quick=said.quick, seconds=_limit(part, said))
        try:
            return part.measure(asked).to_json()
        except Exception as error:  # noqa: BLE001 - the page says so, and the others go on
            lines = f"{type(error).__name__}: {error}".splitlines()
            return {"failed": "\n".join(lines[:1] + lines[1:][-LINES:])}


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
