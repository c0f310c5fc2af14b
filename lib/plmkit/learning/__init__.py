"""What is learned: training, baselines, evaluation."""
