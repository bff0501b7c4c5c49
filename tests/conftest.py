"""What holds for all tests: the portable arithmetic, and in CI no skips and no luck."""

import os
import signal
from collections.abc import Generator
from typing import TypeVar

import hypothesis
import pytest

from lenet5 import numerics

# Before any test module loads torch or numpy. Processes that tests start inherit it.
numerics.set_up("portable")
# Ray listens on the loopback interface alone, and tells nobody. It reads this when it is imported.
os.environ |= {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "RAY_USAGE_STATS_ENABLED": "0"}
# Stages show nothing in MLflow while they run, but for those whose test is about that: it takes longer than they do.
os.environ["LENET5_LIVE"] = "0"
# A shell that starts a job in the background makes it deaf to Ctrl-C, and so all that it starts.
signal.signal(signal.SIGINT, signal.default_int_handler)

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)

IN_CI = os.environ.get("CI") == "true"

# No deadline: on a shared machine the time of one example says nothing.
hypothesis.settings.register_profile("lenet5", deadline=None, derandomize=IN_CI)
hypothesis.settings.load_profile("lenet5")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a test that would be skipped, if this is CI."""
    report = yield
    return refuse_skip(report)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a whole module that skips itself."""
    report = yield
    return refuse_skip(report)


def refuse_skip(report: Report) -> Report:
    """In CI everything that a test may lack is installed, so that a skip there hides a missing test."""
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI does not allow: {report.longrepr}"
    return report
