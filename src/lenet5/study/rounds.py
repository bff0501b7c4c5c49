"""The study's course: in rounds, by rungs. Optuna asks and is told here; the jobs run wherever they run.

A round of trials is asked as a whole, trained rung by rung, and told in trial order. What is tried next depends on
(study seed, trial number, told results) alone, and what was asked or reported before a crash is read again from the
store. So the study does not depend on the number of workers or on interruptions, which Optuna itself does not offer
(optuna/optuna#3056).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from optuna.trial import FrozenTrial, TrialState

from lenet5.hyperparameters import Hyperparameters
from lenet5.params import Search
from lenet5.study.identity import attributes
from lenet5.study.outcome import State, Trial
from lenet5.study.pruning import Standing, going_on
from lenet5.study.sampling import Proposals
from lenet5.study.space import distributions, hyperparameters
from lenet5.study.store import REASON, Store, blaming, open_store

STATES: dict[TrialState, State] = {
    TrialState.COMPLETE: "COMPLETE",
    TrialState.PRUNED: "PRUNED",
    TrialState.FAIL: "FAILED",
}


@dataclass(frozen=True)
class Failure:
    """A training that could not be brought to its end, and why."""

    reason: str


Evaluate = Callable[[Sequence[Hyperparameters], int], Sequence[float | Failure]]
"""Trains each configuration up to the given epoch; gives the validation errors in percent, in the same order."""
Cost = Callable[[Hyperparameters], int]
"""The multiply-adds of a configuration's network."""


@dataclass(frozen=True)
class StudyOpened:
    """So many rounds are done already; `best_pct` is the smallest error of a complete trial, if there is one."""

    rounds_done: int
    best_pct: float | None


@dataclass(frozen=True)
class RungStarted:
    """These trials of a round are about to be trained up to the rung's epoch."""

    round: int
    rung: int
    trials: tuple[int, ...]


@dataclass(frozen=True)
class RungDone:
    """So many trials of a round go on after a rung; `best_pct` is the rung's smallest error, if any trial has one."""

    round: int
    rung: int
    going_on: int
    best_pct: float | None


Event = StudyOpened | RungStarted | RungDone
Tell = Callable[[Event], None]


def run_study(options: Search, name: str, storage: str, evaluate: Evaluate, cost: Cost, tell: Tell) -> list[Trial]:
    """Run the study `name` in `storage`, or what is missing of it, and return its trials.

    Raises:
        UserError: the storage cannot be used, or not any more.
    """
    store = open_store(storage, name, options.objectives)
    with blaming(storage):
        store.describe(attributes(options))
        return Rounds(options, store, evaluate, cost, tell).run()


class Rounds:
    """Runs a study, or what is missing of it in its store."""

    def __init__(self, options: Search, store: Store, evaluate: Evaluate, cost: Cost, tell: Tell) -> None:
        self.options, self.store, self.evaluate, self.cost, self.tell = options, store, evaluate, cost, tell
        known = store.trials()
        self.proposals = Proposals(options, known)
        self.trials = [self.as_trial(frozen) for frozen in known]

    def run(self) -> list[Trial]:
        """All trials that params.yaml asks for, in the order they were asked."""
        rounds = self.options.trials // self.options.round_size
        told = self.trials[: self.options.trials]
        complete = [trial.final_error_pct for trial in told if trial.state == "COMPLETE"]
        done = sum(self.is_done(number) for number in range(rounds))
        self.tell(StudyOpened(done, min(complete, default=None)))
        for number in range(rounds):
            if not self.is_done(number):
                self.run_round(number)
        return self.trials[: self.options.trials]

    def run_round(self, number: int) -> None:
        """Ask, train by rungs, and tell one round; of what was done before a crash, only what is missing."""
        while len(self.trials) < (number + 1) * self.options.round_size:
            self.ask()
        left = self.of_round(number)
        for rung, epochs in enumerate(self.options.rungs):
            left = self.run_rung(number, rung, left)
            done = [trial.val_error_pct[epochs] for trial in left]
            self.tell(RungDone(number, rung, len(left), min(done, default=None)))

    def of_round(self, number: int) -> list[Trial]:
        """The trials of a round, as far as they were asked."""
        return self.trials[number * self.options.round_size : (number + 1) * self.options.round_size]

    def is_done(self, number: int) -> bool:
        """Whether all trials of a round were told."""
        trials = self.of_round(number)
        return len(trials) == self.options.round_size and all(trial.state != "RUNNING" for trial in trials)

    def ask(self) -> None:
        """Draw the next trial, then put it into the store."""
        number = len(self.trials)
        drawn = self.proposals.ask(number)
        trial = self.new_trial(number, drawn)
        self.store.add(drawn, distributions(self.options), {"multiply_adds": trial.multiply_adds})
        self.trials.append(trial)

    def run_rung(self, number: int, rung: int, entered: list[Trial]) -> list[Trial]:
        """Train what has no error at this rung yet, and give those that go on; the others are told."""
        epochs, last = self.options.rungs[rung], rung == len(self.options.rungs) - 1
        todo = [trial for trial in entered if epochs not in trial.val_error_pct and trial.state == "RUNNING"]
        if todo:
            self.tell(RungStarted(number, rung, tuple(trial.number for trial in todo)))
            results = self.evaluate([trial.hyperparameters for trial in todo], epochs)
            for trial, result in zip(todo, results, strict=True):
                self.note(trial, result, epochs)
        standing = [trial for trial in entered if epochs in trial.val_error_pct]
        if last:
            kept = {trial.number for trial in standing}
        else:
            standings = [Standing(each.number, each.val_error_pct[epochs], each.multiply_adds) for each in standing]
            kept = going_on(self.options, standings, len(entered), self.errors_before(number, epochs))
        for trial in standing:
            if last or trial.number not in kept:
                self.finish(trial, TrialState.COMPLETE if last else TrialState.PRUNED)
        return [trial for trial in standing if trial.number in kept]

    def errors_before(self, number: int, epochs: int) -> list[float]:
        """The errors after `epochs` in the rounds before this one."""
        before = self.trials[: number * self.options.round_size]
        return [trial.val_error_pct[epochs] for trial in before if epochs in trial.val_error_pct]

    def note(self, trial: Trial, result: float | Failure, epochs: int) -> None:
        """Keep what a training gave: an error, or that it failed."""
        if isinstance(result, Failure):
            trial.state, trial.reason = "FAILED", result.reason
            self.store.tell(trial.number, TrialState.FAIL, None, result.reason)
            self.proposals.tell(trial.number, TrialState.FAIL, None)
        else:
            trial.val_error_pct[epochs] = result
            self.store.report(trial.number, result, epochs)
            self.proposals.report(trial.number, result, epochs)

    def finish(self, trial: Trial, state: TrialState) -> None:
        """Tell the end of a trial, unless that was done before a crash."""
        if trial.state != "RUNNING":
            return
        trial.state = STATES[state]
        results = [trial.final_error_pct, float(trial.multiply_adds)][: len(self.options.objectives)]
        values = results if state == TrialState.COMPLETE else None
        self.store.tell(trial.number, state, values)
        self.proposals.tell(trial.number, state, values)

    def as_trial(self, frozen: FrozenTrial) -> Trial:
        """Optuna's record as ours."""
        trial = self.new_trial(frozen.number, frozen.params)
        trial.val_error_pct = dict(sorted(frozen.intermediate_values.items()))
        trial.state = STATES.get(frozen.state, "RUNNING")
        trial.reason = frozen.user_attrs.get(REASON, "") if trial.state == "FAILED" else ""
        return trial

    def new_trial(self, number: int, drawn: dict[str, object]) -> Trial:
        chosen = hyperparameters(self.options, drawn)
        return Trial(number, number // self.options.round_size, drawn, chosen, self.cost(chosen))
