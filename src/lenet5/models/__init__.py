"""The networks of the paper, in torch alone."""
