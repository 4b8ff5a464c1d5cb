"""Work for all cores, done by processes that end with this one."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import TypeVar

from drydock.errors import Refused

T = TypeVar("T")
R = TypeVar("R")

# A process takes up to a second to start, and the work of so many services no less.
ENOUGH = 10
# So many at a time: those of one kind stay together, and Ctrl-C waits for no more than these.
AT_A_TIME = 4


@contextmanager
def spread(work: Callable[[T], R], items: Sequence[T]) -> Iterator[Iterator[R]]:
    """Work on each item, and give what comes of it in their order; what is not needed is left.

    The processes begin at once: where they are forks, no thread may run by then.

    Raises:
        Refused: in the block, where one of them was killed.
    """
    jobs = min(os.cpu_count() or 1, len(items) // ENOUGH)
    if jobs < 2:
        yield map(work, items)
        return
    pool = ProcessPoolExecutor(jobs, initializer=begin)
    try:
        with deaf():
            results = pool.map(work, items, chunksize=AT_A_TIME)
        yield results
    except BrokenProcessPool as error:
        raise Refused(
            "a process of this command was killed, as it happens where memory is short: "
            "run it again, for fewer services at a time."
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def deaf() -> Iterator[None]:
    """Start processes that leave Ctrl-C to this one from their first import on, where they can.

    A process inherits a signal that is ignored, so that it needs no time to say so itself; not on
    Windows, where ``begin`` is the first to say it.
    """
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)


def begin() -> None:
    """Leave Ctrl-C to the process that started this one, and outlive it in no case."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=end_with_parent, daemon=True).start()


def end_with_parent() -> None:
    """Wait for the end of the process that started this one, were it killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
