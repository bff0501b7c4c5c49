"""The experiment of 1998: a pipeline of its own, `make paper`."""
