"""How a run ends early: an interrupt, a server that is gone; the last line names it."""

import signal

import pytest
from _pytest.terminal import TerminalReporter

from drydock.variants.results import LOST
from tests.harness import reaper, servers


def end_as_on_ctrl_c() -> None:
    """Take SIGTERM as Ctrl-C: by itself Python ends at once, and says nothing."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def blame_servers(report: pytest.TestReport) -> None:
    """Where a test failed because a server is gone, say that, and nothing else."""
    if report.failed and (gone := servers.lost()):
        report.longrepr = "\n".join(gone)
        report.user_properties += [(LOST, line) for line in gone]


class Ending:
    """Follows a run in its first process."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.done = self.all = 0
        self.gone: list[str] = []
        self.interrupted = False

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.all = len(session.items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        self.all = len(ids)

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """End the run once a test that lost a server has been reported to its end."""
        found = [str(line) for name, line in report.user_properties if name == LOST]
        self.gone += [line for line in found if line not in self.gone]
        if report.when == "teardown":
            self.done += 1
            if self.gone:
                pytest.exit("a server is gone")

    def pytest_keyboard_interrupt(self) -> None:
        """Wait for no worker: each is in the middle of a test, which can take minutes."""
        self.interrupted = True
        reaper.end_the_others()

    def pytest_unconfigure(self) -> None:
        terminal = self.config.pluginmanager.get_plugin("terminalreporter")
        if isinstance(terminal, TerminalReporter):
            for line in self.lines():
                terminal.write_line(line)

    def lines(self) -> list[str]:
        """Say why the run ended before its end, and how to go on."""
        if self.gone or not self.interrupted:
            return self.gone
        return [
            f"Interrupted: {self.done} of {self.all} done. Run it again: "
            "a variant that passed is kept."
        ]
