"""The rows of the report, a function each: it measures, and gives one `Measurement` after the other."""
