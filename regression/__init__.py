"""The regression gate: trains a small profile of the pipeline and compares it with what the repository keeps of it."""
