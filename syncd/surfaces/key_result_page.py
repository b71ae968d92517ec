"""The page of one key result: its curve, where its number comes from, down to the objects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from syncd.model import Event, Status
from syncd.store.adjusting import AdjustmentView, adjustment_views
from syncd.store.explaining import Explanation, PartView, explain
from syncd.store.externals import PREFIX
from syncd.store.paths import path_of
from syncd.store.periods import period_views
from syncd.store.read import KeyResultView, feed, history, mapping
from syncd.store.told import dependants_known, key_results_known
from syncd.store.versions import versions_of
from syncd.surfaces.comparing import compared
from syncd.surfaces.curve import curve, drawn
from syncd.surfaces.documents import Document, called, value_words
from syncd.surfaces.doubt import quarantine_text
from syncd.surfaces.edits import edits
from syncd.surfaces.explaining import (
    OBJECTS_TODAY,
    cost_words,
    manual_document,
    untold,
    what_is_measured,
)
from syncd.surfaces.forecasting import forecast_words
from syncd.surfaces.groups import closing_words
from syncd.surfaces.links import web_link
from syncd.surfaces.listing import Listing, Sought
from syncd.surfaces.page import Visit, age, frame, percent, render
from syncd.surfaces.paths import path_document
from syncd.surfaces.rows import BAR, row
from syncd.wording import (
    NOTHING,
    SHAPES,
    adjustment_sentence,
    clock,
    date,
    duration,
    quantity,
    source_name,
    status_words,
)

EVERYTHING = Sought()
EVENTS = 100
"""How many events the page tells, the newest; the feed has them all."""


def key_result_page(
    connection: sa.Connection,
    key: str,
    visit: Visit,
    *,
    sought: Sought = EVERYTHING,
) -> str:
    """The page of one key result, by its key, down to the objects that are `sought`; or as it was
    told at the moment that is asked about.
    """
    asked = visit.asked
    (one,) = key_results_known(connection, asked.at, [key])
    kr, indicator, told = one.key_result, one.indicator, one.assessment
    about = frame(connection, mapping(connection), visit)
    since = visit.then
    now = one.as_of(since)
    at = asked.at if one.closed is None else now
    found = explain(connection, indicator.fingerprint, now=now, at=at, told_by=at)
    if found is None:
        raise LookupError(f"{key} is told by {indicator.fingerprint}, which is not there")
    coverage = compared(found)
    past = history(connection, key, told_by=asked.at)
    line = one.expected_line()
    shown = _Shown(kr.timezone, now)
    listing = Listing(kr.timezone, now, sought)
    failing = listing.failing(connection, found)
    told_events = feed(connection, subject=key, until=asked.at, limit=EVENTS)
    course = curve(one, past, told_events, now)
    versions = versions_of(connection, [key], asked.at).get(key, ())
    return render(
        "key_result.html",
        **about,
        closed=_closed(connection, one, since),
        objects_today=OBJECTS_TODAY if at is not None and found.known else "",
        row=row(one, past, now),
        kr=kr,
        told=told,
        indicator=indicator,
        reading=found.reading,
        what=what_is_measured(connection, found),
        source=source_name(indicator.source) if indicator.source else None,
        cost=None if found.cost is None else cost_words(found.cost),
        manual=shown.manual(found),
        parts=[shown.part(part) for part in found.parts],
        untold=untold(found),
        definition=[(name, _as_text(value)) for name, value in indicator.definition.items()],
        link=web_link(indicator.link),
        curve=course,
        drawn=drawn(course),
        team=_team(connection, kr.period, kr.team),
        edits=edits(versions, indicator, now),
        dependants=[row(each, [], now) for each in dependants_known(connection, kr, asked.at)],
        sought=sought,
        bar=BAR,
        every=""
        if at is not None or indicator.kind == "manual"
        else duration(indicator.interval_seconds),
        forecast=shown.forecast(one),
        measured=None if told is None else status_words(told.raw_status),
        waits=shown.waits(path_document(path_of(connection, one, now, asked.at), now))
        if kr.needs
        else None,
        said=[
            shown.said(view)
            for view in reversed(adjustment_views(connection, [key], told_by=asked.at))
        ],
        line=[(date(when, kr.timezone, now), percent(ratio)) for when, ratio in line],
        points=[
            (
                clock(point.at, kr.timezone, now),
                status_words(Status(point.status)),
                value_words(kr.target, point.value, indicator),
                percent(point.progress),
                percent(point.expected),
            )
            for point in reversed(past[-100:])
        ],
        failing=failing,
        numbered=coverage is None
        and failing is not None
        and any(one["number"] for one in failing.rows),
        extra=None if coverage is None else listing.only_there(coverage.extra),
        coverage=coverage,
        twice=listing.twice(found),
        lacks=_lacks(found.lacks),
        checkpoints=[
            (date(c.at, kr.timezone, now), quantity(c.value, indicator.dimension, indicator.unit))
            for c in kr.checkpoints
        ],
        events=[shown.event(event, kr.title) for event in told_events],
        start=None
        if told is None or told.start is None
        else quantity(told.start, indicator.dimension, indicator.unit),
        failing_since=None
        if indicator.failing_since is None
        else clock(indicator.failing_since, kr.timezone, now),
        partial=one.indicator.partial,
        doubted=quarantine_text(indicator, kr.timezone, now),
        quantity=quantity,
    )


def _closed(connection: sa.Connection, one: KeyResultView, now: datetime) -> str:
    """That its period was closed, in words; empty while it is not."""
    if one.closed is None:
        return ""
    period = one.key_result.period
    return next(
        closing_words(each, now) for each in period_views(connection) if each.period.id == period
    )


def _team(connection: sa.Connection, period: str, team: str) -> str:
    """The team's title; the organisation's own key results have none."""
    titles = {each.period.id: each.period.teams for each in period_views(connection)}
    return titles.get(period, {}).get(team, team)


def _lacks(counts: Sequence[tuple[str, int]]) -> list[Mapping[str, Any]]:
    """What is missing and how often, each with how long its bar is beside the longest."""
    most = max((count for _, count in counts), default=1)
    return [
        {"name": name, "count": count, "bar": round(count / most * BAR, 1)}
        for name, count in counts
    ]


class _Shown:
    """Explanation as rows of the page, in the key result's timezone."""

    def __init__(self, timezone: str, now: datetime) -> None:
        self._timezone = timezone
        self._now = now

    def part(self, part: PartView) -> Mapping[str, Any]:
        """A part of a composed number, as fresh as it is itself."""
        view, reading = part.indicator, part.reading
        given = manual_document(reading)
        origin = source_name(view.source) if view.source else view.measure
        if given is not None and reading is not None:
            origin = f"{given['by']}, {self._clock(reading.at)}"
        return {
            "name": called(view),
            "link": web_link(view.link),
            "origin": origin,
            "value": quantity(reading.value if reading else None, view.dimension, view.unit),
            "age": "never" if reading is None else age(reading.observed_at, self._now),
            "why": view.error_message if view.error_type else "",
            "partial": view.partial is not None,
        }

    def manual(self, found: Explanation) -> Mapping[str, Any] | None:
        """Who gave the number, and when."""
        given = manual_document(found.reading)
        if given is None or found.reading is None:
            return None
        return {**given, "at": self._clock(found.reading.at)}

    def forecast(self, one: KeyResultView) -> str:
        """Where the value lands, or why that is not told; empty where nothing is left to say."""
        words = forecast_words(
            one.key_result,
            one.assessment,
            one.indicator.dimension,
            one.indicator.unit,
            self._now,
        )
        return "" if words == NOTHING else words

    def waits(self, path: Document) -> Mapping[str, Any]:
        """What it needs, each with how it stands, and what its due date hangs on."""
        return {
            "needs": [
                {
                    **need,
                    "shape": SHAPES[Status(need["status"])],
                    "inside": not need["id"].startswith(PREFIX),
                }
                for need in path["needs"]
            ],
            "steps": path["steps"],
        }

    def said(self, view: AdjustmentView) -> Mapping[str, Any]:
        """What a person said, and what became of it."""
        said, withdrawn = view.said, view.withdrawn
        became = ""
        if withdrawn is not None:
            when = self._clock(withdrawn.at)
            became = f"withdrawn on {when} by {withdrawn.by}: {withdrawn.reason}"
        elif said.until is not None and not view.in_force_at(self._now):
            became = "over"
        return {
            "id": said.id,
            "kind": said.kind.value,
            "when": self._clock(said.since),
            "text": adjustment_sentence(said, self._timezone, self._now),
            "became": became,
            "over": bool(became),
        }

    def event(self, event: Event, title: str) -> Mapping[str, Any]:
        """An event as a line, with the status that it tells, where it tells one; the key result's
        own `title` stands above them all.
        """
        said = event.title.removeprefix(f"{title}: ")
        status = None if event.status is None else Status(event.status)
        return {
            "position": event.position,
            "when": self._clock(event.at),
            "status": "" if status is None else status.value,
            "shape": "•" if status is None else SHAPES[status],
            "title": f"{said[:1].upper()}{said[1:]}",
            "text": event.text,
        }

    def _clock(self, at: datetime) -> str:
        return clock(at, self._timezone, self._now)


def _as_text(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(_as_text(item) for item in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_as_text(item)}" for key, item in value.items())
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else str(value)
