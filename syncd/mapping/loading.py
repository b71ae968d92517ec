"""Mapping folders to catalogues, one for each period, or to every fault in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from connectors.base import Measure
from syncd.mapping.composed import COMPOSED
from syncd.mapping.effective import WrittenPeriod
from syncd.mapping.fault import Fault
from syncd.mapping.files import PeriodFiles, read_folder
from syncd.mapping.indicators import Installation
from syncd.mapping.one_period import SETTINGS, LoadedPeriod, Overrides, load_period
from syncd.mapping.place import Place, Subject
from syncd.model import Catalogue
from syncd.wording import nearest

Json = Any
Texts = Mapping[str, Mapping[str, str]]
"""What stands in mapping files, by the folders' names and the files'."""


@dataclass(frozen=True)
class Loaded:
    """The catalogues of a folder, in the order in which their periods start, or every fault in it:
    there are no catalogues when there is any fault.

    `places` has where each team, objective, key result (roll-ups too), named indicator and
    external of the catalogues is written, by `Subject`; it is empty when there are faults. A
    period's own place is its organisation file. `written` has what each catalogue was made of, by
    period, for `effective`. `texts`: what stands in the files, for `load_texts`.
    """

    catalogues: tuple[Catalogue, ...]
    faults: tuple[Fault, ...]
    places: Mapping[Subject, Place] = field(default_factory=dict)
    written: Mapping[str, WrittenPeriod] = field(default_factory=dict)
    texts: Texts = field(default_factory=dict)

    @property
    def catalogue(self) -> Catalogue | None:
        """The catalogue of a folder for one period; None when there are faults. Raises LookupError
        where there are several periods.
        """
        if len(self.catalogues) > 1:
            raise LookupError("the mapping files are for several periods")
        return self.catalogues[0] if self.catalogues else None


def load(
    folder: Path,
    *,
    measures: Mapping[str, type[Measure]],
    sources: Mapping[str, str],
    default_sources: Mapping[str, str],
    variables: Mapping[str, Json] | None = None,
    said_by: Mapping[str, str] | None = None,
) -> Loaded:
    """The catalogue that all ``*.yaml`` of the folder describe together, or those of the folders in
    it, one for each period; or all their faults.

    `measures` by name; `sources` name to kind; `default_sources` kind to name; `variables` are
    the installation's own values, which win over those of the files, and `said_by` where it says
    them (default: in its settings). Reads files, nothing else; never raises for what stands in
    them.
    """
    folders, faults = read_folder(folder)
    installation = Installation({**measures, **COMPOSED}, sources, default_sources)
    return _loaded(folders, faults, installation, Overrides(variables or {}, said_by or {}))


def load_texts(
    texts: Texts,
    *,
    measures: Mapping[str, type[Measure]],
    sources: Mapping[str, str],
    default_sources: Mapping[str, str],
    variables: Mapping[str, Json] | None = None,
    said_by: Mapping[str, str] | None = None,
) -> Loaded:
    """The same of files that were read before: `Loaded.texts`."""
    folders = [PeriodFiles(name, files, whole=True) for name, files in texts.items()]
    installation = Installation({**measures, **COMPOSED}, sources, default_sources)
    return _loaded(folders, [], installation, Overrides(variables or {}, said_by or {}))


def _loaded(
    folders: Sequence[PeriodFiles],
    faults: list[Fault],
    installation: Installation,
    overrides: Overrides,
) -> Loaded:
    periods = [load_period(files, installation, overrides) for files in folders if files.texts]
    for period in periods:
        faults += period.faults
    faults += _twice(periods)
    if all(files.whole for files in folders):
        faults += _undeclared(periods, overrides.values)
    catalogues = [it.catalogue for it in periods if it.catalogue is not None]
    if faults or len(catalogues) < len(periods):
        return Loaded((), _in_order(faults))
    places = {subject: place for it in periods for subject, place in it.places.items()}
    written = {it.period: it.written for it in periods if it.written is not None}
    texts = {files.folder: files.texts for files in folders}
    return Loaded(tuple(sorted(catalogues, key=_start)), (), places, written, texts)


def _start(catalogue: Catalogue) -> tuple[datetime, str]:
    assert catalogue.starts is not None  # noqa: S101 - that of files always has one
    return catalogue.starts, catalogue.period


def _twice(periods: Sequence[LoadedPeriod]) -> Iterator[Fault]:
    first: dict[str, Place] = {}
    for it in periods:
        if it.place is None:
            continue
        known = first.setdefault(it.period, it.place)
        if known is it.place:
            continue
        line = known.line_of("period")
        yield Fault(
            it.place.file,
            it.place.line_of("period"),
            "period",
            f'"{it.period}" a second time (first at {known.file}:{line})',
            "a folder of its own for each period",
            "correct the period, or move the files to the folder of the first",
        )


def _undeclared(periods: Sequence[LoadedPeriod], overrides: Iterable[str]) -> Iterator[Fault]:
    """Faults for overridden variables that no period declares."""
    declared: set[str] = set()
    for it in periods:
        if it.variables is None:
            return
        declared |= it.variables
    for name in overrides:
        if name not in declared:
            yield Fault(
                SETTINGS,
                0,
                f"variables.{name}",
                f'"{name}", which no file declares',
                "the name of a variable in variables.yaml",
                nearest(name, declared) or "declare it there, or take it out",
            )


def _in_order(faults: list[Fault]) -> tuple[Fault, ...]:
    return tuple(sorted(dict.fromkeys(faults), key=lambda it: (it.file, it.line, it.path)))
