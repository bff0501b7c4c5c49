"""MLflow's own pages, on a real server, show what the pipeline records: run list, comparison, chart."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

import pytest
from mlflow import MlflowClient
from playwright.sync_api import Browser, Page

from lenet5.tracking.sync import sync
from tests.browser.chromium import Watched
from tests.browser.conftest import Photographer
from tests.browser.made_runs import BEST, NETWORKS, TRIALS, made_runs
from tests.mlflow_server import mlflow_server
from tests.mlflow_view import empty_database, experiment_id

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
PATIENCE_MS = 90_000
"""MLflow's pages are several megabytes of script, and the machine may be busy."""
NOT_WRONG = (
    # What MLflow's pages ask for even of a server without users, which answers 404.
    "/ajax-api/2.0/mlflow/users/current",
    # On a busy machine a table is laid out over two frames, which the browser tells and MLflow's pages pass on.
    "ResizeObserver loop completed with undelivered notifications",
)
SET_UP = """
localStorage.setItem("mlflow.workflowType_v1", '"machine_learning"');  // "Model training", as the README says
localStorage.setItem("mlflow.assistant.fab.autoOpenedOnFirstLoad_v1", "true");
localStorage.setItem("mlflow.assistant.panelOpen_v1", "false");
"""
PLOTTED = """() => Object.fromEntries(
    document.querySelector(".js-plotly-plot").data.map((line) => [line.name, [line.x, line.y]]))"""


@dataclass(frozen=True)
class Served:
    """A server, and the ids of what it has by name."""

    address: str
    experiment: str
    runs: dict[str, str]

    def several(self, kind: str, names: list[str], **more: object) -> str:
        """The address of a page about several runs."""
        query = {"runs": [self.runs[name] for name in names], "experiments": [self.experiment], **more}
        return f"{self.address}/#/{kind}?" + "&".join(f"{key}={quote(json.dumps(each))}" for key, each in query.items())


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Served]:
    """Asks for the browser first: without one, no server is started in vain."""
    database = tmp_path_factory.mktemp("mlflow") / "mlflow.db"
    database.write_bytes(empty_database())
    uri = f"sqlite:///{database}"
    sync(made_runs(), uri)
    client = MlflowClient(uri)
    experiment = experiment_id(client)
    runs = {str(run.info.run_name): run.info.run_id for run in client.search_runs([experiment])}
    with mlflow_server(database.parent, uri) as address:
        yield Served(address, experiment, runs)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    context.add_init_script(SET_UP)
    context.set_default_timeout(PATIENCE_MS)
    watched = Watched(context.new_page())
    yield watched.page
    watched.errors = [error for error in watched.errors if not any(each in error for each in NOT_WRONG)]
    watched.assert_clean()
    context.close()


def text_of(page: Page) -> str:
    return " ".join(page.locator("main, body").first.inner_text().split())


def test_run_list(served: Served, page: Page, photograph: Photographer) -> None:
    page.goto(f"{served.address}/#/experiments/{served.experiment}/runs")
    names = ["study", *(f"{row}-seed-{seed}" for row, seed in NETWORKS)]
    for name in names:
        page.get_by_role("link", name=name, exact=True).wait_for()
    photograph(page)
    assert page.get_by_text(f"{len(names) + len(TRIALS)} matching runs").is_visible()
    assert "MNIST training" in text_of(page)


def test_best_run_is_found_by_its_test_error(served: Served, page: Page, photograph: Photographer) -> None:
    order = "orderByKey=metrics.%60test%2Ferror_pct%60&orderByAsc=true"
    page.goto(f"{served.address}/#/experiments/{served.experiment}/runs?{order}")
    links = page.get_by_role("link", name="-seed-")
    links.first.wait_for()
    photograph(page)
    assert links.first.inner_text() == "{}-seed-{}".format(*BEST)


def test_comparison(served: Served, page: Page, photograph: Photographer) -> None:
    names = ["trial-000", "trial-002"]
    page.goto(served.several("compare-runs", names))
    page.get_by_text("Comparing 2 Runs").first.wait_for()
    page.locator(".js-plotly-plot .parcoords").first.wait_for(state="attached")
    photograph(page)
    said = text_of(page)
    assert "learning_rate 0.02 0.06" in said
    assert "momentum 0.9 0.9" in said
    assert "val/error_pct 1.5 1.25" in said


def test_chart_of_the_validation_error(served: Served, page: Page, photograph: Photographer) -> None:
    names = ["trial-000", "trial-002", "trial-003"]
    metric = "val/error_pct"
    page.goto(served.several("metric", names, metric=metric, plot_metric_keys=[metric]) + "&x_axis=step")
    lines = page.locator(".scatterlayer .js-line")
    lines.nth(len(names) - 1).wait_for(state="attached")
    photograph(page)
    drawn = {f"trial-{number:03}": [[*range(1, len(errors) + 1)], [*errors]] for number, errors in TRIALS.items()}
    assert page.evaluate(PLOTTED) == {name: drawn[name] for name in names}
    assert all(f"{name} ({metric})" in text_of(page) for name in names)
