"""The training of 1998: one pattern per update, each weight with its own learning rate (section III.B, appendix C)."""
