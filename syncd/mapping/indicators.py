"""Indicators: a measure's options checked, its source chosen, its plan made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from connectors.base import (
    Aggregation,
    Dimension,
    Measure,
    Plan,
    PlanContext,
    ScanPlan,
    fingerprint,
)
from syncd.mapping import units
from syncd.mapping.checking import check, sentence
from syncd.mapping.composed import ComposedMeasure
from syncd.mapping.composing import Find, compose
from syncd.mapping.document import Document
from syncd.mapping.fault import Location, excerpt, listed
from syncd.mapping.query_text import imbalance
from syncd.mapping.tree import Entry
from syncd.mapping.yaml_words import cut_at_comment
from syncd.model import Indicator
from syncd.wording import nearest

Json = Any

QUERY_KEYS = frozenset({"jql", "query", "passing", "good", "total"})
"""Options that hold a query in an upstream's own words (where they hold text)."""


@dataclass(frozen=True)
class Around:
    """What a file says around its indicators: the source of each kind, what plans need, and what
    is kept of each object.
    """

    sources: Mapping[str, str]
    context: PlanContext
    evidence: str


@dataclass(frozen=True)
class Installation:
    """What this installation can measure: measures by name, kinds of source by name, and the
    default source of each kind.
    """

    measures: Mapping[str, type[Measure]]
    sources: Mapping[str, str]
    default_sources: Mapping[str, str]


_UNITS_OF: Mapping[Dimension, str] = {
    Dimension.RATIO: "ratio or percent, or none, because the measure gives a share",
    Dimension.DURATION: "a unit of time, or none, because the measure gives a duration",
    Dimension.COUNT: "what is counted (host), or none, because the measure gives a number",
    Dimension.OTHER: "a unit that is no share and no time, because the measure gives neither",
}


_ELSEWHERE = "Pacific/Kiritimati"
"""A timezone in which nobody's mapping is."""


def said_around(
    options: Measure, plan: Plan, source: str, context: PlanContext
) -> Mapping[str, Json]:
    """What of the context the plan depends on, for a definition: the same words under another
    calendar or in another period are not the same indicator.
    """
    found: dict[str, Json] = {}
    if context.business_hours is not None and _differs(
        options, plan, source, replace(context, business_hours=None)
    ):
        found["business_hours"] = fingerprint(context.business_hours.definition)
    if _differs(options, plan, source, replace(context, first=None, last=None)):
        found["period"] = f"{context.first}/{context.last}"
    if _differs(options, plan, source, replace(context, timezone=_ELSEWHERE)):
        found["timezone"] = context.timezone
    return {"around": found} if found else {}


def _differs(options: Measure, plan: Plan, source: str, context: PlanContext) -> bool:
    try:
        return options.plan(source, context) != plan
    except ValueError:
        return True  # it cannot do without


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
    around: Around,
    find: Find,
    evidence: str | None = None,
) -> Indicator | None:
    """The indicator written at the location, or None with its faults noted. `find` finds the
    parts of a composed one; `evidence` is what it keeps where it does not say.
    """
    options = read_options(document, where, name, installation)
    if options is None:
        return None
    if isinstance(options, ComposedMeasure):
        if evidence is not None:
            document.fault(
                (*where[:-1], "evidence"),
                f"evidence beside {options.measure}",
                "evidence where objects are read, because this one reads none itself",
                f"move evidence: {evidence} to its parts, or take it out",
            )
        return compose(document, where, name, options, find)
    source = _source(document, where, options, installation, around.sources)
    if source is None:
        return None
    try:
        plan = options.plan(source, around.context)
    except ValueError as error:
        sentence(document, where, str(error), "correct the options that this names")
        return None
    if options.unit is not None and not units.measured_in(options.unit, plan.dimension):
        document.fault(
            (*where, "unit"),
            f'"{options.unit}"',
            f"{_UNITS_OF[plan.dimension]} ({options.measure})",
            "take unit out",
        )
        return None
    return Indicator(
        name=name,
        measure=options.measure,
        source=source,
        plan=plan,
        dimension=plan.dimension,
        unit=options.unit,
        definition=document.value(where) | said_around(options, plan, source, around.context),
        evidence=options.evidence or evidence or around.evidence,
    )


def read_options(
    document: Document, where: Location, name: str | None, installation: Installation
) -> Measure | None:
    """The options of the measure written at the location, or None with its faults noted."""
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
    if options is not None and options.unit is not None and not units.is_unit(options.unit):
        document.fault(
            (*where, "unit"),
            f'"{excerpt(options.unit)}"',
            "a unit: a word such as ratio, percent, h, GPU, or words with / between them",
            f"unit: {units.meant(options.unit)}",
        )
        return None
    return options


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
            f"measure: {_example(known)}",
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
        f"measure: {close or _example(known)}",
    )
    return None


def _example(known: Sequence[str]) -> str:
    return next((name for name in known if "." in name), "install a connector")


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
    """One indicator for two of the same fingerprint: a named one wins, of two wishes for evidence
    the one that keeps less, and its numbers are held to what both say.
    """
    kept = first if first.name is not None or second.name is None else second
    kept = replace(kept, plausible=first.plausible.and_also(second.plausible))
    frugal = "keys" in (first.evidence, second.evidence)
    return replace(kept, evidence="keys") if frugal else kept
