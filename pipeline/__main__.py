"""`python -m pipeline STAGE`: set the arithmetic, run one stage, end with one clear line if it cannot be done."""

import importlib
import signal
import sys
from types import FrameType
from typing import NoReturn

from lenet5 import numerics
from lenet5.errors import UserError
from lenet5.params import load_params
from lenet5.settings import load_settings

STAGES = ("download", "prepare", "search", "train", "evaluate", "compare", "track")
GO_ON = {"search": "`make study` goes on from there"}


def main(arguments: list[str]) -> int:
    """Run the stage that `arguments` name; the exit code is 0, 1 (said on stderr), 130 (Ctrl-C) or 143 (SIGTERM)."""
    # DVC takes exit 0 for success, and Lightning 2.6.6 ends with 0 on SIGTERM (Lightning-AI/pytorch-lightning#19916).
    signal.signal(signal.SIGTERM, stop)
    if len(arguments) != 1 or arguments[0] not in STAGES:
        print(f"usage: python -m pipeline {{{'|'.join(STAGES)}}}", file=sys.stderr)
        return 2
    name = arguments[0]
    try:
        params, settings = load_params(), load_settings()
        numerics.set_up(params.numerics)
        # Imported only now: torch and numpy must find the arithmetic set.
        importlib.import_module(f"pipeline.{name}").main(params, settings)
    except UserError as error:
        print(f"{name}: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{name}: {error.filename or 'a file'}: {error.strerror or error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        how = GO_ON.get(name, "run it again to go on")
        print(f"{name}: stopped; what had finished is kept, {how}", file=sys.stderr)
        return 130
    return 0


def stop(number: int, _frame: FrameType | None) -> NoReturn:
    """Leave through the ordinary exception path, so that temporary files are removed and workers end."""
    raise SystemExit(128 + number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
