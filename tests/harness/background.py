"""Background work: done by a worker where the service has one, and never lost while it has none."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from tests.harness import mail
from tests.harness.process import Server
from tests.harness.service import Service

# Who closed everything may end as it was told to: by the signal (uv says 143).
CLEAN = {0, -signal.SIGTERM, 128 + signal.SIGTERM}


def end(server: Server, seconds: float) -> None:
    """Stop a server or a worker as an init system does: in time, in peace, and all of it."""
    assert server.terminate(seconds) in CLEAN, server.output()
    assert "Traceback" not in server.output(), server.output()


@contextmanager
def telling(server: Server) -> Iterator[None]:
    """Add to what goes wrong meanwhile what a server or a worker has printed."""
    try:
        yield
    except AssertionError as error:
        error.add_note(f"the output of {server.log.stem}:\n{server.output()}")
        raise


@contextmanager
def background_work(service: Service) -> Iterator[None]:
    """Have background work done: by a worker, or by the server itself where there is none."""
    if service.broker is None:
        yield
        return
    with service.working() as worker, telling(worker):
        yield
        end(worker, seconds=15)
    assert service.worker_is_ready().code == 1, "a worker that is gone is called ready"


def check_that_mail_waits(service: Service, address: str) -> None:
    """Register somebody while no worker runs: the mail comes once one does, and not before."""
    inbox = mail.files(service.path)
    late = mail.register(address)
    assert mail.has_come(inbox, late, seconds=2) is None, "who sent this, without a worker?"
    with service.working() as worker, telling(worker):
        mail.expect(inbox, late)
        end(worker, seconds=15)
