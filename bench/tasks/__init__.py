"""Fine-tune on published data sets of every kind of label, by every method, and judge on their test sets."""
