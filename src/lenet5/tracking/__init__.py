"""MLflow as a view of the results: what a run holds (`records`), where it goes (`store`), how it gets there (`sync`).

Only this package imports mlflow; `records` does without it, so that describing runs costs no import.
"""
