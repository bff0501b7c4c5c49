"""The stages of the paper's own experiment, one script each."""
