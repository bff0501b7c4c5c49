"""The page: one HTML file that holds all it shows, the figures, a trained network and the code that runs it too."""
