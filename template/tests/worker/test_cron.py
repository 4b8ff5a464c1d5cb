from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest
from cronsim import CronSimError

from app.worker.cron import Cron

BERLIN = Cron("30 2 * * *", "Europe/Berlin")


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


def test_a_clock_is_that_of_its_zone() -> None:
    assert Cron("0 9 * * *", "Asia/Tokyo").next(utc(2026, 1, 1)) == utc(2026, 1, 2)
    assert Cron("0 9 * * *").next(utc(2026, 1, 1)) == utc(2026, 1, 1, 9)


def test_a_tick_is_given_in_utc_whatever_zone_asks() -> None:
    asked = datetime(2026, 1, 1, 12, tzinfo=ZoneInfo("America/New_York"))
    tick = Cron("0 0 * * *").last(asked)
    assert (tick, tick.tzinfo) == (utc(2026, 1, 1), UTC)


def test_the_last_tick_may_be_the_moment_itself_and_the_next_may_not() -> None:
    noon = utc(2026, 1, 1, 12)
    cron = Cron("0 12 * * *")
    assert cron.last(noon) == noon
    assert cron.last(noon + timedelta(microseconds=1)) == noon
    assert cron.last(noon + timedelta(hours=3)) == noon
    assert cron.last(noon - timedelta(microseconds=1)) == noon - timedelta(days=1)
    assert cron.next(noon) == noon + timedelta(days=1)


def test_a_time_that_spring_leaves_out_comes_right_after_and_once() -> None:
    """At 02:00 clocks go to 03:00: there is no 02:30 on that day."""
    first = BERLIN.next(utc(2026, 3, 28, 12))
    assert first == utc(2026, 3, 29, 1)
    assert BERLIN.next(first) == utc(2026, 3, 30, 0, 30)
    assert BERLIN.last(utc(2026, 3, 29, 12)) == first
    assert BERLIN.last(first) == first


def test_a_time_that_autumn_has_twice_comes_once() -> None:
    """At 03:00 clocks go back to 02:00: 02:30 is 00:30 UTC, and 01:30 UTC once more."""
    first = BERLIN.next(utc(2026, 10, 24, 12))
    assert first == utc(2026, 10, 25, 0, 30)
    assert BERLIN.next(first) == utc(2026, 10, 26, 1, 30)
    assert BERLIN.last(utc(2026, 10, 25, 12)) == first


def test_what_comes_every_hour_comes_in_each_hour_of_a_longer_day() -> None:
    hourly = Cron("0 * * * *", "Europe/Berlin")
    ticks = [utc(2026, 10, 24, 22)]
    while len(ticks) < 25:
        ticks.append(hourly.next(ticks[-1]))
    assert ticks[-1] - ticks[0] == timedelta(hours=24)


def test_a_schedule_that_is_none_is_refused_where_it_is_written() -> None:
    with pytest.raises(CronSimError):
        Cron("61 * * * *")
    with pytest.raises(CronSimError):
        Cron("every day")
    with pytest.raises(ZoneInfoNotFoundError):
        Cron("0 0 * * *", "Europe/Atlantis")
