"""A soak's course: the clock is moved, the weather changes, replicas come, go and are killed, and now
and then everything must be true.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path

from syncd.store.engine import Store
from tests.soak.breaking import Weather, weather_of
from tests.soak.flat import Weighing, not_flat
from tests.soak.followers import Follower, Onlooker, streamed
from tests.soak.jira_world import jira_world
from tests.soak.moments import Moment, moments_of
from tests.soak.netbox_world import netbox_world
from tests.soak.organisation import PATIENT, Asking, Worlds, installation, write_mappings
from tests.soak.prometheus_world import prometheus_world
from tests.soak.replica import Came, Told, Turn, Weight, serve
from tests.soak.states import ReadAnew, differences, state_of, unwell
from tests.soak.upstreams import Upstreams

_PATIENCE = 240.0
"""Seconds that a replica may take for a turn: the machine may be busy with something else."""


@dataclass(frozen=True)
class Options:
    """`replicas`: the most at once; `looks`: how often everything is compared; `weighings`: how
    often it is weighed.
    """

    seed: int
    days: float
    turns: int
    replicas: int
    looks: int
    weighings: int
    asking: Asking = field(default_factory=Asking)


@dataclass
class Tally:
    """What came of a course so far; `seconds` of processor that the replicas' turns took."""

    at: datetime | None = None
    turns: int = 0
    cycles: int = 0
    broken: int = 0
    runs: Counter[str] = field(default_factory=Counter)
    joined: int = 0
    left: int = 0
    killed: int = 0
    events: int = 0
    seconds: float = 0.0
    looks: int = 0
    weighings: list[Weighing] = field(default_factory=list)

    def __str__(self) -> str:
        last = self.weighings[-1].weight if self.weighings else None
        weight = f", {last.megabytes:.0f} MB, {last.files} files" if last else ""
        failed = sum(self.runs.values()) - self.runs["published"]
        return (
            f"{self.at:%d %b %H:%M}  turn {self.turns}, {self.cycles} cycles, "
            f"{sum(self.runs.values())} runs ({failed} failed), {self.broken} broken answers, "
            f"{self.joined} joined, {self.left} left, {self.killed} killed, "
            f"{self.events} events{weight}"
        )


class NotTrue(AssertionError):
    """Something of a soak is not as it must be."""


@dataclass
class _Member:
    pipe: Connection
    process: multiprocessing.process.BaseProcess
    address: str
    statements: int = 100


class Course:
    """One soak on one store. `show_clock` moves the clock of the store's server, where it has one."""

    def __init__(
        self,
        options: Options,
        folder: Path,
        url: str,
        show_clock: Callable[[datetime], None],
        say: Callable[[Tally], None],
    ) -> None:
        self._options = options
        self._folder = folder
        self._url = url
        self._show_clock = show_clock
        self._say = say
        self.moments = moments_of(options.seed, options.days, options.turns, options.looks)
        self.weather = weather_of(options.seed, self.moments)
        self._worlds = worlds_of(options.seed, self.moments)
        self._chance = random.Random(f"members {options.seed}")
        self._members: list[_Member] = []
        self._stays: _Member | None = None
        self._anew: ReadAnew | None = None
        self._follower = Follower(random.Random(f"follower {options.seed}"))
        self.tally = Tally()

    def run(self) -> Tally:
        """Goes through it. Raises NotTrue."""
        with ExitStack() as stack:
            upstreams = stack.enter_context(Upstreams(self._worlds, self.moments[0].at))
            self._told = Told(
                write_mappings(self._folder), self._url, upstreams.urls, self._options.asking
            )
            self._show_clock(self.moments[0].at)
            self._store = Store(self._url)
            stack.callback(self._store.close)
            self._store.migrate()
            stack.callback(self._end)
            onlooker = stack.enter_context(Onlooker(self._url))
            weighed = -(-len(self.moments) // self._options.weighings)
            for number, (moment, weather) in enumerate(
                zip(self.moments, self.weather, strict=True)
            ):
                self._at(number, moment, weather, upstreams)
                self.tally.broken = upstreams.broken
                if onlooker.replay.faults:
                    raise NotTrue(f"the onlooker saw: {onlooker.replay.faults}")
                if (number + 1) % weighed == 0:
                    self._weigh()
                    self._say(self.tally)
            onlooker.look()
            self._finally(onlooker)
        return self.tally

    # ---------------------------------------------------------------------------------- one turn

    def _at(self, number: int, moment: Moment, weather: Weather, upstreams: Upstreams) -> None:
        upstreams.show(moment.at, weather)
        self._show_clock(moment.at)
        self.tally.at, self.tally.turns = moment.at, number + 1
        self._join(moment)
        turns = self._turns(moment, late=3 * number > len(self.moments))
        for member, turn in turns.items():
            self._members[member].pipe.send(turn)
        came = {member: self._came(self._members[member]) for member in turns}
        for member, turn in turns.items():
            found = came[member]
            if found is not None:
                self._members[member].statements = max(found.statements, 1)
                self.tally.runs.update(found.runs)
                self.tally.cycles += 1
                self.tally.seconds += found.seconds
            elif turn.dies_at is None:
                raise NotTrue(f"a replica died by itself at {moment.at}")
            else:
                self.tally.killed += 1
        self._part(turns, came)
        if moment.quiet:
            self._read_anew(moment)
        self._listen()
        if moment.look:
            self._look(moment)

    def _join(self, moment: Moment) -> None:
        alone = not self._members
        if alone and not moment.quiet and self._chance.random() < 0.3 and self.tally.joined:
            return
        joins = len(self._members) < self._options.replicas and self._chance.random() < 0.3
        if alone or joins:
            self._members.append(_begun(self._told, moment.at))
            self.tally.joined += 1

    def _turns(self, moment: Moment, *, late: bool) -> dict[int, Turn]:
        """What each member is to do. After a third of the course the oldest stays, and is weighed."""
        if late and self._stays is None and self._members:
            self._stays = self._members[0]
        found: dict[int, Turn] = {}
        for number, member in enumerate(self._members):
            turn = Turn(moment.at)
            if not moment.quiet and member is not self._stays:
                fate = self._chance.random()
                if fate < 0.12:
                    turn = Turn(moment.at, dies_at=self._chance.randint(1, member.statements))
                elif fate < 0.2:
                    turn = Turn(moment.at, leaves_after=self._chance.uniform(0.0, 0.3))
            found[number] = turn
        return found

    @staticmethod
    def _came(member: _Member) -> Came | None:
        """What its turn came to; None: it was killed."""
        try:
            if not member.pipe.poll(_PATIENCE):
                raise NotTrue(f"a replica does not end its turn in {_PATIENCE:g} s")
            found = member.pipe.recv()
        except (EOFError, ConnectionResetError):
            return None
        assert isinstance(found, Came)
        return found

    def _part(self, turns: Mapping[int, Turn], came: Mapping[int, Came | None]) -> None:
        staying = []
        for number, member in enumerate(self._members):
            if came[number] is None:
                _ended(member, signal.SIGKILL)
            elif turns[number].leaves_after is not None:
                _ended(member)
                self.tally.left += 1
            else:
                staying.append(member)
        self._members = staying

    # --------------------------------------------------------------------------- what must be so

    def _listen(self) -> None:
        if not self._members:
            return
        self._follower.catch_up(self._chance.choice(self._members).address)
        self.tally.events = len(self._follower.replay.ids)
        if self._follower.replay.faults:
            raise NotTrue(f"the feed: {self._follower.replay.faults}")

    def _read_anew(self, moment: Moment) -> None:
        """Another store reads everything, from the first quiet moment to the look."""
        if self._anew is None:
            path = self._folder / f"anew-{self.tally.turns}.db"
            told = installation(self._told.mappings, f"sqlite:///{path}", self._told.urls, PATIENT)
            self._anew = ReadAnew(told, moment.at)
        self._anew.turn(moment.at)

    def _look(self, moment: Moment) -> None:
        assert self._anew is not None
        found = unwell(self._store, moment.at)
        state, anew = state_of(self._store, moment.at), self._anew.state()
        self._anew.close()
        self._anew = None
        found += differences(state, anew, "the store has", "read anew it is")
        for name, value in self._worlds.truth(moment.at).items():
            reading = state["reading"][name]
            told = None if reading is None else reading[0]
            if (value is None) != (told is None) or abs((told or 0.0) - (value or 0.0)) > 1e-9:
                found.append(f"{name}: the store has {told}, the truth is {value}")
        if found:
            raise NotTrue(f"at {moment.at}:\n" + "\n".join(found))
        self.tally.looks += 1

    def _weigh(self) -> None:
        if self._stays is None:
            return
        self._stays.pipe.send("weigh")
        weight = self._stays.pipe.recv()
        assert isinstance(weight, Weight)
        self.tally.weighings.append(Weighing(self.tally.turns, weight))

    def _finally(self, onlooker: Onlooker) -> None:
        follower = self._follower.replay
        at_once = streamed(
            self._members[0].address, len(follower.ids), random.Random(self._options.seed)
        )
        again = Follower(random.Random(f"again {self._options.seed}"))
        again.catch_up(self._members[-1].address)
        found = [*at_once.faults, *again.replay.faults, *onlooker.replay.faults]
        for name, replay in (
            ("stream", at_once),
            ("API", again.replay),
            ("store", onlooker.replay),
        ):
            if replay.ids != follower.ids or len(set(replay.ids)) != len(replay.ids):
                found.append(f"the {name} tells other events than came while it went on")
            if replay.statuses != follower.statuses:
                found.append(f"the {name}'s events lead to other statuses")
        found += not_flat(self.tally.weighings)
        if found:
            raise NotTrue("\n".join(found))

    def _end(self) -> None:
        if self._anew is not None:
            self._anew.close()
        for member in self._members:
            _ended(member)


def worlds_of(seed: int, moments: Sequence[Moment]) -> Worlds:
    """The upstreams' past and future, the same for the same seed."""
    return Worlds(
        jira_world(seed, "cloud", moments),
        jira_world(seed, "tracker", moments),
        netbox_world(seed, moments),
        prometheus_world(seed, moments),
    )


_NURSERY = multiprocessing.get_context("forkserver")
"""Replicas are forked from a process that has loaded what they are made of."""
_NURSERY.set_forkserver_preload(
    ["tests.soak.replica", "connectors.jira", "connectors.netbox.client"]
)


def _begun(told: Told, at: datetime) -> _Member:
    ours, theirs = _NURSERY.Pipe()
    process = _NURSERY.Process(target=serve, args=(theirs, told, at), daemon=True)
    process.start()
    theirs.close()
    if not ours.poll(_PATIENCE):
        raise NotTrue("a replica does not begin")
    return _Member(ours, process, ours.recv())


def _ended(member: _Member, how: signal.Signals | None = None) -> None:
    if how is not None and member.process.pid is not None and member.process.is_alive():
        with suppress(ProcessLookupError):  # it may have ended by itself meanwhile
            os.kill(member.process.pid, how)
    member.pipe.close()
    member.process.join(_PATIENCE)
    member.process.close()
