"""The language models: loading, encoding, adapters, heads and the tuned-model bundle.

Axes of arrays, here and above: B proteins of a batch, L tokens, D width of the model, C classes.
"""
