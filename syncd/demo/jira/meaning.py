"""What the words of a query stand for: issues, people, choices, dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from connectors.jira.jql_tree import Clause, Empty, Function, Operand, Predicate, Value, Values
from syncd.demo.jira import dates
from syncd.demo.jira.fields import Field, Kind
from syncd.demo.jira.seed import KEY
from syncd.demo.jira.site import CATEGORIES, Site
from syncd.demo.jira.world import World


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, and when: what ``currentUser()`` and dates depend on."""

    now: datetime
    zone: ZoneInfo
    account: str


class Meaning:
    """What operands stand for. Faults are collected in `faults`, in Jira's words; `timeless` ends
    when something depends on the moment of asking.
    """

    def __init__(self, site: Site, world: World, asking: Asking) -> None:
        self.asking = asking
        self.faults: list[str] = []
        self.timeless = True
        self._site = site
        self._world = world

    def wanted(self, field: Field, clause: Clause, operand: Operand) -> tuple[list[Any], bool]:
        """The values the operand stands for, and whether EMPTY is among them."""
        members = operand.members if isinstance(operand, Values) else (operand,)
        wanted: list[Any] = []
        has_empty = False
        for member in members:
            match member:
                case Empty():
                    has_empty = True
                case Values():
                    inner, inner_empty = self.wanted(field, clause, member)
                    wanted += inner
                    has_empty = has_empty or inner_empty
                case Function():
                    wanted += self._called(field, clause, member)
                case Value():
                    if field.kind is Kind.RESOLUTION and member.text.casefold() == "unresolved":
                        has_empty = True
                    else:
                        wanted += self._meant(field, clause, member)
        return wanted, has_empty

    def _called(self, field: Field, clause: Clause, function: Function) -> list[Any]:
        if function.name.casefold() == "currentuser" and not function.arguments:
            if field.kind in (Kind.USER, Kind.USERS):
                return [self.asking.account]
        else:
            try:
                moment = self._date_called(function)
            except ValueError as error:
                self.faults.append(str(error))
                return []
            if moment is None:
                self.faults.append(
                    f"Unable to find JQL function "
                    f"'{function.name}({', '.join(function.arguments)})'."
                )
                return []
            if field.kind in (Kind.DATE, Kind.DATETIME):
                return [self._dated(field, moment)]
        self.faults.append(
            f"A value provided by the function '{function.name}' is invalid for the field "
            f"'{clause.field.text}'."
        )
        return []

    def _meant(self, field: Field, clause: Clause, value: Value) -> list[Any]:
        """The values that a word means; none, and a fault, when there is no such value."""
        name, text = clause.field.text, value.text
        match field.kind:
            case Kind.KEY | Kind.PARENT:
                return self._issue(clause, text)
            case Kind.DATE | Kind.DATETIME:
                moment = self._date(text)
                if moment is None:
                    self.faults.append(
                        f"Date value '{text}' for field '{name}' is invalid. Valid formats "
                        "include: 'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', "
                        "'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'."
                    )
                    return []
                return [self._dated(field, moment)]
            case Kind.NUMBER:
                try:
                    return [float(text)]
                except ValueError:
                    self.faults.append(
                        f"Value '{text}' is not a valid number for the field '{name}'."
                    )
                    return []
            case Kind.LABELS:
                return [text.casefold()]
            case Kind.URL:
                return [text]
            case Kind.RANK:
                return [int(text)] if text.isdecimal() else []
            case Kind.OPTION | Kind.OPTIONS:
                option = self._site.options(field).find(text)
                if option is None:
                    self.faults.append(f"The option '{text}' for field '{name}' does not exist.")
                    return []
                return [option.name]
        found = self._choices(field, text)
        if not found:
            self.faults.append(f"The value '{text}' does not exist for the field '{name}'.")
        return found

    def _choices(self, field: Field, text: str) -> list[Any]:
        site = self._site
        found: list[Any] = []
        match field.kind:
            case Kind.PROJECT:
                project = site.find_project(text)
                found = [project.id] if project else []
            case Kind.CATEGORY:
                wanted = text.casefold()
                found = [
                    each.key
                    for each in CATEGORIES
                    if wanted in (each.key, each.name.casefold(), str(each.id))
                ]
            case Kind.USER | Kind.USERS:
                user = site.find_user(text)
                found = [user.account_id] if user else []
            case Kind.COMPONENTS | Kind.VERSIONS:
                components = field.kind is Kind.COMPONENTS
                rows = (p.components if components else p.versions for p in site.projects)
                named = [choice.find(text) for choice in rows]
                found = [each.name for each in named if each]
            case Kind.TYPE:
                kind = site.types.find(text)
                found = [kind.name] if kind else []
            case Kind.STATUS:
                status = site.statuses.find(text)
                found = [status.name] if status else []
            case Kind.PRIORITY | Kind.RESOLUTION:
                choices = site.priorities if field.kind is Kind.PRIORITY else site.resolutions
                choice = choices.find(text)
                found = [choice.name] if choice else []
        return found

    def _issue(self, clause: Clause, text: str) -> list[Any]:
        name = clause.field.text
        if clause.operator in ("<", "<=", ">", ">="):
            # A limit need not exist.
            if text.isdecimal():
                return [int(text)]
            if KEY.fullmatch(text.upper()):
                return [text.upper()]
        state = self._world.find(text, self.asking.now)
        if state is not None:
            return [state.id]
        if text.isdecimal():
            self.faults.append(f"A value with ID '{text}' does not exist for the field '{name}'.")
        elif KEY.fullmatch(text.upper()):
            self.faults.append(f"An issue with key '{text}' does not exist for field '{name}'.")
        else:
            self.faults.append(f"The issue key '{text}' for field '{name}' is invalid.")
        return []

    def _date(self, text: str) -> datetime | None:
        self.timeless = self.timeless and dates.is_absolute(text)
        return dates.literal(text, self.asking.now, self.asking.zone)

    def _date_called(self, function: Function) -> datetime | None:
        self.timeless = False
        return dates.called(function.name, function.arguments, self.asking.now, self.asking.zone)

    def _dated(self, field: Field, moment: datetime) -> date:
        return moment.astimezone(self.asking.zone).date() if field.kind is Kind.DATE else moment

    def people(self, predicate: Predicate) -> list[str]:
        """The account ids that ``BY`` names."""
        people: list[str] = []
        for member in _members(predicate.operand):
            if isinstance(member, Function) and member.name.casefold() == "currentuser":
                people.append(self.asking.account)
            elif isinstance(member, Value):
                user = self._site.find_user(member.text)
                if user is None:
                    self.faults.append(f"The user '{member.text}' does not exist.")
                else:
                    people.append(user.account_id)
        return people

    def moments(self, predicate: Predicate) -> list[datetime]:
        """The moments, aware UTC, that a condition on time names."""
        moments: list[datetime] = []
        for member in _members(predicate.operand):
            moment = None
            if isinstance(member, Function):
                try:
                    moment = self._date_called(member)
                except ValueError as error:
                    self.faults.append(str(error))
                    continue
            elif isinstance(member, Value):
                moment = self._date(member.text)
            if moment is None:
                self.faults.append(f"The date given to '{predicate.word.upper()}' is invalid.")
            else:
                moments.append(moment)
        return moments


def _members(operand: Operand) -> tuple[Operand, ...]:
    return operand.members if isinstance(operand, Values) else (operand,)
