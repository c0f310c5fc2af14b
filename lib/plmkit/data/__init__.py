"""What the user gave us: proteins, labelled examples, splits, windows, batches."""
