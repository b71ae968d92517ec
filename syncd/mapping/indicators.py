"""Indicators: a measure's options checked, its source chosen, its plan made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from connectors.base import Aggregation, Measure, ScanPlan
from syncd.mapping.checking import check, sentence
from syncd.mapping.document import Document
from syncd.mapping.fault import Location, excerpt, listed, nearest
from syncd.mapping.query_text import imbalance
from syncd.mapping.tree import Entry
from syncd.mapping.yaml_words import cut_at_comment
from syncd.model import Indicator

Json = Any

QUERY_KEYS = frozenset({"jql", "query", "passing"})
"""Options that hold a query in an upstream's own words (where they hold text)."""


@dataclass(frozen=True)
class Installation:
    """What this installation can measure: measures by name, kinds of source by name, and the
    default source of each kind.
    """

    measures: Mapping[str, type[Measure]]
    sources: Mapping[str, str]
    default_sources: Mapping[str, str]


def described(indicator: Indicator) -> str:
    """The measure as faults name it: ``jira.duration, percentile 90``."""
    plan = indicator.plan
    if isinstance(plan, ScanPlan):
        if plan.aggregate.how is Aggregation.PERCENTILE:
            return f"{indicator.measure}, percentile {plan.aggregate.percentile:g}"
        if plan.aggregate.how is Aggregation.MEAN:
            return f"{indicator.measure}, mean"
    return f"{indicator.measure}, unit {indicator.unit}" if indicator.unit else indicator.measure


def build(
    document: Document,
    where: Location,
    name: str | None,
    installation: Installation,
    defaults: Mapping[str, str],
    evidence: str | None = None,
) -> Indicator | None:
    """The indicator written at the location, or None with its faults noted. `defaults` are the
    sources by kind that its file declares; `evidence` is what it keeps where it does not say.
    """
    node = document.node(where)
    if node is None or not isinstance(node.value, Mapping):
        document.fault(
            where,
            document.got(where),
            "a mapping with measure, or the name of an indicator"
            if name is None
            else "a mapping with measure",
            "{measure: jira.count, jql: project = CE}",
        )
        return None
    measure = _measure(document, where, installation)
    if measure is None:
        return None
    _queries(document, where, node.value)
    options = check(document, where, measure, noun="an indicator").model
    if options is None:
        return None
    source = _source(document, where, options, installation, defaults)
    if source is None:
        return None
    try:
        plan = options.plan(source)
    except ValueError as error:
        sentence(document, where, str(error), "correct the options that this names")
        return None
    return Indicator(
        name=name,
        measure=options.measure,
        source=source,
        plan=plan,
        dimension=plan.dimension,
        unit=options.unit,
        definition=document.value(where),
        evidence=options.evidence or evidence or "keys",
    )


def _measure(
    document: Document, where: Location, installation: Installation
) -> type[Measure] | None:
    known = sorted(installation.measures)
    word = document.text((*where, "measure"))
    if word is None:
        document.fault(
            (*where, "measure"),
            f"no measure but {document.got((*where, 'measure'))}"
            if document.node((*where, "measure"))
            else "no measure",
            f"how it is measured, one of {listed(known)}",
            f"measure: {known[0] if known else 'install a connector'}",
            line=document.line((*where, "measure")),
        )
        return None
    if document.refused((*where, "measure")):
        return None
    if word in installation.measures:
        return installation.measures[word]
    close = nearest(word, known)
    document.fault(
        (*where, "measure"),
        f'"{excerpt(word)}", an unknown measure',
        f"one of {listed(known)}",
        f"measure: {close}" if close else f"measure: {known[0] if known else 'none is installed'}",
    )
    return None


def _source(
    document: Document,
    where: Location,
    options: Measure,
    installation: Installation,
    defaults: Mapping[str, str],
) -> str | None:
    kind = options.measure.partition(".")[0]
    of_kind = sorted(name for name, its in installation.sources.items() if its == kind)
    wanted = options.source or defaults.get(kind)
    if wanted is None:
        wanted = installation.default_sources.get(kind)
        if wanted is None:
            document.fault(
                where,
                f"no source for {options.measure}",
                f"source: one of {listed(of_kind)}"
                if of_kind
                else f"a source of kind {kind}, and this installation has none",
                f"source: {of_kind[0]}, or a default source of kind {kind} in the settings"
                if of_kind
                else f"add one to the settings under sources:, with kind: {kind}",
            )
            return None
    if wanted in of_kind:
        return wanted
    place = (*where, "source") if options.source else where
    close = nearest(wanted, of_kind)
    its_kind = installation.sources.get(wanted)
    document.fault(
        place,
        f'"{excerpt(wanted)}", a source of kind {its_kind}'
        if its_kind
        else f'"{excerpt(wanted)}", an unknown source',
        f"a source of kind {kind}: {listed(of_kind)}",
        f"source: {close or (of_kind[0] if of_kind else 'add it to the settings')}",
    )
    return None


def _queries(document: Document, where: Location, options: Mapping[str, Entry]) -> None:
    """Notes queries that YAML cut, or whose quotes or brackets do not balance."""
    for key, entry in options.items():
        query = entry.node
        if key not in QUERY_KEYS or not isinstance(query.value, str):
            continue
        found = imbalance(query.value)
        if found is None:
            continue
        place = (*where, key)
        if query.cut == " #":
            told = cut_at_comment(
                document.line(place), place, key, query.text, f"balanced {found.kind}"
            )
            document.fault(place, told.got, told.expected, told.fix)
        elif query.cut == ",":
            document.fault(
                place,
                'text cut at "," (YAML takes it for its own inside { }): ' + excerpt(query.text),
                f"balanced {found.kind}",
                f"write the query under {key}: |- on the next line",
            )
            _silence_torn(document, where, options, key)
        else:
            document.fault(
                place,
                f"{found}: {excerpt(query.text)}",
                f"balanced {found.kind}",
                f"balance them; a long query is easier under {key}: |- on the next line",
            )


def _silence_torn(
    document: Document, where: Location, options: Mapping[str, Entry], key: str
) -> None:
    """What follows the cut is the rest of the query, not keys."""
    after = False
    for other, entry in options.items():
        if after and entry.node.value is None and not entry.node.text:
            document.silence((*where, other))
        after = after or other == key


def twins(first: Indicator, second: Indicator) -> Indicator:
    """One indicator for two of the same fingerprint: a named one wins, and of two wishes for
    evidence the one that keeps less.
    """
    kept = first if first.name is not None or second.name is None else second
    frugal = "keys" in (first.evidence, second.evidence)
    return replace(kept, evidence="keys") if frugal else kept
