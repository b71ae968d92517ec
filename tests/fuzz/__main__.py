"""Searches for bytes that break a reader of strangers' bytes, led by what of the code they reach.

    python -m tests.fuzz [TARGET ...] [--seconds N]

Each target has a process of its own (libFuzzer ends it). What breaks one is kept in `.fuzz/TARGET`
and tried first by the next search; the process says the trace, and this ends with 1.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
KEPT = ROOT / ".fuzz"
MEGABYTES = 2_048


def search(name: str, folder: Path, seconds: int) -> None:
    """Searches in this process, which libFuzzer ends."""
    import atheris

    with atheris.instrument_imports(include=["connectors", "syncd"]):
        from tests.fuzz.targets import TARGETS
    atheris.Setup(
        [
            sys.argv[0],
            str(folder),
            f"-max_total_time={seconds}",
            f"-rss_limit_mb={MEGABYTES}",
            "-timeout=20",
            "-max_len=8192",
            f"-artifact_prefix={folder}-broke-",
        ],
        TARGETS[name],
    )
    atheris.Fuzz()


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def main() -> int:
    if sys.argv[1:2] == ["--here"]:
        search(sys.argv[2], KEPT / sys.argv[2], int(sys.argv[3]))

    from tests.fuzz.targets import TARGETS, seeds

    reads = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    reads.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    reads.add_argument("--seconds", type=int, default=60, help="of each target (default: 60)")
    asked = reads.parse_args()
    if unknown := set(asked.targets) - set(TARGETS):
        reads.error(f"got {', '.join(sorted(unknown))}; expected some of {', '.join(TARGETS)}")
    broken = []
    for name in asked.targets or TARGETS:
        folder = KEPT / name
        folder.mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(seeds(name)):
            (folder / f"seed-{number}").write_bytes(seed)
        say(f"{name}: {asked.seconds} s")
        again = [sys.executable, "-m", "tests.fuzz", "--here", name, str(asked.seconds)]
        ran = subprocess.run(again, cwd=ROOT, capture_output=True, text=True, check=False)
        if ran.returncode:
            broken.append(name)
            say(f"{ran.stdout[-2_000:]}\n{ran.stderr[-4_000:]}")
        else:
            say(ran.stderr.strip().splitlines()[-1])
    say(f"broken: {', '.join(broken)}" if broken else "nothing broke")
    return bool(broken)


if __name__ == "__main__":
    sys.exit(main())
