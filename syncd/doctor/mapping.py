"""The mapping files, in short; `syncd check` has it at length."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from connectors.checkup import Finding
from syncd.hygiene import Severity, examine
from syncd.mapping import Loaded

MOST_FAULTS = 3


def look_at_mapping(loaded: Loaded) -> Iterator[Finding]:
    """The first faults, or what is accepted and what hygiene finds in it."""
    for fault in loaded.faults[:MOST_FAULTS]:
        where = f"{fault.file}:{fault.line}" if fault.line else fault.file
        where = f"{where} {fault.path}".rstrip()
        yield Finding.problem("files", f"{where}: got {fault.got}", fault.fix)
    more = len(loaded.faults) - MOST_FAULTS
    if more > 0:
        yield Finding.problem("files", f"{more} more faults", "`syncd check` tells all")
    for catalogue in loaded.catalogues:
        yield Finding.ok(
            "files",
            f"{catalogue.period_title}: {len(catalogue.key_results)} key results and "
            f"{len(catalogue.indicators)} indicators",
        )
    tally = Counter(
        finding.severity
        for catalogue in loaded.catalogues
        for finding in examine(catalogue, loaded.places, loaded.catalogues)
    )
    grave = tally[Severity.ERROR] + tally[Severity.WARNING]
    if grave:
        yield Finding.warning(
            "hygiene",
            f"{tally[Severity.ERROR]} errors and {tally[Severity.WARNING]} warnings",
            "`syncd check` tells each with its mend",
        )
    elif loaded.catalogues:
        yield Finding.ok("hygiene", "nothing is left open")
