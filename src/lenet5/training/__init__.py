"""One training job: what it is, how Lightning runs it, how it resumes."""
