"""`python -m pipeline.runs.live`: shows in MLflow what a stage tells, line by line, on its standard input.

Each line is a list of two: the name of an event, and what it holds.

- `train` or `search`: the stage, the address of MLflow, the params. Always the first.
- `training`: a network of the results table, and its curves so far.
- `rung`: the trials that go on; all others that have begun were stopped. `best_pct`: the smallest error of the trials
  that were complete when the stage began.
- `trial`: its hyperparameters, and its errors after each epoch so far.
- `results`: the errors of the rung's trials after so many epochs; none for one that failed.
- `end`: how the stage has ended. Without it, the stage was killed.

What cannot be shown ends it, with the reason on standard output.

The 1998 experiment has a process of its own (`pipeline.paper.live`), which is told of in the same way.
"""

import json
import os
import queue
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NoReturn, cast

from lenet5.errors import UserError
from lenet5.params import Params
from lenet5.report.tables import row_label
from lenet5.tracking.records import Metric, RunRecord, Status
from pipeline.runs.rows import planned_network, planned_row
from pipeline.runs.setting import Setting, read_setting
from pipeline.runs.study import ERROR, planned_study, planned_trial, trial_curve
from pipeline.runs.summaries import training_curves

SECONDS_BETWEEN_SIGNS = 60.0
PATIENCE_S = 10.0
"""So long may it go on after the stage has ended, or was killed."""

Message = tuple[str, dict[str, Any]]
Messages = queue.SimpleQueue[Message]
RunsOf = Callable[..., object]
"""Makes, of a stage's name and its params, each as JSON, an object with a method for every event that may follow; the
method gives the runs that the event changes."""


class TableRuns:
    """The runs of the train stage."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting

    def training(
        self,
        row: str,
        seed: int,
        hyperparameters: Mapping[str, float],
        epochs: int,
        curves: Sequence[tuple[float, float, float]],
    ) -> Iterator[RunRecord]:
        """A network, below its row."""
        options = self.setting.params.train.rows[row]
        parent = planned_row(self.setting, row, options, hyperparameters, epochs)
        yield parent
        network = planned_network(self.setting, parent, row_label(row, options.head), seed)
        yield network_so_far(network, epochs, curves)


class StudyRuns:
    """The runs of the search stage."""

    def __init__(self, setting: Setting) -> None:
        self.setting, self.search = setting, setting.params.search
        self.study = planned_study(setting)
        self.trials: dict[int, RunRecord] = {}
        self.best_pct: float | None = None

    def rung(self, trials: Sequence[int], best_pct: float | None) -> Iterator[RunRecord]:
        """The study, and the trials that do not go on."""
        if self.best_pct is None:
            self.best_pct = best_pct
        yield self.study
        for number in self.trials.keys() - set(trials):
            if self.trials[number].status == "RUNNING":
                yield self.changed(number, status="KILLED")

    def trial(self, number: int, hyperparameters: Mapping[str, float], errors: Sequence[float]) -> Iterator[RunRecord]:
        """A trial, as far as it has come: what it showed at the rungs, as in the files."""
        if number not in self.trials:
            self.trials[number] = planned_trial(self.setting, self.study, number, hyperparameters)
        rungs = {epoch: errors[epoch - 1] for epoch in self.search.rungs if epoch <= len(errors)}
        yield self.changed(number, metrics=tuple(trial_curve(rungs)))

    def results(self, trials: Sequence[int], errors: Sequence[float | None], epochs: int) -> Iterator[RunRecord]:
        """The trials that have ended, and the best so far."""
        for number, error_pct in zip(trials, errors, strict=True):
            if error_pct is None:
                yield self.changed(number, status="FAILED")
            elif epochs == self.search.rungs[-1]:
                yield self.changed(number, status="FINISHED")
                self.best_pct = error_pct if self.best_pct is None else min(self.best_pct, error_pct)
                best = Metric(ERROR, self.best_pct, number)
                self.study = replace(self.study, metrics=(*self.study.metrics, best))
        yield self.study

    def changed(self, number: int, **changes: Any) -> RunRecord:
        self.trials[number] = replace(self.trials[number], **changes)
        return self.trials[number]


def network_so_far(network: RunRecord, epochs: int, curves: Sequence[tuple[float, float, float]]) -> RunRecord:
    """A network that is trained for `epochs`, with its curves as far as it has come."""
    columns = zip(*curves, strict=True) if curves else ((), (), ())
    status: Status = "FINISHED" if len(curves) == epochs else "RUNNING"
    return replace(network, metrics=tuple(training_curves(*columns)), status=status)


def of_the_stage(stage: str, params: str) -> TableRuns | StudyRuns:
    """What the stage shows that tells of itself."""
    setting = read_setting(Params.model_validate_json(params))
    return TableRuns(setting) if stage == "train" else StudyRuns(setting)


def main(runs_of: RunsOf, experiment: str = "lenet5") -> NoReturn:
    """Show what a stage tells until it ends."""
    code = listen_and_show(runs_of, experiment)
    sys.stdout.flush()
    # Not sys.exit: the stage waits, and there is nothing to be put in order.
    os._exit(code)


def listen_and_show(runs_of: RunsOf, experiment: str) -> int:
    """The exit code: 0, or 1 and the reason on standard output."""
    messages: Messages = queue.SimpleQueue()
    threading.Thread(target=listen, args=(messages,), daemon=True).start()
    stage, content = messages.get()
    if stage == "end":
        return 0
    try:
        tracking_uri = content.pop("tracking_uri")
        show(messages, runs_of(stage, **content), tracking_uri, experiment)
    except UserError as error:
        print(error)
        return 1
    except Exception as error:  # nobody reads a traceback here; the stage needs a reason that it can tell
        print(f"MLflow: {type(error).__name__}: {' '.join(str(error).split())}")
        return 1
    return 0


def listen(messages: Messages) -> None:
    """Put the lines of standard input into the queue; when they end, let what is left take no longer than allowed."""
    for line in sys.stdin:
        messages.put(json.loads(line))
    messages.put(("end", {"status": "KILLED"}))
    time.sleep(PATIENCE_S)
    os._exit(0)


def show(messages: Messages, runs: object, tracking_uri: str, experiment: str) -> None:
    """Show what was told, up to the stage's end. What is told while MLflow is busy is shown in its last state alone."""
    # Late: it imports mlflow, while the pipe is read already.
    from lenet5.tracking.live import LiveView

    view, status = LiveView(tracking_uri, experiment), None
    sign_due = time.monotonic() + SECONDS_BETWEEN_SIGNS
    while status is None:
        records: dict[str, RunRecord] = {}
        for event, content in waiting(messages, sign_due - time.monotonic()):
            if event == "end":
                status = status or cast(Status, content["status"])
            else:
                records |= {record.plan: record for record in getattr(runs, event)(**content)}
        for record in records.values():
            view.show(record)
        if time.monotonic() >= sign_due:
            view.still_there()
            sign_due = time.monotonic() + SECONDS_BETWEEN_SIGNS
    view.end(status)


def waiting(messages: Messages, patience_s: float) -> Iterator[Message]:
    """The next message, if one comes in time, and all that have come meanwhile."""
    try:
        yield messages.get(timeout=max(patience_s, 0))
        while True:
            yield messages.get_nowait()
    except queue.Empty:
        return


if __name__ == "__main__":
    main(of_the_stage)
