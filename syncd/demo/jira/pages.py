"""The pages that links lead to: one issue, and a list of issues."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from jinja2 import Environment

from syncd.demo.jira.asked import Asked, Refused
from syncd.demo.jira.fields import Kind
from syncd.demo.jira.past import State
from syncd.demo.jira.service import Call
from syncd.demo.serving import Answer

_MOST = 500
_TEMPLATES = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{ title }}</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem }
table { border-collapse: collapse } td, th { padding: .2rem .8rem .2rem 0; text-align: left }
td { vertical-align: top }
</style></head><body>
"""
_ISSUE = _TEMPLATES.from_string(
    _HEAD
    + """<p>{{ issue.project.name }} / {{ issue.key }}</p>
<h1>{{ issue.fields.summary }}</h1>
<table>
{% for name, value in rows %}<tr><th>{{ name }}</th><td>{{ value }}</td></tr>
{% endfor %}</table>
<h2>History</h2>
<table>
{% for entry in entries %}{% for item in entry["items"] %}
<tr><td>{{ entry.created }}</td><td>{{ entry.author.displayName }}</td><td>{{ item.field }}</td>
<td>{{ item.fromString or "none" }} → {{ item.toString or "none" }}</td></tr>
{% endfor %}{% endfor %}</table>
</body></html>
"""
)
_LIST = _TEMPLATES.from_string(
    _HEAD
    + """<h1>{{ total }} issues</h1>
<p><code>{{ jql }}</code></p>
{% for message in faults %}<p><strong>{{ message }}</strong></p>
{% endfor %}
<table>
{% for issue in issues %}
<tr><td><a href="/browse/{{ issue.key }}">{{ issue.key }}</a></td>
<td>{{ issue.fields.summary }}</td><td>{{ issue.fields.status }}</td></tr>
{% endfor %}</table>
</body></html>
"""
)


def issue(call: Call, key: str) -> Answer:
    """``GET /browse/{key}``: an issue and its history; sent on to the new key after a move."""
    state = call.service.world.find(key, call.now)
    if state is None:
        page = _LIST.render(title=key, total="No", jql=key, faults=["Issue does not exist."])
        return Answer.html(page, 404)
    if state.key != key:
        return Answer.html("", 302, (("Location", f"/browse/{quote(state.key)}"),))
    entries = [call.render.entry(entry) for entry in call.service.world.entries(state.id, call.now)]
    return Answer.html(
        _ISSUE.render(
            title=f"[{state.key}] {state.fields['summary']}",
            issue=state,
            rows=list(_rows(call, state)),
            entries=entries[::-1],
        )
    )


def issues(call: Call) -> Answer:
    """``GET /issues/?jql=``: a plain list of what a query finds."""
    jql = Asked(call.request).text("jql") or ""
    found: tuple[State, ...] = ()
    faults: tuple[str, ...] = ()
    try:
        found = call.run(jql).states
    except Refused as refused:
        faults = refused.messages
    page = _LIST.render(
        title="Issues", total=len(found), jql=jql, faults=faults, issues=found[:_MOST]
    )
    return Answer.html(page, 400 if faults else 200)


def _rows(call: Call, state: State) -> Any:
    for field in call.service.site.fields:
        if field.kind in (Kind.KEY, Kind.RANK, Kind.ANY_TEXT, Kind.COMMENTS):
            continue
        words = _words(call.render.value(field, state))
        if words and field.id != "summary":
            yield field.name, words


def _words(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_words(each) for each in value)
    if isinstance(value, dict):
        words = ("displayName", "name", "value", "key")
        return str(next((value[word] for word in words if value.get(word)), ""))
    return "" if value is None else str(value)
