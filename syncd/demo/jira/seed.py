"""What a sandbox Jira holds: projects, people, fields, issues and everything that happens to them.

A seed is JSON (``Seed.model_validate(json.load(file))``)::

    {
        "title": "Example Jira",
        "projects": [{"key": "CE", "name": "Customer engineering", "components": ["presales"]}],
        "issue_types": [{"name": "Task"}, {"name": "Sub-task", "subtask": true}],
        "statuses": [
            {"name": "To Do", "category": "new"},  # new | indeterminate | done
            {"name": "Done", "category": "done"},
        ],
        "priorities": [{"name": "P0"}, {"name": "P1"}],  # the most urgent first
        "users": [
            {
                "accountId": "u-alice",
                "displayName": "Alice Ames",
                "timeZone": "America/Los_Angeles",
                "emailAddress": "alice@example.org",
            }
        ],
        "custom_fields": [
            {"id": "customfield_10010", "name": "PO number", "type": "string"},
            {
                "id": "customfield_10011",
                "name": "Region",
                "type": "option",
                "options": ["EU", "US"],
            },
        ],
        "issues": [
            {
                "key": "CE-1",
                "created": "2026-01-05T09:00:00Z",
                "reporter": "u-alice",
                "fields": {
                    "issuetype": "Task",
                    "summary": "Pass CKA",
                    "status": "To Do",
                    "labels": ["cka"],
                    "PO number": null,
                },
                "changes": [
                    {
                        "at": "2026-01-09T17:00:00Z",
                        "author": "u-alice",
                        "field": "status",
                        "to": "Done",
                    }
                ],
                "comments": [{"at": "2026-01-06T09:00:00Z", "author": "u-alice", "body": "Hi"}],
                "agreements": [
                    {
                        "name": "Time to resolution",
                        "goal": 14400,  # seconds
                        "cycles": [
                            {
                                "start": "2026-01-05T09:00:00Z",
                                "stop": "2026-01-09T17:00:00Z",
                                "pauses": [
                                    {"from": "2026-01-06T09:00:00Z", "to": "2026-01-07T09:00:00Z"}
                                ],
                            }
                        ],
                    }
                ],
            }
        ],
        "filters": [{"id": 20001, "name": "CE work", "jql": "project = CE ORDER BY Rank"}],
        "boards": [
            {"id": 7, "name": "CE board", "type": "kanban", "filter": 20001, "project": "CE"}
        ],
        "outages": [{"from": "2026-02-16T14:00:00Z", "to": "2026-02-18T14:00:00Z", "status": 503}],
    }

Ids may be given everywhere and are numbered in order where they are not. Times are ISO 8601 with
an offset. Fields are named by id or by name; values are plain: names for choices (status,
priority, issue type, options, components, versions), account ids for people, lists for fields of
many values, ISO text for dates and times, numbers (times that are tracked are whole seconds), null
for empty. `parent` is the key of the epic, or other issue, that an issue belongs to; Data Center
shows it as its epic link, under the name `epic_link` of the seed.

A change sets one field; changes of one moment and author are one entry of the change log. Three
fields are not fields but fates: ``key`` (the issue moves to another project and keeps its id),
``deleted`` (true) and ``visible`` (false: the account may no longer see it). Entering a status of
category done sets the resolution to "Done" and leaving it clears it, as Jira's usual workflow
does, unless a change of the same moment sets the resolution itself.

Custom field types: ``string`` (one line), ``text`` (paragraphs), ``number``, ``date``,
``datetime``, ``option``, ``options``, ``user``, ``users``, ``labels``, ``url``.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

KEY = re.compile(r"([A-Z][A-Z0-9_]*)-([1-9][0-9]*)")
"""An issue key: project key and number."""

FATES = ("key", "deleted", "visible")
"""Changes that happen to an issue rather than to one of its fields."""

Moment = Annotated[AwareDatetime, AfterValidator(lambda at: at.astimezone(UTC))]
"""An aware time, kept in UTC."""

Category = Literal["new", "indeterminate", "done"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class ProjectSeed(_Part):
    """A project. `components` and `versions` are the values that its issues may have."""

    key: str = Field(pattern="^[A-Z][A-Z0-9_]*$")
    name: str
    id: int | None = None
    components: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    type: Literal["software", "service_desk", "business"] = "software"


class IssueTypeSeed(_Part):
    """An issue type."""

    name: str
    id: int | None = None
    subtask: bool = False


class StatusSeed(_Part):
    """A status and its category."""

    name: str
    category: Category
    id: int | None = None


class PrioritySeed(_Part):
    """A priority; the first of the list is the most urgent."""

    name: str
    id: int | None = None


class UserSeed(_Part):
    """A person or a service account. `name` is what Data Center calls the account."""

    model_config = ConfigDict(alias_generator=to_camel)

    account_id: str
    display_name: str
    time_zone: str = "America/Los_Angeles"
    email_address: str | None = None
    name: str | None = None
    active: bool = True


FieldType = Literal[
    "string",
    "text",
    "number",
    "date",
    "datetime",
    "option",
    "options",
    "user",
    "users",
    "labels",
    "url",
]


class CustomFieldSeed(_Part):
    """A custom field. `options` are the values an option field may have."""

    id: str = Field(pattern="^customfield_[1-9][0-9]*$")
    name: str
    type: FieldType
    options: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _is_no_fate(self) -> CustomFieldSeed:
        if self.name.casefold() in FATES:
            raise ValueError(f'a custom field cannot be called "{self.name}" in a seed')
        return self


class ChangeSeed(_Part):
    """One field, or fate, set at a moment by an account."""

    at: Moment
    author: str
    field: str
    to: Any = None


class CommentSeed(_Part):
    """A comment; it moves `updated` and leaves no trace in the change log."""

    at: Moment
    author: str
    body: str


class PauseSeed(_Part):
    """A pause of an agreement's cycle; without an end it lasts."""

    start: Moment = Field(alias="from")
    end: Moment | None = Field(default=None, alias="to")


class CycleSeed(_Part):
    """One run of an agreement's clock; without a stop it goes on."""

    start: Moment
    stop: Moment | None = None
    pauses: tuple[PauseSeed, ...] = ()

    @model_validator(mode="after")
    def _runs_forward(self) -> CycleSeed:
        if self.stop is not None and self.stop < self.start:
            raise ValueError("a cycle must stop after it starts")
        return self


class AgreementSeed(_Part):
    """A service level agreement that an issue of a service desk is under. Its time is the clock's
    without pauses; `goal` is in seconds.
    """

    name: str
    goal: float = Field(gt=0)
    cycles: tuple[CycleSeed, ...] = ()


class IssueSeed(_Part):
    """An issue as it was created, and what happened to it since. Agreements are told only in a
    project of type ``service_desk``.
    """

    key: str = Field(pattern=f"^{KEY.pattern}$")
    created: Moment
    reporter: str
    fields: dict[str, Any]
    id: int | None = None
    changes: tuple[ChangeSeed, ...] = ()
    comments: tuple[CommentSeed, ...] = ()
    agreements: tuple[AgreementSeed, ...] = ()


class FilterSeed(_Part):
    """A saved query."""

    id: int
    name: str
    jql: str
    owner: str | None = None


class BoardSeed(_Part):
    """A board over a filter."""

    id: int
    name: str
    filter: int
    type: Literal["scrum", "kanban", "simple"] = "kanban"
    project: str | None = None


class OutageSeed(_Part):
    """From `start` (inclusive) to `end` (exclusive) every request is answered with `status`."""

    start: Moment = Field(alias="from")
    end: Moment = Field(alias="to")
    status: int = 503
    retry_after: str | None = None

    @model_validator(mode="after")
    def _lasts(self) -> OutageSeed:
        if self.start >= self.end:
            raise ValueError("an outage must end after it begins")
        return self

    def covers(self, moment: datetime) -> bool:
        """True while the outage lasts."""
        return self.start <= moment < self.end


class Seed(_Part):
    """Everything a sandbox Jira holds, past and future."""

    title: str = "Jira"
    projects: tuple[ProjectSeed, ...] = ()
    issue_types: tuple[IssueTypeSeed, ...] = ()
    statuses: tuple[StatusSeed, ...] = ()
    priorities: tuple[PrioritySeed, ...] = ()
    users: tuple[UserSeed, ...] = ()
    custom_fields: tuple[CustomFieldSeed, ...] = ()
    issues: tuple[IssueSeed, ...] = ()
    filters: tuple[FilterSeed, ...] = ()
    boards: tuple[BoardSeed, ...] = ()
    outages: tuple[OutageSeed, ...] = ()
    epic_link: str = "Epic Link"
