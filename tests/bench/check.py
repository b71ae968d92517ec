"""`make bench-check`: what is counted, against what is kept in `baseline.json`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from syncd import log
from tests.bench.counted import Counts, counts

BASELINE = Path(__file__).parent / "baseline.json"
TOLERANCE = 1.02
"""Bytes hold moments and addresses, which are not always of one length."""
RENEW = "if it is meant: make bench-check ARGS=--write"


def regressions(before: Mapping[str, Counts], now: Mapping[str, Counts]) -> Iterator[str]:
    """A sentence for each count that is more than before, and for each that is not there twice."""
    for part in sorted(before.keys() | now.keys()):
        if part not in before:
            yield f"{part}: is counted and not kept; {RENEW}"
            continue
        if part not in now:
            yield f"{part}: is kept and no more counted; {RENEW}"
            continue
        for name in sorted(before[part].keys() | now[part].keys()):
            was, found = before[part].get(name), now[part].get(name)
            if was is None or found is None:
                yield f"{part}: {name} were {was}, are {found}; {RENEW}"
            elif found > was * TOLERANCE:
                yield f"{part}: {name.replace('_', ' ')} were {was}, are {found}; {RENEW}"


def savings(before: Mapping[str, Counts], now: Mapping[str, Counts]) -> Iterator[str]:
    """A sentence for each count that is clearly less than before, and so better kept anew."""
    for part in sorted(before.keys() & now.keys()):
        for name in sorted(before[part].keys() & now[part].keys()):
            was, found = before[part][name], now[part][name]
            if found * TOLERANCE < was:
                yield f"{part}: {name.replace('_', ' ')} were {was}, are {found}"


def kept() -> Mapping[str, Counts]:
    """What is kept."""
    found: Mapping[str, Counts] = json.loads(BASELINE.read_text(encoding="utf-8"))
    return found


def main(words: Sequence[str]) -> int:
    """0 when nothing is more than before."""
    parser = argparse.ArgumentParser(prog="make bench-check", description=__doc__)
    parser.add_argument("--write", action="store_true", help="keep what is counted now")
    parser.add_argument("--json", action="store_true", help="print what is counted now")
    said = parser.parse_args(words)
    log.set_up(form="json", level="error")
    now = counts()
    if said.json:
        _say(json.dumps(now, indent=2))
    if said.write:
        BASELINE.write_text(json.dumps(now, indent=2) + "\n", encoding="utf-8")
        return 0
    before = kept()
    worse = list(regressions(before, now))
    for line in worse:
        sys.stderr.write(f"{line}\n")
    for line in savings(before, now):
        sys.stderr.write(f"less than before, keep it with ARGS=--write: {line}\n")
    return int(bool(worse))


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
