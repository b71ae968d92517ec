"""How many objects there were: the past of a count, rebuilt from the change log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from connectors.base import Number, Timeline
from connectors.netbox.api import Api
from connectors.netbox.filters import Filter
from connectors.netbox.grounds import Grounds, Untellable
from connectors.netbox.judges import PresentJudge
from connectors.netbox.needs import Needs
from connectors.netbox.past import Past
from connectors.netbox.reader import Reader


def counts(
    api: Api, endpoint: str, filter_: Filter, moments: Sequence[datetime], now: datetime
) -> Iterator[Number]:
    """How many objects there were at each of the ascending past moments; None, and why, where that
    is not known.
    """
    try:
        grounds = Grounds(api, endpoint, filter_, [PresentJudge()], moments[0], now)
    except Untellable as why:
        yield from (_unknown(moment, (str(why),)) for moment in moments)
        return
    reader = Reader(api, endpoint, filter_, Needs())
    past = Past(grounds, now, reader)
    timelines = list(_timelines(reader, past, now))
    for moment in moments:
        if moment < past.known_since:
            yield _unknown(moment, past.untold)
        else:
            there = sum(_holds(timeline, moment) for timeline in timelines)
            yield Number(float(there), moment, objects=there, raw={"count": there})


def _timelines(reader: Reader, past: Past, now: datetime) -> Iterator[Timeline]:
    judge = PresentJudge()
    for rows in reader.all(0, {}):
        yield from past.present(rows, [[judge.judge(row, now) for row in rows]])[0]
    for timelines in past.departed(1):
        yield from timelines[0]


def _holds(timeline: Timeline, moment: datetime) -> bool:
    return any(
        verdict.valid_from <= moment and (verdict.valid_to is None or moment < verdict.valid_to)
        for verdict in timeline.verdicts
    )


def _unknown(moment: datetime, words: Sequence[str]) -> Number:
    return Number(None, moment, raw={"words": list(words)})
