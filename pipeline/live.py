"""What a stage tells of its trainings while they run, to a process that shows them in MLflow.

Another process, since MLflow takes seconds to import and may answer late or not at all, none of which a training should
notice: the stage only puts a message into a queue. If that process fails, the stage says so in one line, once, and
`track` shows later what is missing.
"""

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self

from lenet5.blocks import Block
from lenet5.settings import Settings

if TYPE_CHECKING:
    from lenet5.training.job import Epoch, Job
    from lenet5.workers.interface import Workers

# DVC's signs that MLflow shows the results, of the main pipeline and of the 1998 one. Each is an out that is neither
# cached nor in git: a fresh clone lacks it, so that DVC runs track there, even if all results came from a cache.
TRACKED = Path(".cache/tracked.json")
TRACKED_1998 = Path(".cache/tracked-1998.json")
MOST_MESSAGES = 10_000
"""So many may wait for the process that shows them; then it is given up."""
PATIENCE_S = 2.0
"""So long may it take to show the last of them when the stage ends."""

Messages = queue.SimpleQueue[str | None]


class Live:
    """Tells of one stage's trainings; it starts nothing before the first of them."""

    def __init__(
        self,
        stage: str,
        settings: Settings,
        shown_by: str = "pipeline.runs.live",
        tracked: Path = TRACKED,
        **params: Block,
    ) -> None:
        """Have the module `shown_by` show the trainings, which is told the `params` of the stage first."""
        self.stage, self.settings, self.params = stage, settings, params
        self.shown_by, self.tracked = shown_by, tracked
        self.messages: Messages = queue.SimpleQueue()
        self.process: subprocess.Popen[str] | None = None
        self.is_on = settings.live

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, _error: object, _trace: object) -> None:
        if self.process is None:
            return
        stopped = kind is not None and not issubclass(kind, Exception)
        self.tell("end", status="KILLED" if stopped else "FAILED" if kind else "FINISHED")
        self.messages.put(None)
        try:
            failed = self.process.wait(PATIENCE_S if self.is_on else 0) != 0
        except subprocess.TimeoutExpired:
            self._give_up("it takes too long")
        else:
            if failed:
                self._give_up("it cannot be filled")

    def tell(self, event: str, **content: Any) -> None:
        """Tell of an event; which there are, and what they hold, is said by the module that shows it."""
        if self.is_on and self.process is None:
            self._start()
        if not self.is_on or self.process is None:
            return
        if self.process.poll() is not None:
            self._give_up("it cannot be filled")
        elif self.messages.qsize() >= MOST_MESSAGES:
            self._give_up("it takes too long")
        else:
            self.messages.put(json.dumps([event, content]))

    def _start(self) -> None:
        # What comes now is not what MLflow was filled with: DVC is to run track, even if the same results come out.
        self.tracked.unlink(missing_ok=True)
        # A session of its own: Ctrl-C is for the stage, which then tells of its end.
        self.process = subprocess.Popen(
            [sys.executable, "-m", self.shown_by],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        assert self.process.stdin
        threading.Thread(target=hand_over, args=(self.messages, self.process.stdin), daemon=True).start()
        params = {name: block.model_dump_json() for name, block in self.params.items()}
        self.tell(self.stage, tracking_uri=self.settings.tracking_uri, **params)

    def _give_up(self, otherwise: str) -> None:
        """End the process, and say once why MLflow does not show this stage: by what it said last, if it did."""
        assert self.process and self.process.stdout
        self.process.kill()
        self.process.wait()
        if self.is_on:
            self.is_on = False
            said = self.process.stdout.read().strip().splitlines()
            reason = said[-1] if said else f"MLflow: {otherwise}"
            print(f"{self.stage}: {reason}; no result suffers, and track will show them", file=sys.stderr)


def hand_over(messages: Messages, pipe: IO[str]) -> None:
    """Write the messages into the pipe, up to None; wait for the process at its other end where it is late."""
    try:
        with pipe:
            while (message := messages.get()) is not None:
                print(message, file=pipe, flush=True)
    except OSError:
        return  # the process has ended, as the next message will find


def known_epochs(workers: "Workers", jobs: "Sequence[Job]") -> "list[Sequence[Epoch]]":
    """How far each job has come, by the job cache."""
    found = [workers.cache.furthest(job) for job in jobs]
    return [result.history if result else () for result in found]
