"""A head on embeddings by scikit-learn: one hidden layer of tanh, as wide as the model, steps of Adam."""

from __future__ import annotations

import numpy as np
from bench.finetune.setting import BATCH, HEAD_EXAMPLES, SEED, Setting
from sklearn.neural_network import MLPRegressor
from threadpoolctl import threadpool_limits


class SklearnHead:
    def __init__(self, setting: Setting) -> None:
        chance = np.random.default_rng(SEED)
        self.vectors = chance.standard_normal((HEAD_EXAMPLES, setting.width), dtype=np.float32)
        self.labels = chance.standard_normal(HEAD_EXAMPLES, dtype=np.float32)
        self.network = MLPRegressor(
            hidden_layer_sizes=(setting.width,), activation="tanh", batch_size=BATCH, random_state=SEED
        )
        self.threads, self.examples = setting.threads, HEAD_EXAMPLES

    def prepare(self) -> None:
        """Embeddings are given."""

    def epoch(self) -> None:
        with threadpool_limits(self.threads):
            self.network.partial_fit(self.vectors, self.labels)
