import asyncio

from app.core.telemetry.places import Places


async def test_places_know_who_waits_and_for_how_long() -> None:
    places = Places(1)
    await places.acquire()
    assert (places.waiting, places.longest) == (0, 0.0)
    waiting = [asyncio.create_task(places.acquire()) for _ in range(2)]
    await asyncio.sleep(0.05)
    assert places.waiting == 2
    assert places.longest >= 0.04
    waiting[0].cancel()
    places.release()
    await waiting[1]
    assert (places.waiting, places.longest) == (0, 0.0)
