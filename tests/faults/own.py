"""What a fault of one connector's own is, and how answers are made wrong on their way."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tests.contract.faultserver import Fault, Reply, Request, Wire
from tests.faults.worlds import World

EXACT = "exact"
"""Nothing breaks: the run tells the truth."""
LATE = "exact, a run later"
"""Nothing breaks that could be noticed: what was known stays, and the next run tells the truth."""
PARTIAL = "partial"
"""A reading that is shown as partial, and not assessed."""
HELD = "held back"
"""Nothing breaks, and what came is not believed: what was known stays, until runs confirm it."""
NO_VALUE = "no value"
"""A reading without a value: the key result is `no_data`, neither good nor bad."""

Where = Callable[[Request], bool]


@dataclass(frozen=True)
class Own:
    """A fault of these worlds (`of`: of a variant of them). `becomes`: an `error_type`, or one of
    the words above; `says`: words of what is told, or why nothing has to be. `page`: where in the
    run it begins ("begin": from its first request on). `reads`: the only way of reading that can
    meet it; empty: any.
    """

    worlds: tuple[str, ...]
    becomes: str
    says: str
    fault: Callable[[World], Fault]
    page: str = "middle"
    reads: tuple[str, ...] = ()
    of: str = ""

    @property
    def fails(self) -> bool:
        """Whether a run that meets it fails."""
        return self.becomes not in (EXACT, LATE, PARTIAL, NO_VALUE, HELD)


def anywhere(_: Request) -> bool:
    return True


def at(ending: str) -> Where:
    """Requests to an address that ends so."""
    return lambda request: request.path.endswith(ending)


def altered(how: Callable[[Any], Any], where: Where = anywhere) -> Callable[[World], Fault]:
    """Good answers arrive with another body."""
    return asked_and_altered(lambda _, answer: how(answer), where)


def asked_and_altered(
    how: Callable[[Request, Any], Any], where: Where = anywhere
) -> Callable[[World], Fault]:
    """The same, where the body depends on what was asked."""

    def fault(wire: Wire, request: Request, reply: Reply) -> None:
        if reply.status == 200 and where(request):
            body = json.dumps(how(request, json.loads(reply.body))).encode()
            reply = replace(reply, body=body)
        wire.send(reply)

    return lambda _: fault


def answered(
    status: int, body: Any, where: Where = anywhere, headers: Mapping[str, str] | None = None
) -> Callable[[World], Fault]:
    """Requests are answered so instead."""
    text = body if isinstance(body, str) else json.dumps(body)
    kind = "text/html" if isinstance(body, str) else "application/json"

    def fault(wire: Wire, request: Request, reply: Reply) -> None:
        if where(request):
            wire.send(Reply(status, text.encode(), kind, {**reply.headers, **(headers or {})}))
        else:
            wire.send(reply)

    return lambda _: fault


def misread(how: Callable[[Request], Request], where: Where = anywhere) -> Callable[[World], Fault]:
    """The upstream answers well, but to another request than was sent."""

    def of(world: World) -> Fault:
        def fault(wire: Wire, request: Request, reply: Reply) -> None:
            wire.send(world.healthy(how(request)) if where(request) else reply)

        return fault

    return of


def once(of: Callable[[World], Fault], where: Where = anywhere) -> Callable[[World], Fault]:
    """The fault meets one request only."""

    def begun(world: World) -> Fault:
        fault, left = of(world), [True]

        def one(wire: Wire, request: Request, reply: Reply) -> None:
            if left and where(request):
                left.pop()
                fault(wire, request, reply)
            else:
                wire.send(reply)

        return one

    return begun
