"""What MLflow is to show, described from the files that the stages wrote."""
