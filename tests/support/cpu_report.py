"""`pytest --cpu-report[=ROWS]`: where the CPU time of a run goes, by file and by fixture.

Seconds of CPU, user and system, of the tests' processes and of the processes that they start and wait for.
Of PostgreSQL there is only the sum: its processes are nobody's children.
"""

from collections import Counter
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage

import pytest
from support import databases

BOTH = (RUSAGE_SELF, RUSAGE_CHILDREN)


def pytest_addoption(parser):
    parser.addoption(
        "--cpu-report", type=int, nargs="?", const=30, metavar="ROWS", help="print where the CPU time goes"
    )


def pytest_configure(config):
    if config.option.cpu_report:
        is_worker = hasattr(config, "workerinput")
        config.pluginmanager.register(Meter(config) if is_worker else Report(config))


class Meter:
    """Measures the tests that run in this process; what it learns travels in the reports of the tests."""

    def __init__(self, config):
        self._config = config
        self._reported = 0.0
        self._fixtures = Counter()

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef):
        name = fixturedef.argname
        fixturedef.addfinalizer(lambda: self._add(name, +_cpu_seconds()))
        self._add(name, -_cpu_seconds())
        try:
            return (yield)
        finally:
            self._add(name, +_cpu_seconds())
            # Finalizers run from the last to the first: this one before the fixture's own.
            fixturedef.addfinalizer(lambda: self._add(name, -_cpu_seconds()))

    def _add(self, fixture, seconds):
        self._fixtures[fixture] += seconds

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self):
        self._reported = _cpu_seconds()
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self):
        report = yield
        now = _cpu_seconds()
        report.cpu_seconds, self._reported = now - self._reported, now
        report.cpu_of_fixtures, self._fixtures = dict(self._fixtures), Counter()
        return report

    def pytest_sessionfinish(self):
        if hasattr(self._config, "workeroutput"):
            self._config.workeroutput["cpu_seconds"] = _cpu_seconds()


class Report(Meter):
    """Adds up what all processes measured, and prints it."""

    def __init__(self, config):
        super().__init__(config)
        self._rows = config.option.cpu_report
        self._of_workers = 0.0
        self._by_file = Counter()
        self._by_fixture = Counter()
        self._uses = Counter()

    def pytest_runtest_logreport(self, report):
        self._by_file[report.location[0]] += report.cpu_seconds
        self._by_fixture.update(report.cpu_of_fixtures)
        self._uses.update(report.cpu_of_fixtures.keys() if report.when == "setup" else ())

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node):
        self._of_workers += getattr(node, "workeroutput", {}).get("cpu_seconds", 0.0)

    def pytest_terminal_summary(self, terminalreporter):
        # Workers are children of this process, and may or may not have ended.
        everything = self._of_workers + _cpu_seconds(*([RUSAGE_SELF] if self._of_workers else BOTH))
        in_tests = sum(self._by_file.values())
        terminalreporter.section("seconds of CPU")
        for name, seconds in (
            ("everything but PostgreSQL", everything),
            ("start, collection, reports", everything - in_tests),
            ("PostgreSQL", databases.postgresql_cpu_seconds()),
        ):
            terminalreporter.write_line(f"{seconds:8.1f}  {name}")
        terminalreporter.section("by fixture (uses)", sep="-")
        for name, seconds in self._by_fixture.most_common(self._rows):
            terminalreporter.write_line(f"{seconds:8.1f}  {name} ({self._uses[name]})")
        terminalreporter.section("by file", sep="-")
        for name, seconds in self._by_file.most_common(self._rows):
            terminalreporter.write_line(f"{seconds:8.1f}  {name}")


def _cpu_seconds(*whose):
    return sum(usage.ru_utime + usage.ru_stime for usage in map(getrusage, whose or BOTH))
