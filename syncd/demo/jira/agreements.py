"""Service level agreements, as Jira Service Management tells them.

https://developer.atlassian.com/cloud/jira/service-desk/rest/api-group-request/
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from syncd.demo.jira.asked import Asked, Refused
from syncd.demo.jira.seed import AgreementSeed, CycleSeed
from syncd.demo.jira.service import Call
from syncd.demo.serving import Answer

Json = Any
_PAGE = 50


def info(call: Call) -> Answer:
    """``GET /rest/servicedeskapi/info``: 404 where no project is a service desk."""
    site = call.service.site
    if not any(project.type == "service_desk" for project in site.projects):
        raise Refused(404, "Not found")
    return Answer.json(
        {
            "version": "5.0.0-SNAPSHOT" if site.cloud else "10.3.9",
            "platformVersion": "1001.0.0-SNAPSHOT" if site.cloud else "10.3.9",
            "isLicensedForUse": True,
        }
    )


def of_request(call: Call, word: str) -> Answer:
    """``GET /rest/servicedeskapi/request/{issueIdOrKey}/sla``: 404 for what is no request."""
    state = call.find(word)
    if state.project.type != "service_desk":
        raise Refused(404, "The request you are trying to view does not exist.")
    asked = Asked(call.request)
    rows = [
        _agreement(call, number, each)
        for number, each in enumerate(call.service.world.agreements(state.id), start=1)
    ]
    start, limit = max(asked.number("start", 0), 0), max(asked.number("limit", _PAGE), 1)
    shown = rows[start : start + limit]
    here = f"{call.render.base}/rest/servicedeskapi/request/{state.id}/sla"
    return Answer.json(
        {
            "size": len(shown),
            "start": start,
            "limit": limit,
            "isLastPage": start + limit >= len(rows),
            "_links": {"base": call.render.base, "context": "", "self": here},
            "values": shown,
        }
    )


def _agreement(call: Call, number: int, agreement: AgreementSeed) -> Json:
    begun = [cycle for cycle in agreement.cycles if cycle.start <= call.now]
    row: dict[str, Json] = {
        "id": str(number),
        "name": agreement.name,
        "completedCycles": [
            _cycle(call, agreement, cycle, cycle.stop)
            for cycle in begun
            if cycle.stop is not None and cycle.stop <= call.now
        ],
    }
    for cycle in begun:
        if cycle.stop is None or cycle.stop > call.now:
            row["ongoingCycle"] = _cycle(call, agreement, cycle, None)
    return row


def _cycle(
    call: Call, agreement: AgreementSeed, cycle: CycleSeed, stop: datetime | None
) -> dict[str, Json]:
    until = stop or call.now
    paused = any(
        pause.start <= until and (pause.end is None or pause.end > until) for pause in cycle.pauses
    )
    elapsed = _running(cycle, until)
    goal = timedelta(seconds=agreement.goal)
    breached = elapsed > goal
    row: dict[str, Json] = {
        "startTime": _moment(call, cycle.start),
        "breached": breached,
        "goalDuration": _duration(goal),
        "elapsedTime": _duration(elapsed),
        "remainingTime": _duration(goal - elapsed),
    }
    if stop is not None:
        row["stopTime"] = _moment(call, stop)
    else:
        row |= {"paused": paused, "withinCalendarHours": True}
    if breached or not (paused or stop is not None):
        row["breachTime"] = _moment(call, _breach(cycle, goal))
    return row


def _running(cycle: CycleSeed, until: datetime) -> timedelta:
    """The time from the start that was not paused."""
    lost = timedelta(0)
    for pause in cycle.pauses:
        if pause.start < until:
            end = until if pause.end is None else min(pause.end, until)
            lost += max(timedelta(0), end - pause.start)
    return until - cycle.start - lost


def _breach(cycle: CycleSeed, goal: timedelta) -> datetime:
    """When the goal is used up, if nothing else pauses it."""
    moment = cycle.start + goal
    for pause in sorted(cycle.pauses, key=lambda each: each.start):
        if pause.end is not None and pause.start < moment:
            moment += pause.end - pause.start
    return moment


def _moment(call: Call, moment: datetime) -> Json:
    return {
        "iso8601": moment.isoformat(timespec="seconds"),
        "jira": call.render.moment(moment),
        "friendly": f"{moment:%d/%b/%y %H:%M}",
        "epochMillis": int(moment.timestamp() * 1000),
    }


def _duration(duration: timedelta) -> Json:
    seconds = duration.total_seconds()
    return {"millis": int(seconds * 1000), "friendly": f"{seconds / 3600:.0f}h"}
