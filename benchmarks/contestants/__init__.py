"""Those who are measured side by side, each in a process of its own: `python -m benchmarks.contestants NAME ...`.

Every module offers `work(options)`: one measurement as a function that gives the number of images it dealt with.
"""
