"""The alerts on key results: each fires when it must, not before, and not because data are late."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.alerting.promtool import Labels, Moment, objections

KR = {"kr": "dcim-o1-kr1", "objective": "dcim-o1", "team": "dcim"}
STATUSES = ("achieved", "on_track", "at_risk", "off_track", "missed", "no_data", "stale")


def series(name: str, **more: str) -> str:
    named = {**KR, **more}
    return f"{name}{{" + ",".join(f'{key}="{value}"' for key, value in named.items()) + "}"


def told(*phases: tuple[str, int], page: bool = False, **numbers: str) -> dict[str, str]:
    """The series of a key result that has each status for so many intervals, one after the other;
    `numbers` are further series of it by the end of their names.
    """
    found = {
        series("syncd_kr_status", status=status): " ".join(
            f"{int(status == held)}x{steps - 1}" for held, steps in phases
        )
        for status in STATUSES
    }
    steps = sum(steps for _, steps in phases)
    found[series("syncd_kr_page")] = f"{int(page)}x{steps}"
    found[series("syncd_kr_info", title="Model completeness", owner="DCIM lead")] = f"1x{steps}"
    return found | {series(f"syncd_kr_{name}"): values for name, values in numbers.items()}


def alive(steps: int) -> dict[str, str]:
    """What is there of a syncd that has nothing to say of itself."""
    return {'syncd_build_info{version="1"}': f"1x{steps}"}


def fires(name: str, severity: str = "ticket", **more: str) -> Labels:
    return {"alertname": name, "severity": severity, **KR, **more}


def tried(folder: Path, of: Mapping[str, str], *moments: Moment, interval: str = "1m") -> str:
    return objections(folder, {**of, **alive(20_000)}, moments, interval=interval)


# ------------------------------------------------------------------------------ a sudden fall: fast


def fallen(*phases: tuple[str, int], page: bool = False) -> dict[str, str]:
    """On track for two hours, then off track at once, its pace 30 points down."""
    return told(("on_track", 120), *phases, page=page, pace_ratio="0x119 -0.3x3000")


@pytest.mark.parametrize(("page", "severity"), [(False, "ticket"), (True, "page")])
def test_a_sudden_fall_opens_a_ticket_or_pages_where_its_author_wants_it(
    tmp_path: Path, page: bool, severity: str
) -> None:
    said = tried(
        tmp_path,
        fallen(("off_track", 300), page=page),
        Moment("2h14m", []),
        Moment("2h15m", [fires("SyncdKeyResultFell", severity)]),
    )

    assert said == ""


def test_a_small_fall_is_left_to_the_slow_window(tmp_path: Path) -> None:
    small = told(("on_track", 120), ("off_track", 300), pace_ratio="-0.25x119 -0.3x300")

    assert tried(tmp_path, small, Moment("3h", [])) == ""


def test_a_fall_that_is_made_up_for_resolves(tmp_path: Path) -> None:
    said = tried(
        tmp_path,
        fallen(("off_track", 30), ("on_track", 60)),
        Moment("2h20m", [fires("SyncdKeyResultFell")]),
        Moment("2h31m", []),
    )

    assert said == ""


# ----------------------------------------------------------------------------- a steady slip: slow


def test_what_has_been_off_track_for_most_of_two_days_is_told_without_any_fall(
    tmp_path: Path,
) -> None:
    slipping = told(("on_track", 48 * 2), ("off_track", 60 * 2), pace_ratio="-0.2x3000")
    # 90 % of two days after it began, and the hour that it must last
    began = 48 + 48 * 0.9

    said = tried(
        tmp_path,
        slipping,
        Moment(f"{began + 0.8:.0f}h", []),
        Moment(f"{began + 2:.0f}h", [fires("SyncdKeyResultOffTrack")]),
        interval="30m",
    )

    assert said == ""


def test_being_off_track_now_and_then_is_not_told_as_a_slip(tmp_path: Path) -> None:
    swaying = told(*[("off_track", 2), ("on_track", 2)] * 36, pace_ratio="-0.2x3000")

    assert tried(tmp_path, swaying, Moment("70h30m", []), interval="30m") == ""


# --------------------------------------------------------------------------------- late data


@pytest.mark.parametrize("unknown", ["stale", "no_data"])
def test_what_is_unknown_never_begins_to_fire_as_slipping(tmp_path: Path, unknown: str) -> None:
    lost = told(("on_track", 120), ("off_track", 10), (unknown, 300), pace_ratio="0x119 -0.3x310")

    stale = [fires("SyncdKeyResultStale")] if unknown == "stale" else []
    assert tried(tmp_path, lost, Moment("2h16m", []), Moment("7h", stale)) == ""


@pytest.mark.parametrize("unknown", ["stale", "no_data"])
def test_what_fires_goes_on_while_it_is_unknown_and_ends_when_the_data_say_so(
    tmp_path: Path, unknown: str
) -> None:
    lost = fallen(("off_track", 60), (unknown, 300), ("on_track", 60))
    fell = fires("SyncdKeyResultFell")
    stale = [fires("SyncdKeyResultStale")] if unknown == "stale" else []

    said = tried(
        tmp_path,
        lost,
        Moment("2h59m", [fell]),
        Moment("3h1m", [fell]),
        Moment("7h", [fell, *stale]),
        Moment("8h1m", []),
    )

    assert said == ""


def test_a_gap_that_empties_the_window_does_not_end_a_slip(tmp_path: Path) -> None:
    slip = fires("SyncdKeyResultOffTrack")
    phases = ("off_track", 3 * 12), ("stale", 7 * 12), ("off_track", 3 * 12)

    said = tried(
        tmp_path,
        told(*phases, pace_ratio="-0.2x3000"),
        Moment("2h", [slip]),
        Moment("9h", [slip, fires("SyncdKeyResultStale")]),
        Moment("11h", [slip]),
        interval="5m",
    )

    assert said == ""


def test_stale_data_are_told_once_they_have_been_for_a_while(tmp_path: Path) -> None:
    said = tried(
        tmp_path,
        told(("on_track", 60), ("stale", 60)),
        Moment("1h14m", []),
        Moment("1h15m", [fires("SyncdKeyResultStale")]),
    )

    assert said == ""


def test_stale_data_carry_the_source_that_is_down_so_that_its_alert_can_silence_them(
    tmp_path: Path,
) -> None:
    sources = {
        'syncd_kr_source{kr="dcim-o1-kr1", source="netbox"}': "1x120",
        'syncd_kr_source{kr="dcim-o1-kr1", source="jira"}': "1x120",
        'syncd_source_up{source="netbox"}': "0x120",
        'syncd_source_up{source="jira"}': "1x120",
        'syncd_source_up{source="prometheus"}': "1x120",
    }
    down = {"alertname": "SyncdSourceDown", "severity": "ticket", "team": "syncd"}

    said = tried(
        tmp_path,
        told(("on_track", 30), ("stale", 60)) | sources,
        Moment(
            "1h",
            [fires("SyncdKeyResultStale", source="netbox"), {**down, "source": "netbox"}],
        ),
    )

    assert said == ""


# ------------------------------------------------------------------------------------ the others


def test_at_risk_is_told_when_it_has_been_so_for_most_of_a_week(tmp_path: Path) -> None:
    risky = told(("on_track", 7 * 24), ("at_risk", 9 * 24))
    began = 24 * 7 + 24 * 7 * 0.9

    said = tried(
        tmp_path,
        risky,
        Moment(f"{began + 23:.0f}h", []),
        Moment(f"{began + 26:.0f}h", [fires("SyncdKeyResultAtRisk")]),
        interval="1h",
    )

    assert said == ""


def test_at_risk_that_turns_stale_keeps_firing_and_late_data_do_not_begin_it(
    tmp_path: Path,
) -> None:
    stale = fires("SyncdKeyResultStale")
    begun = told(("at_risk", 26 * 12), ("stale", 2 * 12))
    never = told(("at_risk", 12 * 12), ("stale", 16 * 12))

    assert (
        tried(tmp_path, begun, Moment("27h", [fires("SyncdKeyResultAtRisk"), stale]), interval="5m")
        == ""
    )
    assert tried(tmp_path, never, Moment("27h", [stale]), interval="5m") == ""


CHECKPOINT = {"syncd_clock_timestamp_seconds": "0+3600x200"}


def approaching(status: str = "on_track", progress: float = 0.5) -> dict[str, str]:
    """A checkpoint after 100 hours that asks for 60 %."""
    return CHECKPOINT | told(
        (status, 100),
        progress_ratio=f"{progress}x200",
        next_checkpoint_timestamp_seconds="360000x200",
        next_checkpoint_ratio="0.6x200",
    )


def test_a_checkpoint_three_days_ahead_that_is_not_reached_yet_is_told(tmp_path: Path) -> None:
    said = tried(
        tmp_path,
        approaching(),
        Moment("28h", []),
        Moment("29h", [fires("SyncdCheckpointAboutToBeMissed")]),
        interval="1h",
    )

    assert said == ""


@pytest.mark.parametrize(("status", "progress"), [("on_track", 0.6), ("no_data", 0.5)])
def test_a_checkpoint_that_is_reached_or_of_which_nothing_is_known_is_not_told(
    tmp_path: Path, status: str, progress: float
) -> None:
    said = tried(tmp_path, approaching(status, progress), Moment("90h", []), interval="1h")

    assert said == ""


def test_a_forecast_that_will_not_land_is_told_after_a_day(tmp_path: Path) -> None:
    unlikely = told(("on_track", 200), forecast_chance_ratio="0.19x200")

    said = tried(
        tmp_path,
        unlikely,
        Moment("23h", []),
        Moment("24h", [fires("SyncdForecastWillNotLand")]),
        interval="1h",
    )

    assert said == ""


@pytest.mark.parametrize(
    ("status", "chance"), [("on_track", 0.21), ("off_track", 0.01), ("no_data", 0.01)]
)
def test_a_forecast_is_not_told_where_it_may_land_is_off_track_already_or_is_unknown(
    tmp_path: Path, status: str, chance: float
) -> None:
    found = told((status, 31), forecast_chance_ratio=f"{chance}x31")
    also = [fires("SyncdKeyResultOffTrack")] if status == "off_track" else []

    assert tried(tmp_path, found, Moment("30h", also), interval="1h") == ""


@pytest.mark.parametrize(("page", "severity"), [(False, "ticket"), (True, "page")])
def test_a_breached_guard_is_told_at_once_and_while_its_data_are_late(
    tmp_path: Path, page: bool, severity: str
) -> None:
    breached = fires("SyncdGuardBreached", severity)
    found = told(
        ("on_track", 60), ("off_track", 30), ("stale", 90), page=page,
        guard_breached="0x59 1x29 0x90",
    )  # fmt: skip

    said = tried(
        tmp_path,
        found,
        Moment("59m", []),
        Moment("1h", [breached]),
        Moment("2h30m", [breached, fires("SyncdKeyResultStale")]),
    )

    assert said == ""


def test_nothing_fires_of_a_key_result_that_does_well(tmp_path: Path) -> None:
    well = told(
        ("on_track", 50), ("achieved", 50), pace_ratio="0x600", forecast_chance_ratio="1x600"
    )

    assert tried(tmp_path, well, Moment("99h", []), interval="1h") == ""


def test_two_replicas_that_tell_the_same_make_one_alert(tmp_path: Path) -> None:
    once = fallen(("off_track", 300))
    twice = {
        name.replace("{", f'{{instance="{instance}",'): values
        for name, values in once.items()
        for instance in ("a:9464", "b:9464")
    }

    assert tried(tmp_path, twice, Moment("3h", [fires("SyncdKeyResultFell")])) == ""


def test_an_alert_says_what_a_person_needs_to_know(tmp_path: Path) -> None:
    fell = fallen(("off_track", 60), ("stale", 60)) | {
        series("syncd_kr_progress_ratio"): "0.42x400",
        series("syncd_kr_expected_ratio"): "0.7x400",
    }
    texts = {
        "alertname": "SyncdKeyResultFell",
        "eval_time": "3h30m",
        "exp_alerts": [
            {
                "exp_labels": {**KR, "severity": "ticket"},
                "exp_annotations": {
                    "summary": "Model completeness fell behind suddenly (dcim-o1-kr1)",
                    "description": "It is at 42% of the way where 70% was expected. A sudden fall: "
                    "its pace was better by 10% or more within the last 1d. Its data are old or "
                    "missing since: this is the last that was known. Owner: DCIM lead.",
                    "runbook_url": "https://okr.example.org/runbooks/key-result-fell",
                    "dashboard_url": "https://graf.example/d/syncd-key-result?var-kr=dcim-o1-kr1",
                    "page_url": "https://okr.example.org/kr/dcim-o1-kr1",
                },
            }
        ],
    }

    assert objections(tmp_path, {**fell, **alive(400)}, [], texts=texts) == ""
