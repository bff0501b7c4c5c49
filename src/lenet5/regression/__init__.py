"""Whether a change made results other, and worse: two runs of the same small experiment, compared in memory."""
