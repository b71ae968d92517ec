"""How a sandbox Jira writes its things as JSON: API 3 with rich text documents, API 2 with plain
text, Cloud with account ids, Data Center with account names.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from syncd.demo.jira.fields import Field, Kind
from syncd.demo.jira.past import Entry, Item, State
from syncd.demo.jira.seed import CommentSeed
from syncd.demo.jira.site import CATEGORIES, Choice, IssueType, Project, Site, Status

Json = Any
_EXPAND = "operations,versionedRepresentations,editmeta,changelog,renderedFields"
_SHOWN_OF_A_PARENT = ("summary", "status", "priority", "issuetype")
_SIZES = ("48x48", "24x24", "16x16", "32x32")
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Render:
    """Writes JSON for one request. `base` is the address, `zone` the account's timezone, `find`
    gives the issue of a key as the account may see it.
    """

    site: Site
    base: str
    api: str
    zone: ZoneInfo
    find: Callable[[str], State | None]

    # ---------------------------------------------------------------------------------- issues

    def issue(self, state: State, wanted: Collection[str]) -> dict[str, Json]:
        """An issue with the wanted field ids; with none but id and key, without `fields`."""
        shown = {
            field.id: self.value(field, state)
            for field in self.site.fields
            if field.id in wanted and field.listed and field.kind is not Kind.KEY
        }
        bean: dict[str, Json] = {
            "expand": _EXPAND,
            "id": str(state.id),
            "self": f"{self._rest}/issue/{state.id}",
            "key": state.key,
        }
        return bean | ({"fields": shown} if shown or set(wanted) - {"id", "key"} else {})

    def wanted(self, fields: Sequence[str], default: str) -> set[str]:
        """The field ids that a list such as ``*all,-comment`` or ``status,id`` stands for."""
        everything = {field.id for field in self.site.fields if field.listed}
        wanted: set[str] = set()
        asked = [each for each in fields if each] or [default]
        if all(each.startswith("-") for each in asked):
            asked = [default, *asked]
        for each in asked:
            if each == "*all":
                wanted |= everything
            elif each == "*navigable":
                wanted |= everything - {"comment"}
            elif each.startswith("-"):
                wanted.discard(each[1:])
            else:
                wanted.add(each)
        return wanted

    def value(self, field: Field, state: State) -> Json:
        """What a field of an issue holds."""
        value = state.fields.get(field.id)
        match field.kind:
            case Kind.PROJECT:
                return self.project(state.project)
            case Kind.CATEGORY:
                return self.category(self.site.category(state.fields["status"]).key)
            case Kind.COMMENTS:
                return self.comments(state)
            case Kind.RANK:
                return f"0|i{_base36(state.id).zfill(5)}:"
            case Kind.DATETIME:
                moment = {"created": state.created, "updated": state.updated}.get(field.id, value)
                return None if moment is None else self.moment(moment)
            case kind if kind.holds_many:
                return [self._one(field, each, state.project) for each in value or ()]
        return None if value is None else self._one(field, value, state.project)

    def _one(self, field: Field, value: Any, project: Project) -> Json:
        match field.kind:
            case Kind.STATUS:
                return self.status(self.site.statuses.get(value))
            case Kind.TYPE:
                return self.issue_type(self.site.types.get(value))
            case Kind.PRIORITY:
                return self.choice("priority", self.site.priorities.get(value))
            case Kind.RESOLUTION:
                return self.choice("resolution", self.site.resolutions.get(value))
            case Kind.COMPONENTS:
                return self.choice("component", project.components.get(value))
            case Kind.VERSIONS:
                return self.choice("version", project.versions.get(value))
            case Kind.OPTION | Kind.OPTIONS:
                option = self.site.options(field).get(value)
                return {
                    "self": f"{self._rest}/customFieldOption/{option.id}",
                    "value": option.name,
                    "id": str(option.id),
                }
            case Kind.USER | Kind.USERS:
                return self.user(value)
            case Kind.NUMBER:
                return float(value)
            case Kind.PARENT if self.site.cloud:
                return self.parent(value)
            case Kind.DATE:
                day: date = value
                return day.isoformat()
            case Kind.TEXT:
                return self.text(value)
        return value

    def parent(self, key: str) -> Json:
        """The issue that another belongs to, None when it cannot be seen."""
        state = self.find(key)
        return None if state is None else self.issue(state, _SHOWN_OF_A_PARENT)

    def comments(self, state: State) -> Json:
        """The comments of an issue, as one page."""
        rows = [self._comment(state, n, each) for n, each in enumerate(state.comments)]
        return {
            "comments": rows,
            "self": f"{self._rest}/issue/{state.id}/comment",
            "maxResults": len(rows),
            "total": len(rows),
            "startAt": 0,
        }

    def _comment(self, state: State, number: int, comment: CommentSeed) -> Json:
        identifier = state.id * 1000 + number
        return {
            "self": f"{self._rest}/issue/{state.id}/comment/{identifier}",
            "id": str(identifier),
            "author": self.user(comment.author),
            "updateAuthor": self.user(comment.author),
            "body": self.text(comment.body),
            "created": self.moment(comment.at),
            "updated": self.moment(comment.at),
        }

    def text(self, text: str) -> Json:
        """Paragraphs: plain in API 2, an Atlassian Document in API 3."""
        if self.api != "3":
            return text
        paragraphs = [
            {"type": "paragraph", "content": [{"type": "text", "text": line}]}
            for line in text.split("\n")
            if line
        ]
        return {"version": 1, "type": "doc", "content": paragraphs}

    def moment(self, moment: datetime) -> str:
        """A time in the account's timezone, such as ``2026-01-15T10:30:12.345-0500``."""
        local = moment.astimezone(self.zone)
        return f"{local:%Y-%m-%dT%H:%M:%S}.{local.microsecond // 1000:03d}{local:%z}"

    # ------------------------------------------------------------------------------ change log

    def entry(self, entry: Entry, *, millis: bool = False) -> Json:
        """One entry of the change log; `millis` writes its time as a number."""
        return {
            "id": str(entry.id),
            "author": self.user(entry.author),
            "created": (int(entry.at.timestamp() * 1000) if millis else self.moment(entry.at)),
            "items": [self._item(item) for item in entry.items],
        }

    def _item(self, item: Item) -> Json:
        row = {
            "field": item.field,
            "fieldtype": "custom" if item.custom else "jira",
            "fieldId": item.field_id if self.site.cloud else None,
            "from": item.before_id,
            "fromString": item.before,
            "to": item.after_id,
            "toString": item.after,
        }
        if self.site.cloud:  # as its description has it: no nulls
            return {name: value for name, value in row.items() if value is not None}
        del row["fieldId"]
        return row

    # ---------------------------------------------------------------------------- the set-up

    def user(self, account_id: str) -> Json:
        """A person."""
        user = self.site.user(account_id)
        row: dict[str, Json] = {"self": f"{self._rest}/user?accountId={account_id}"}
        if self.site.cloud:
            row |= {"accountId": account_id, "accountType": "atlassian"}
        else:
            name = user.name or account_id
            row |= {"self": f"{self._rest}/user?username={name}", "name": name, "key": name}
        if user.email_address is not None:
            row["emailAddress"] = user.email_address
        return row | {
            "avatarUrls": self._avatars("user"),
            "displayName": user.display_name,
            "active": user.active,
            "timeZone": user.time_zone,
        }

    def status(self, status: Status) -> Json:
        """A status."""
        return {
            "self": f"{self._rest}/status/{status.id}",
            "description": "",
            "iconUrl": f"{self.base}/images/icons/statuses/generic.png",
            "name": status.name,
            "id": str(status.id),
            "statusCategory": self.category(status.category),
        }

    def category(self, key: str) -> Json:
        """A category of statuses."""
        category = next(each for each in CATEGORIES if each.key == key)
        return {
            "self": f"{self._rest}/statuscategory/{category.id}",
            "id": category.id,
            "key": category.key,
            "colorName": category.colour,
            "name": category.name,
        }

    def issue_type(self, kind: IssueType) -> Json:
        """An issue type."""
        row: dict[str, Json] = {
            "self": f"{self._rest}/issuetype/{kind.id}",
            "id": str(kind.id),
            "description": "",
            "iconUrl": f"{self.base}/images/icons/issuetypes/{kind.id}.svg",
            "name": kind.name,
            "subtask": kind.subtask,
            "avatarId": kind.id,
        }
        return row | ({"hierarchyLevel": -1 if kind.subtask else 0} if self.site.cloud else {})

    def choice(self, what: str, choice: Choice) -> Json:
        """A priority, resolution, component or version."""
        return {
            "self": f"{self._rest}/{what}/{choice.id}",
            "id": str(choice.id),
            "name": choice.name,
        }

    def project(self, project: Project) -> Json:
        """A project."""
        row: dict[str, Json] = {
            "self": f"{self._rest}/project/{project.id}",
            "id": str(project.id),
            "key": project.key,
            "name": project.name,
            "projectTypeKey": project.type,
            "avatarUrls": self._avatars("project"),
        }
        return row | ({"simplified": False, "style": "classic"} if self.site.cloud else {})

    def field(self, field: Field) -> Json:
        """A field, as the list of all fields shows it."""
        row: dict[str, Json] = {
            "id": field.id,
            "name": field.name,
            "custom": field.custom,
            "orderable": field.custom,
            "navigable": field.kind is not Kind.COMMENTS,
            "searchable": True,
            "clauseNames": list(field.clauses),
        }
        if self.site.cloud:
            row["key"] = field.id
        return row | ({"schema": field.schema} if field.schema else {})

    def schemas(self, wanted: Iterable[str]) -> tuple[dict[str, Json], dict[str, Json]]:
        """Names and schemas of fields by id, for ``expand=names,schema``."""
        fields = [field for field in self.site.fields if field.id in set(wanted) and field.schema]
        return {f.id: f.name for f in fields}, {f.id: f.schema for f in fields}

    @property
    def _rest(self) -> str:
        return f"{self.base}/rest/api/{self.api}"

    def _avatars(self, what: str) -> Json:
        return {size: f"{self.base}/avatars/{what}.svg?size={size[:2]}" for size in _SIZES}


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits or "0"
