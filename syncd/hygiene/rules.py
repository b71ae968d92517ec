"""The rules in the order in which they are told, and what they find together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from syncd.hygiene.dating import (
    carried_nowhere,
    due_after_period,
    late_dependency,
    milestone_with_two_dates,
)
from syncd.hygiene.depending import external_without_plan, no_checkpoints
from syncd.hygiene.finding import Finding, Hit, Rule, Severity, Spot
from syncd.hygiene.measuring import by_hand, unused_indicator
from syncd.hygiene.owning import joint_without_accountable, no_owner
from syncd.hygiene.sharing import declared_duplicate, same_title, shared_indicator
from syncd.hygiene.wanting import no_baseline, no_target
from syncd.hygiene.written import Written
from syncd.mapping import Place, Subject
from syncd.model import Catalogue

RULES: Final = (
    Rule(
        "no-owner",
        Severity.WARNING,
        "A key result without an owner",
        "Nobody is asked when it slips, and nobody can be paged.",
        "Name a person or a role. Owners are not inherited, so that the gap shows.",
        no_owner,
    ),
    Rule(
        "joint-without-accountable",
        Severity.WARNING,
        "A joint objective without one who is accountable",
        "What two teams share is nobody's when they disagree. The owners of its key results do the "
        "work; one of them answers for the whole.",
        "Name exactly one person or role under `accountable`.",
        joint_without_accountable,
    ),
    Rule(
        "no-target",
        Severity.WARNING,
        "A target that is missing, or not decided",
        "It is measured and shown, and told as `no_target`: neither good nor bad.",
        "Write the goal. Where nobody knows a sensible one, a quarter of readings tells.",
        no_target,
    ),
    Rule(
        "no-baseline",
        Severity.WARNING,
        "A change without a start",
        "Progress is the way covered from the start to the goal. Without a declared start that is "
        "the first reading: whatever happened to be so when syncd first looked.",
        "Write `from`: a quantity, or a past period over which the same indicator is read.",
        no_baseline,
    ),
    Rule(
        "shared-indicator",
        Severity.WARNING,
        "One indicator owned twice",
        "Two key results with one number are often one result, and then it counts twice in the "
        "organisation and belongs to nobody for certain.",
        "Declare the one a duplicate of the other, or measure what is different about it.",
        shared_indicator,
    ),
    Rule(
        "same-title",
        Severity.WARNING,
        "One title owned twice",
        "Two key results, or two objectives, that are called the same (case and signs apart) are "
        "taken for one by everybody who reads of them.",
        "Declare them one (`duplicate_of`, `joint_with`), or give each a title of its own.",
        same_title,
    ),
    Rule(
        "declared-duplicate",
        Severity.NOTE,
        "One result with two owners",
        "A declared duplicate counts once. That two teams own it stays so, and is told.",
        "Leave it to one team; or say where one team's part ends, and measure each part.",
        declared_duplicate,
    ),
    Rule(
        "milestone-with-two-dates",
        Severity.ERROR,
        "One milestone with several dates",
        "One issue is a milestone of several key results, and they expect it on different days. At "
        "least one of the teams plans with the wrong day.",
        "Agree on the day and write it in each of them.",
        milestone_with_two_dates,
    ),
    Rule(
        "due-after-period",
        Severity.ERROR,
        "A due day after the period",
        "It is never decided within the period that it counts in.",
        "An earlier due day, or the next period's files.",
        due_after_period,
    ),
    Rule(
        "late-dependency",
        Severity.ERROR,
        "A dependency that is due later than what needs it",
        "Even if all goes as planned, the one that waits is late.",
        "Move one of the two days, or take the need out.",
        late_dependency,
    ),
    Rule(
        "carried-nowhere",
        Severity.WARNING,
        "A key result carried into a period that does not have it",
        "It counts no more in this period, and nobody pursues it in the other one, whose files are "
        "there and have no key result of its id. Files that are not loaded are not asked.",
        "Write it in the later period's files, under the same id; or say that it is `abandoned`.",
        carried_nowhere,
    ),
    Rule(
        "no-checkpoints",
        Severity.WARNING,
        "Others wait for it, and it shows no slip before its due day",
        "Whoever waits for it hears that it slips when it is too late to plan anew.",
        "Checkpoints, or milestones of which some are due before the key result is.",
        no_checkpoints,
    ),
    Rule(
        "external-without-plan",
        Severity.WARNING,
        "A dependency outside the key results without a plan",
        "No measure shows that it slips; a person says so, and then everybody asks what now.",
        "Write under `plan` where the answer stands, and under `due` by when it is needed.",
        external_without_plan,
    ),
    Rule(
        "by-hand",
        Severity.NOTE,
        "A number that a person gives",
        "It is as fresh and as honest as that person's memory.",
        "Measure it, if Jira, NetBox or Prometheus knows it, or can be made to.",
        by_hand,
    ),
    Rule(
        "unused-indicator",
        Severity.NOTE,
        "An indicator that no key result reads",
        "It costs requests, and a key result may be missing.",
        "Take it out, unless it is there to be looked at.",
        unused_indicator,
    ),
)
"""Every rule; its place in here is its place in every list of findings."""


def examine(
    catalogue: Catalogue,
    places: Mapping[Subject, Place],
    loaded: Sequence[Catalogue] = (),
) -> tuple[Finding, ...]:
    """All that the rules find in the catalogue, by rule and then by place. `places` are those that
    came with the catalogue when it was loaded, as `loaded` did: those of the other periods.
    """
    written = Written(catalogue, places, {one.period: one for one in loaded})
    return tuple(finding for rule in RULES for finding in _sorted(rule, written))


def _sorted(rule: Rule, written: Written) -> Iterator[Finding]:
    found = (_placed(rule, hit, written.places) for hit in rule.find(written))
    yield from sorted(found, key=lambda it: (it.spot.file, it.spot.line, it.says))


def _placed(rule: Rule, hit: Hit, places: Mapping[Subject, Place]) -> Finding:
    others = tuple((it, _spot(places[it], None)) for it in hit.others)
    spot = _spot(places[hit.subject], hit.key)
    return Finding(rule.id, rule.severity, hit.subject, spot, hit.says, hit.fix, others)


def _spot(place: Place, key: str | None) -> Spot:
    if key is None or key not in place.keys:
        return Spot(place.file, place.line, place.path)
    return Spot(place.file, place.keys[key], f"{place.path}.{key}")
