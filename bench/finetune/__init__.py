"""Time fine-tuning, see `bench.finetune.__main__`."""
