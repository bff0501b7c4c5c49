"""The page of the paper's own experiment, section by section."""
