"""What is at risk and because of what: causes with what they drag, and what others wait for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from syncd.model import BAD, GOOD, Status
from syncd.store.externals import PREFIX, Said
from syncd.store.read import KeyResultView
from syncd.surfaces.report.document import Dependency, Dragged, Risk, Watch
from syncd.surfaces.report.lines import (
    NOBODY,
    falls_short,
    forecast_made,
    forecast_of,
    owner_words,
    why,
)
from syncd.surfaces.report.material import Material, is_roll_up, status_of
from syncd.surfaces.report.signs import Sign
from syncd.wording import NOTHING, date, external_words, listed

NOT_SAID = "Nobody has said how it stands."

_WEIGHT = {Status.MISSED: 3, Status.OFF_TRACK: 2, Status.AT_RISK: 1}


class Web:
    """Who needs whom among the key results, and what each is called."""

    def __init__(self, material: Material) -> None:
        self.material = material
        self.views: Mapping[str, KeyResultView] = {v.key_result.id: v for v in material.views}
        waiting: dict[str, list[str]] = defaultdict(list)
        for view in material.views:
            for need in view.key_result.needs:
                waiting[need].append(view.key_result.id)
        self.waiting: Mapping[str, Sequence[str]] = dict(waiting)

    def status(self, key: str) -> Status | None:
        """What is told of what is needed; None: nothing is."""
        view = self.views.get(key)
        if view is not None:
            return status_of(view.assessment)
        outside = self.material.externals.get(key)
        return None if outside is None or outside.said is None else outside.said.state.status

    def title(self, key: str) -> str:
        """What people call it."""
        view = self.views.get(key)
        if view is not None:
            return view.key_result.title
        outside = self.material.externals.get(key)
        return key.removeprefix(PREFIX) if outside is None else outside.external.title

    def team(self, key: str) -> str:
        """Whose it is; empty for what is outside, and for the organisation's own."""
        view = self.views.get(key)
        if view is None or is_roll_up(view.key_result):
            return ""
        return self.material.team_title(view.key_result.team)

    def blocked(self, key: str) -> Sequence[str]:
        """All that waits for it, directly or through others, nearest first."""
        found: dict[str, None] = {}
        frontier = list(self.waiting.get(key, ()))
        while frontier:
            one = frontier.pop(0)
            if one not in found:
                found[one] = None
                frontier.extend(self.waiting.get(one, ()))
        return list(found)


def risks_of(web: Web, shown: Iterable[str]) -> list[Risk]:
    """Each cause of a slip among what is shown, with what it drags; those that drag most first.

    A cause may belong to another team, or be outside: then it is told as well.
    """
    keys = [key for key in shown if web.status(key) in BAD]
    dragged: dict[str, list[str]] = {}
    for key in keys:
        cause = _cause(web, key)
        dragged.setdefault(cause, [])
        if cause != key:
            dragged[cause].append(key)
    found = [_risk(web, cause, below) for cause, below in dragged.items()]
    order = {key: rank for rank, key in enumerate(web.views)}
    return sorted(
        found,
        key=lambda one: (
            -len(one.drags),
            -_WEIGHT.get(Status(one.sign.name), 0),
            order.get(one.key, -1),
        ),
    )


def watch_of(web: Web, shown: Iterable[str]) -> list[Watch]:
    """What is on track today and will more likely than not be late; the least likely first."""
    found = []
    for key in shown:
        view = web.views[key]
        forecast = falls_short(view)
        if forecast is None or status_of(view.assessment) is not Status.ON_TRACK:
            continue
        words = forecast_of(view, web.material.now)
        found.append((forecast.chance, Watch(key, web.title(key), web.team(key), words)))
    return [one for _, one in sorted(found, key=lambda one: (one[0], one[1].key))]


def waited_for(web: Web, shown: Iterable[str]) -> tuple[list[Dependency], int]:
    """What somebody among the shown waits for: those that slip or cannot be told, in full, and how
    many others hold.
    """
    wanted = set(shown)
    needed = [
        key
        for key in [*web.views, *(key for key in web.waiting if key not in web.views)]
        if any(one in wanted for one in web.waiting.get(key, ()))
    ]
    found = [_dependency(web, key) for key in needed]
    open_ones = [one for one in found if one.late or Status(one.sign.name) not in GOOD]
    open_ones.sort(key=lambda one: (-_WEIGHT.get(Status(one.sign.name), 0), -len(one.blocks)))
    return open_ones, len(found) - len(open_ones)


def _cause(web: Web, key: str) -> str:
    """Where its slip comes from in the end; itself where it slips by itself."""
    view = web.views[key]
    told = view.assessment
    if told is None:
        return key
    if told.chain:
        return told.chain[-1]
    return told.because[0] if told.because else key


def _risk(web: Web, cause: str, dragged: Sequence[str]) -> Risk:
    view = web.views.get(cause)
    drags = [_dragged(web, cause, key) for key in dragged]
    if view is None:
        outside = _outside(web, cause)
        return Risk(
            key=cause,
            title=outside.title,
            team="",
            sign=outside.sign,
            why=outside.state,
            owner=outside.owner,
            due=outside.due,
            forecast=NOTHING,
            drags=drags,
        )
    now = web.material.now
    return Risk(
        key=cause,
        title=view.key_result.title,
        team=web.team(cause),
        sign=Sign.of(status_of(view.assessment)),
        why=why(view.assessment),
        owner=owner_words(view),
        due=date(view.key_result.due, view.key_result.timezone, now),
        forecast=forecast_made(view, now),
        drags=drags,
    )


def _dragged(web: Web, cause: str, key: str) -> Dragged:
    view = web.views[key]
    chain = () if view.assessment is None else view.assessment.chain
    between = [web.title(one) for one in chain if one not in (cause, key)]
    return Dragged(
        key=key,
        title=view.key_result.title,
        team=web.team(key),
        sign=Sign.of(status_of(view.assessment)),
        through=listed(between) if between else "",
    )


def _dependency(web: Web, key: str) -> Dependency:
    view = web.views.get(key)
    if view is None:
        return _outside(web, key)
    kr, now = view.key_result, web.material.now
    return Dependency(
        key=key,
        title=kr.title,
        outside=False,
        sign=Sign.of(status_of(view.assessment)),
        state=why(view.assessment),
        owner=owner_words(view),
        due=date(kr.due, kr.timezone, now),
        plan=None,
        blocks=_blocks(web, key),
        late=_late(web, key, kr.due),
    )


def _outside(web: Web, key: str) -> Dependency:
    """A dependency outside the key results; its state is what a person said, or unknown."""
    view, now, zone = web.material.externals.get(key), web.material.now, web.material.timezone
    external = None if view is None else view.external
    said = None if view is None else view.said
    return Dependency(
        key=key.removeprefix(PREFIX),
        title=web.title(key),
        outside=True,
        sign=Sign.of(web.status(key) or Status.NO_DATA),
        state=NOT_SAID if said is None else _said_words(said, zone, now),
        owner=(external.owner if external else None) or NOBODY,
        due=NOTHING if external is None or external.due is None else date(external.due, zone, now),
        plan=None if external is None else external.plan,
        blocks=_blocks(web, key),
        late="" if external is None or external.due is None else _late(web, key, external.due),
    )


def _said_words(said: Said, timezone: str, now: datetime) -> str:
    """What a person said of a dependency outside, a sentence with its stop."""
    note = f": {said.note.rstrip('.')}" if said.note else ""
    state = external_words(said.state).capitalize()
    return f"{state} since {date(said.at, timezone, now)}, says {said.by}{note}."


def _blocks(web: Web, key: str) -> list[str]:
    """What waits for it, those that wait directly first: ``title (team)``."""
    return [
        web.title(one) + (f" ({web.team(one)})" if web.team(one) else "")
        for one in web.blocked(key)
    ]


def _late(web: Web, key: str, due: datetime) -> str:
    """Who is due before what it waits for, in words; empty: nobody."""
    earlier = [
        web.views[one].key_result
        for one in web.waiting.get(key, ())
        if web.views[one].key_result.due < due
    ]
    if not earlier:
        return ""
    first = min(earlier, key=lambda one: one.due)
    day = date(first.due, first.timezone, web.material.now)
    return f"due later than {first.title}, which waits for it until {day}"
