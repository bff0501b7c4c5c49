"""How much each dimension matters for the validation error, by Optuna's functional ANOVA."""

from collections.abc import Sequence

import optuna
from optuna.importance import FanovaImportanceEvaluator, get_param_importances
from optuna.trial import create_trial

from lenet5.params import Search
from lenet5.randomness import derived_seed
from lenet5.study.outcome import Trial
from lenet5.study.space import distributions

DIGITS = 4


def importances(options: Search, trials: Sequence[Trial]) -> dict[str, float]:
    """For each dimension its share of the variance that a random forest explains, the largest first.

    Of the error after the first rung, which all trials reach that did not fail: the later errors are of the better
    trials alone. A dimension with one value has 0, and so has each if fewer than two trials have an error. (fANOVA
    rather than Optuna's default, PED-ANOVA, which looks at the best tenth of the trials: here, often two.)
    """
    first = options.rungs[0]
    space = {name: each for name, each in distributions(options).items() if not each.single()}
    study = optuna.create_study()
    for trial in trials:
        if first in trial.val_error_pct:
            values = trial.hyperparameters.model_dump()
            params = {name: values[name] for name in space}
            study.add_trial(create_trial(params=params, distributions=space, value=trial.val_error_pct[first]))
    shares = dict.fromkeys(options.space, 0.0)
    if space and len({trial.value for trial in study.trials}) > 1:
        evaluator = FanovaImportanceEvaluator(
            n_trees=64, max_depth=64, seed=derived_seed("importances", options.seed) % 2**32
        )
        shares |= get_param_importances(study, evaluator=evaluator, params=list(space), normalize=True)
    rounded = {name: round(float(share), DIGITS) for name, share in shares.items()}
    return dict(sorted(rounded.items(), key=lambda item: -item[1]))
