import pytest

from app.core.http import rate_storage
from app.core.http.rate_storage import CLEANED_EVERY, Memory


class Clock:
    """Stands for the module `time`, and stands still."""

    def __init__(self) -> None:
        self.moment = 1000.0

    def time(self) -> float:
        return self.moment


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(rate_storage, "time", clock)
    return clock


async def test_a_window_begins_with_the_first_and_ends(clock: Clock) -> None:
    storage = Memory()
    assert [await storage.incr("a", 60), await storage.incr("a", 60, 2)] == [1, 3]
    assert (await storage.get("a"), await storage.get_expiry("a")) == (3, 1060)
    clock.moment = 1060
    assert await storage.get("a") == 0
    assert await storage.incr("a", 60) == 1
    assert await storage.get_expiry("a") == 1120


async def test_what_has_ended_is_forgotten(clock: Clock) -> None:
    storage = Memory()
    for number in range(100):
        await storage.incr(f"{number}", 5)
    await storage.incr("long", 60)
    clock.moment += CLEANED_EVERY + 1
    await storage.incr("new", 5)
    assert storage.windows.keys() == {"long", "new"}


@pytest.mark.usefixtures("clock")
async def test_a_counter_begins_anew_where_it_is_cleared() -> None:
    storage = Memory()
    await storage.incr("a", 60)
    await storage.incr("b", 60)
    await storage.clear("a")
    assert [await storage.get("a"), await storage.get("b")] == [0, 1]
    assert (await storage.check(), await storage.reset()) == (True, 1)
    assert await storage.get("b") == 0
