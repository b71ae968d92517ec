"""Rules about how it is measured."""

from __future__ import annotations

from collections.abc import Iterator

from syncd.hygiene.finding import Hit
from syncd.hygiene.written import Written
from syncd.model import Manual


def by_hand(written: Written) -> Iterator[Hit]:
    """Key results whose number a person gives, or a part of it."""
    for key_result in written.originals:
        typed = [it for it in written.made_of(key_result.indicator) if isinstance(it.plan, Manual)]
        if not typed:
            continue
        names = ", ".join(it.name for it in typed if it.name is not None)
        is_part = typed[0] is not written.read_by(key_result)
        yield Hit(
            written.key_result(key_result.id),
            f"{key_result.id} is {f'made of {names}, which' if is_part else 'a number that'} a "
            "person gives",
            "a measure of Jira, NetBox or Prometheus, if one of them knows it",
            key="indicator",
        )


def unused_indicator(written: Written) -> Iterator[Hit]:
    """Indicators with a name that no key result reads."""
    used: set[str] = set()
    for key_result in written.catalogue.key_results.values():
        read = [key_result.indicator, *(it.indicator for it in key_result.beside)]
        if key_result.target is not None and key_result.target.start_from is not None:
            read.append(key_result.target.start_from)
        used |= {it.fingerprint for each in read for it in written.made_of(each)}
    for indicator in written.catalogue.indicators.values():
        if indicator.name is not None and indicator.fingerprint not in used:
            yield Hit(
                written.indicator(indicator.name),
                f"{indicator.name} is measured, and no key result reads it",
                "take it out, unless it is there to be looked at",
            )
