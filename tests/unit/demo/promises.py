"""What the demo's story promises of every key result, as its page shows it.

Values are in base units (shares 0..1, seconds, counts). They hold within a twentieth, and statuses
exactly: the story comes from a seed, so only an edit of the story, the mapping files or judgement
moves them. Whoever edits one of those looks here at what has become of the quarter.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

MIDDLE, END = date(2026, 2, 20), date(2026, 3, 31)

_AT_THE_END_OF = (MIDDLE, END)
_EVERY_KEY_RESULT = """
proc-o1-kr1     on_track   0.542     missed     0.917
proc-o1-kr4     off_track  0.25      achieved   1
proc-o2-kr1     on_track   777600    achieved   547300
proc-o2-kr2     on_track   0.638     missed     0.942
proc-o2-kr3     achieved   83300     achieved   62100
proc-o2-kr4     on_track   0.967     missed     0.965
proc-o3-kr1     achieved   1         achieved   1
proc-o3-kr2     on_track   0         achieved   1
proc-o4-kr1     off_track  1         missed     2
proc-o4-kr2     on_track   2         achieved   3
proc-o5-kr1     off_track  1         missed     3
compute-o1-kr1  on_track   370       achieved   579
compute-o1-kr2  on_track   0.0663    achieved   0.0482
compute-o1-kr3  on_track   0.645     achieved   0.873
compute-o1-kr4  no_target  0.48      no_target  0.8
compute-o2-kr1  on_track   0.571     achieved   1
compute-o2-kr2  no_target  1879200   no_target  1555200
compute-o2-kr3  at_risk    0         achieved   1
compute-o2-kr4  on_track   1.2       achieved   2.1
compute-o3-kr1  off_track  0         achieved   2
compute-o3-kr2  on_track   250100    achieved   131400
compute-o3-kr3  on_track   0.5       missed     0.8
net-o1-kr1      on_track   0.896     missed     0.98
net-o1-kr2      achieved   1         achieved   1
net-o1-kr3      on_track   0         achieved   1
net-o2-kr1      at_risk    0.599     missed     0.95
net-o2-kr2      at_risk    0.59      achieved   1
net-o2-kr3      at_risk    0.934     achieved   0.965
net-o2-kr4      at_risk    0         missed     0.5
net-o3-kr1      on_track   0         achieved   1
net-o3-kr2      on_track   0         achieved   1
net-o3-kr3      on_track   0         missed     0
net-o3-kr4      off_track  0         achieved   1
net-o4-kr1      at_risk    0.407     missed     0.894
net-o4-kr2      on_track   0.5       achieved   1
net-o4-kr3      at_risk    0         missed     0
net-o4-kr4      on_track   0.75      achieved   1
net-o5-kr1      off_track  0         achieved   2
dcim-o1-kr1     at_risk    0.796     achieved   1
dcim-o1-kr2     on_track   0.571     missed     0.904
dcim-o1-kr3     on_track   0.557     missed     0.655
dcim-o2-kr1     on_track   0.967     missed     0.965
dcim-o2-kr2     on_track   0.607     missed     0.707
dcim-o2-kr3     on_track   0         missed     0
dcim-o3-kr1     on_track   0.59      achieved   1
dcim-o3-kr2     on_track   0.934     achieved   0.965
dcim-o3-kr3     on_track   0.584     missed     0.936
dcim-o4-kr1     on_track   0.953     missed     0.964
dcim-o4-kr2     achieved   1         achieved   1
dcim-o4-kr3     on_track   0.545     missed     0.818
deploy-o1-kr1   on_track   0         achieved   1
deploy-o1-kr2   on_track   0.615     achieved   1
deploy-o1-kr3   on_track   0         missed     0
deploy-o2-kr1   on_track   0.556     achieved   1
deploy-o3-kr1   on_track   0.333     missed     0.667
deploy-o4-kr1   achieved   1         achieved   1
deploy-o4-kr2   on_track   0.5       achieved   1
deploy-o4-kr3   on_track   0         missed     0.5
obs-o1-kr1      on_track   0.5       achieved   1
obs-o1-kr2      on_track   0         missed     0
obs-o2-kr1      on_track   0.629     missed     0.934
obs-o2-kr2      on_track   34.5      achieved   18.5
obs-o2-kr3      on_track   0         missed     0.5
obs-o3-kr1      on_track   0         achieved   1
obs-o4-kr1      off_track  0.0341    missed     0.0289
obs-o4-kr2      on_track   0.58      achieved   1.03
obs-o4-kr3      on_track   0         achieved   1
cops-o1-kr1     on_track   901       achieved   1.1e+03
cops-o1-kr2     off_track  0.457     missed     0.882
cops-o1-kr3     on_track   0         achieved   0
cops-o2-kr1     no_target  33.5      no_target  20
cops-o2-kr2     on_track   0.629     missed     0.934
cops-o2-kr3     on_track   0         achieved   1
cops-o3-kr1     on_track   2         achieved   3
cops-o4-kr1     achieved   1         achieved   1
cops-o4-kr2     on_track   0         missed     0
cops-o4-kr3     on_track   0.5       missed     0.875
cops-o4-kr4     on_track   0.667     achieved   1
cops-o4-kr5     achieved   1         achieved   1
plat-o1-kr1     on_track   0.571     missed     0.853
plat-o1-kr2     on_track   0         missed     0.5
plat-o2-kr1     off_track  0.344     missed     0.716
plat-o3-kr1     no_target  0.0341    no_target  0.0289
plat-o3-kr2     on_track   0.333     achieved   1
plat-o3-kr4     no_target  0.344     no_target  0.716
plat-o4-kr1     on_track   0.333     achieved   1
plat-o5-kr1     on_track   0.75      achieved   0.896
plat-o5-kr2     on_track   0.909     missed     0.93
plat-o5-kr3     on_track   293       achieved   30
plat-o5-kr4     on_track   0.25      achieved   1
plat-o6-kr1     on_track   2         achieved   3
inf-o1-kr1      on_track   2         achieved   5
inf-o1-kr2      on_track   1         achieved   2
inf-o1-kr3      on_track   0.116     achieved   0.075
inf-o2-kr1      off_track  1         achieved   3
inf-o2-kr2      on_track   0.471     achieved   0.53
inf-o2-kr3      off_track  0         achieved   1
inf-o3-kr1      on_track   0         achieved   0
inf-o3-kr2      on_track   5         missed     8
inf-o3-kr3      on_track   0         achieved   1
inf-o4-kr1      on_track   0         missed     0.5
ce-o1-kr1       on_track   0.778     missed     0.92
ce-o1-kr2       on_track   0.85      achieved   1
ce-o2-kr1       on_track   0.528     missed     0.948
ce-o3-kr1       at_risk    0.417     missed     0.833
ce-o4-kr1       on_track   0.833     missed     0.9
ops-o1-kr1      on_track   2         achieved   4
ops-o1-kr2      on_track   0         achieved   1
ops-o2-kr1      on_track   0.725     achieved   1
ops-o2-kr2      on_track   0         missed     0
hiring          at_risk    7         achieved   16
"""
"""By key result: status and value at the end of 20 February, and when the quarter is over."""

_AND_ON_THE_WAY = """
2026-02-14 dcim-o1-kr1     on_track   0.777
2026-02-16 dcim-o1-kr1     at_risk    0.786
2026-02-16 net-o2-kr1      at_risk    0.577
2026-02-16 net-o2-kr2      at_risk    0.564
2026-02-16 net-o2-kr3      at_risk    0.927
2026-02-16 proc-o1-kr4     off_track  0.25
2026-02-16 compute-o2-kr3  at_risk    0
2026-02-16 net-o4-kr3      at_risk    0
2026-02-18 ce-o3-kr1       stale      0.333
2026-02-18 proc-o1-kr4     stale      0.25
2026-02-18 hiring          stale      7
2026-02-18 dcim-o1-kr3     stale      0.551
2026-02-18 compute-o1-kr1  on_track   354
2026-02-18 plat-o5-kr1     on_track   0.73
2026-02-24 proc-o1-kr4     on_track   0.5
2026-02-27 net-o4-kr1      off_track  0.424
2026-03-02 proc-o2-kr2     at_risk    0.53
2026-03-03 net-o1-kr3      on_track   1
2026-03-05 net-o1-kr3      on_track   0
2026-03-07 net-o1-kr3      achieved   1
2026-03-10 dcim-o2-kr3     off_track  1
2026-03-11 dcim-o1-kr1     achieved   1
2026-03-12 net-o2-kr1      on_track   0.781
2026-03-27 hiring          achieved   16
"""
"""Day, key result, status and value at its end: the checkpoint that is missed and made up for, what
it drags, the lab's late plan, two days without Jira, the access that slips, the link that must hold
for a day, the guard that is breached once, and the sixteenth hire.
"""

DRAGGED = {
    "net-o2-kr1": ("dcim-o1-kr1",),
    "net-o2-kr2": ("dcim-o1-kr1",),
    "net-o2-kr3": ("dcim-o1-kr1",),
    "compute-o2-kr3": ("proc-o1-kr4",),
    "net-o3-kr4": ("proc-o1-kr4",),
    "net-o4-kr3": ("net-o3-kr4",),
    "net-o4-kr1": ("external:gnmi-api-access",),
    "net-o2-kr4": ("net-o5-kr1",),
}
"""What is dragged on 20 February, and by what."""

DOWN = {
    "jira": (date(2026, 2, 17), date(2026, 2, 18)),
    "netbox": (date(2026, 2, 26),),
}
"""The days on whose evening a source does not answer; on all others everything is read."""


@dataclass(frozen=True)
class Promise:
    """What is told of a key result at the end of a day."""

    day: date
    key_result: str
    status: str
    value: float


def promises() -> list[Promise]:
    """All of them, in order of time."""
    found = []
    for line in _EVERY_KEY_RESULT.split("\n"):
        name, *told = line.split() or [""]
        for day, status, value in zip(_AT_THE_END_OF, told[::2], told[1::2], strict=False):
            found.append(Promise(day, name, status, float(value)))
    for line in _AND_ON_THE_WAY.split("\n"):
        if line:
            day_text, name, status, value = line.split()
            found.append(Promise(date.fromisoformat(day_text), name, status, float(value)))
    return sorted(found, key=lambda promise: (promise.day, promise.key_result))
