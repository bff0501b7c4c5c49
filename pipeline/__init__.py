"""The DVC stages: the only place that knows files, stages and their order."""
