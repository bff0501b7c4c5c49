"""The runs of the 1998 experiment in MLflow, as far as they are known before anything is trained."""

from dataclasses import dataclass, replace
from pathlib import Path

from lenet5.params import Params
from lenet5.sdlm.params import PaperParams, PaperRow
from lenet5.tracking.records import Dataset, RunRecord, fingerprint
from pipeline.paper.files import CHOSEN
from pipeline.runs.dvc_lock import read_lock
from pipeline.runs.setting import TRAINING_PATTERNS, Setting, as_pair, made_by, read_mapping, read_setting, text, texts

EXPERIMENT = "lenet5-1998"
LOCK = Path("pipeline/paper/dvc.lock")
COMMAND = "make paper"


@dataclass(frozen=True)
class PaperSetting:
    """What is known before a row is trained; `conventions` are those that `choose` chose."""

    setting: Setting
    paper: PaperParams
    conventions: dict[str, str]


def read_paper_setting(params: Params, paper: PaperParams) -> PaperSetting:
    """Read what is known before a row is trained.

    Raises:
        UserError: a file is missing or damaged.
    """
    # By the locks of both pipelines: this one stands on the data of the other.
    setting = replace(read_setting(params), lock=read_lock() | read_lock(LOCK))
    return PaperSetting(setting, paper, texts(read_mapping(CHOSEN, "conventions")["conventions"]))


def planned_row(known: PaperSetting, name: str) -> RunRecord:
    """What is known of a row before its networks are trained."""
    row, seeds = known.paper.train.rows[name], known.paper.train.seeds
    params, datasets = params_of(row, known), trained_on(row, known)
    plan = fingerprint("row of 1998", name, params, datasets)
    return RunRecord.planned(
        plan,
        name=f"{name}, mean of {len(seeds)}",
        params=params,
        tags=tags_of("row", "evaluate", known) | {"row": name},
        datasets=datasets,
    )


def planned_network(known: PaperSetting, row: RunRecord, seed: int) -> RunRecord:
    """What is known of one of a row's networks before it is trained."""
    name, params = row.tags["row"], {**row.params, "seed": text(seed)}
    plan = fingerprint("network of 1998", name, params, row.datasets)
    return RunRecord.planned(
        plan,
        name=f"{name}, seed {seed}",
        params=params,
        tags=tags_of("network", "train", known) | {"row": name, "seed": text(seed)},
        datasets=row.datasets,
        parent=row.plan,
    )


def params_of(row: PaperRow, known: PaperSetting) -> dict[str, str]:
    """What a row's networks have in common, named as in the params files."""
    params, paper = known.setting.params, known.paper
    ranges = {f"distortions.{name}": text(as_pair(value)) for name, value in params.distortions.model_dump().items()}
    schedule = {f"schedule.{name}": text(value) for name, value in paper.schedule.model_dump().items()}
    drawn = {"versions": text(paper.train.versions)} | ranges if row.distortions else {}
    own = texts({"size": row.size or TRAINING_PATTERNS, "distortions": row.distortions})
    arithmetic = {"numerics": params.numerics}
    return arithmetic | {"network": "lenet5", "head": "rbf"} | own | known.conventions | schedule | drawn


def trained_on(row: PaperRow, known: PaperSetting) -> tuple[Dataset]:
    return (known.setting.training._replace(patterns=row.size or TRAINING_PATTERNS),)


def tags_of(kind: str, stage: str, known: PaperSetting) -> dict[str, str]:
    """How a result is made."""
    return made_by(known.setting, stage) | {"kind": kind, "mlflow.source.name": COMMAND, "command": again(known)}


def again(known: PaperSetting) -> str:
    """What to type to get all of it again."""
    commit = known.setting.commit
    return f"git checkout {commit.sha[:10]} && {COMMAND}" if commit else COMMAND
