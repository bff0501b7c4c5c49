"""What MLflow shows as the description of a run: how it stands, what it is of, and how to get it again."""

from collections.abc import Mapping

from lenet5.tracking.records import Dataset
from pipeline.runs.setting import Setting, again
from pipeline.study_results import Trial


def note(*paragraphs: str) -> dict[str, str]:
    """The tag that holds the description, in Markdown."""
    return {"mlflow.note.content": "\n\n".join(paragraphs) + "\n"}


def row_verdict(compared: Mapping[str, str]) -> str:
    """A row beside the paper's number; `compared` is its line of comparison.csv."""
    count = int(compared["seeds"])
    here = f"{compared['error_pct']} %, the mean of {count} networks" if count > 1 else f"{compared['error_pct']} %"
    interval = f"interval {compared['ci_low']} to {compared['ci_high']} %"
    paper = f"the paper has {compared['paper_error_pct']} % ({compared['paper_source']})"
    return f"Test error of the row {compared['row']}: {here} ({interval}); {paper}: **{compared['verdict']}**."


def network_error(seed: int, error_pct: float) -> str:
    return f"This network, trained with seed {seed}, gets **{error_pct:.2f} %** of the test patterns wrong."


def trial_course(trial: Trial) -> str:
    """How far a trial came, and why not further."""
    if trial.state == "FAILED":
        return f"FAILED: {trial.reason}."
    ends = {"COMPLETE": "trained to the end", "PRUNED": "stopped early, others of its round were better"}
    error = f"{trial.val_error_pct:.2f} % of the validation patterns wrong after epoch {trial.epochs}"
    return f"{error}; {ends[trial.state]}."


def study_best(number: int, error_pct: float) -> str:
    return f"Best: trial {number}, **{error_pct:.2f} %** of the validation patterns wrong."


def learnt_from(*datasets: Dataset) -> str:
    """The data, as exactly as the files' hashes say it."""
    parts = [f"{each.name} ({each.patterns:,} patterns of `{each.path}`, MD5 `{each.digest}`)" for each in datasets]
    return f"Data: {'; '.join(parts)}."


def how_to_repeat(setting: Setting, stage: str) -> str:
    """The command, with the commit; it says if that commit is not all."""
    changed = "With changes to code or params that are not in git, and from there:\n\n" if is_dirty(setting) else ""
    return f"Again:\n\n{changed}    {again(setting, stage)}"


def is_dirty(setting: Setting) -> bool:
    return setting.commit is not None and setting.commit.is_dirty
