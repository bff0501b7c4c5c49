"""The hyperparameter study: what is tried next, what goes on, and what came of it. Only this room knows Optuna."""
