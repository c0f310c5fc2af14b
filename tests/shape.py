"""The shape of the embedded model, which these tests embed and tune with."""

import json

from plmkit.models.source import EMBEDDED_FOLDER

_CONFIG = json.loads((EMBEDDED_FOLDER / "config.json").read_text(encoding="utf-8"))
WIDTH: int = _CONFIG["hidden_size"]
HEADS: int = _CONFIG["num_attention_heads"]
LAYERS: int = _CONFIG["num_hidden_layers"]
