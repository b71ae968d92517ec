"""Key results as metrics. What is not known has no series: a panel shows a gap, never a zero.

Only the status has all its series always, so an alert on it cannot be missed for want of one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from connectors.units import base_unit
from syncd.assess.line import Corner, expected_on
from syncd.assess.status import Rule
from syncd.model import ENDED, Assessment, Status, TargetType
from syncd.store.read import KeyResultView
from syncd.surfaces.metrics.family import Family, moment

LABELS = ("kr", "objective", "team")

_BREACHED = Rule.BREACHED.name.lower()


def _of(name: str, words: str) -> Family:
    return Family(f"syncd_kr_{name}", words, LABELS)


STATUS = Family(
    "syncd_kr_status",
    "The status that is told: 1 for the one that holds, 0 for the others.",
    (*LABELS, "status"),
)
INFO = Family(
    "syncd_kr",
    "Texts of a key result, to join by kr; `link` leads to its numbers in the upstream.",
    (*LABELS, "title", "owner", "objective_title", "unit", "indicator", "link"),
    kind="info",
)

SOURCE = Family(
    "syncd_kr_source",
    "1 for each source that it is measured in.",
    ("kr", "source"),
)

_ASSESSED: tuple[tuple[Family, Callable[[Assessment], float | None]], ...] = (
    (_of("progress_ratio", "Progress towards the target, 0 to 1."), lambda t: t.progress),
    (_of("expected_ratio", "Progress expected by now, 0 to 1."), lambda t: t.expected),
    (_of("pace_ratio", "Progress less expected progress, -1 to 1."), lambda t: t.pace),
    (
        _of("value", "The value assessed, in base units: shares 0 to 1, durations in seconds."),
        lambda t: t.value,
    ),
    (_of("start_value", "The value progress counts from."), lambda t: t.start),
    (_of("target_value", "The value that is wanted."), lambda t: t.goal),
    (
        _of("forecast_value", "The value at the due date if it goes on as it did, in base units."),
        lambda t: t.forecast.middle if t.forecast else None,
    ),
    (
        _of("forecast_low_value", "The least it is then in eight of ten cases."),
        lambda t: t.forecast.low if t.forecast else None,
    ),
    (
        _of("forecast_high_value", "The most it is then in eight of ten cases."),
        lambda t: t.forecast.high if t.forecast else None,
    ),
    (
        _of("forecast_chance_ratio", "The chance of reaching the goal by the due date, 0 to 1."),
        lambda t: t.forecast.chance if t.forecast else None,
    ),
    (
        _of(
            "forecast_landing_timestamp_seconds",
            "When the goal is reached at this pace; none: not in sight.",
        ),
        lambda t: moment(t.forecast.lands_at if t.forecast else None),
    ),
    (
        _of(
            "last_reading_timestamp_seconds",
            "When the assessed value was last confirmed by its source.",
        ),
        lambda t: moment(t.observed_at),
    ),
    (
        _of("last_assessment_timestamp_seconds", "When the key result was last assessed."),
        lambda t: t.at.timestamp(),
    ),
)

_ALWAYS: tuple[tuple[Family, Callable[[KeyResultView], float]], ...] = (
    (
        _of("due_timestamp_seconds", "When the key result is due."),
        lambda view: view.key_result.due.timestamp(),
    ),
    (
        _of("dragged", "1 while something that it needs has slipped, else 0."),
        lambda view: float(view.assessment is not None and bool(view.assessment.because)),
    ),
    (
        _of("overridden", "1 while a person has set the status that is told, else 0."),
        lambda view: float(view.assessment is not None and view.assessment.overridden is not None),
    ),
    (
        _of("paused", "1 while a person has paused it, else 0."),
        lambda view: float(view.assessment is not None and view.assessment.paused is not None),
    ),
    (
        _of("guard_breached", "1 once a guard's bounds were left, else 0."),
        lambda view: float(view.assessment is not None and view.assessment.rule == _BREACHED),
    ),
    (
        _of("page", "1 where its author wants its alerts to page somebody, else 0."),
        lambda view: float(view.key_result.page),
    ),
)

_NEXT: tuple[tuple[Family, Callable[[Corner], float]], ...] = (
    (
        _of(
            "next_checkpoint_timestamp_seconds",
            "The day that its next checkpoint or milestone is due; none: there is none to come.",
        ),
        lambda asked: asked[0].timestamp(),
    ),
    (
        _of("next_checkpoint_ratio", "The progress that is asked for by then, 0 to 1."),
        lambda asked: asked[1],
    ),
)

FAMILIES = (
    *(family for family, _ in _ASSESSED),
    *(family for family, _ in _ALWAYS),
    *(family for family, _ in _NEXT),
    STATUS,
    INFO,
    SOURCE,
)


def samples(view: KeyResultView, name: str, sources: Sequence[str]) -> tuple[str, ...]:
    """The samples of one key result, those of each of `FAMILIES` in a piece of their own. `name` is
    what it is called for short, `sources` what it is measured in.
    """
    key_result, told = view.key_result, view.assessment
    labels = (name, key_result.objective, key_result.team)
    asked = _next_asked(view)
    holds = Status.NO_DATA if told is None else told.status
    texts = (
        key_result.title,
        ", ".join(key_result.owner),
        key_result.objective_title,
        base_unit(view.indicator.dimension, view.indicator.unit) or view.indicator.dimension.value,
        view.indicator.name or view.indicator.fingerprint,
        view.indicator.link or "",
    )
    return (
        *(
            family.line(labels, None if told is None else value_of(told))
            for family, value_of in _ASSESSED
        ),
        *(family.line(labels, value_of(view)) for family, value_of in _ALWAYS),
        *(
            family.line(labels, None if asked is None else value_of(asked))
            for family, value_of in _NEXT
        ),
        "".join(STATUS.line((*labels, each.value), float(each is holds)) for each in Status),
        INFO.line((*labels, *texts), 1.0),
        "".join(SOURCE.line((name, source), 1.0) for source in sources),
    )


def _next_asked(view: KeyResultView) -> Corner | None:
    """The first day to come that something was promised for, and the progress promised; None where
    there is none, or it cannot be told what it means in progress. It changes only when the day
    passes, and then the key result is assessed anew.
    """
    key_result, told = view.key_result, view.assessment
    target = key_result.target
    if target is None or told is None or told.status in ENDED or target.type is TargetType.GUARD:
        return None
    promised = target.milestones or key_result.checkpoints
    to_come = [one.at for one in promised if one.at > told.at]
    if not to_come:
        return None
    ratio = expected_on(view.expected_line(), min(to_come))
    return None if ratio is None else (min(to_come), ratio)
