"""The 1998 LeNet-5 results as a living, checkable experiment."""
