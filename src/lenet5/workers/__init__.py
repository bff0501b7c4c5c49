"""Where jobs run: in this process, on N processes of this machine, or on a Ray cluster. The results are the same."""
