"""Many re-seedings, on several processes; what is done stays, so that one that was stopped goes on."""

import hashlib
import json

from lenet5.errors import UserError
from lenet5.settings import load_settings
from regression.places import SCRATCH
from regression.running import Run, ended, failure, start

KEPT = SCRATCH / "reseedings"
ErrorsByNumber = dict[int, dict[str, list[float]]]


def reseedings(purpose: str, count: int, run: Run) -> ErrorsByNumber:
    """The error rates in percent of `count` re-seedings of the experiment that `run` is one of.

    Raises:
        UserError: one cannot be trained; the line says where the log is.
    """
    folder = KEPT / purpose / identity(run)
    folder.mkdir(parents=True, exist_ok=True)
    wanted = range(1, count + 1)
    missing = [number for number in wanted if not (folder / f"{number}.json").exists()]
    processes = min(max(load_settings().workers, 1), len(missing))
    logs = [KEPT / f"{purpose}-{part}.log" for part in range(processes)]
    started = [
        start(["regression.reseeding", purpose, str(folder), *map(str, missing[part::processes])], folder, log)
        for part, log in enumerate(logs)
    ]
    for code, log in zip(ended(started), logs, strict=True):
        if code:
            raise UserError(failure(log, code))
    return {number: json.loads((folder / f"{number}.json").read_text()) for number in wanted}


def identity(run: Run) -> str:
    """What a re-seeding depends on, but its seeds: seen in what the experiment gave with its own, on its platform."""
    facts = [run.record.exact[place] for place in ("prepare", "search", "train", "evaluate")]
    return hashlib.sha256(json.dumps([run.record.platform, facts]).encode()).hexdigest()[:16]
