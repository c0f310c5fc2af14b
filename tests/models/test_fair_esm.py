"""ESM-2 gives the states of its authors' own package, fair-esm, for the same weights."""

from __future__ import annotations

from pathlib import Path

import esm
import torch
from safetensors.torch import load_file
from tests.models.published import LAYERS, published

from plmkit.models.backbone import load_backbone
from plmkit.models.readers import fast_reader
from plmkit.models.source import open_model

PROTEINS = ["MKTAYIAKQRQISFVKSHFSRQLEERLGLIEVQAPILSRVGDGTQDNL", "ACDEFGHIKLMNPQRSTVWYX", "MK"]
# transformers' names of a layer's parts, and those of fair-esm
PARTS = {
    "attention.self.query": "self_attn.q_proj",
    "attention.self.key": "self_attn.k_proj",
    "attention.self.value": "self_attn.v_proj",
    "attention.output.dense": "self_attn.out_proj",
    "attention.LayerNorm": "self_attn_layer_norm",
    "intermediate.dense": "fc1",
    "output.dense": "fc2",
    "LayerNorm": "final_layer_norm",
}


def of_the_authors(folder: Path) -> esm.ESM2:
    """Return their model with the weights of a folder of transformers."""
    # transformers writes weight and bias of some norms by their older names
    saved = {
        key.replace(".gamma", ".weight").replace(".beta", ".bias"): value
        for key, value in load_file(folder / "model.safetensors").items()
    }
    weights = {"embed_tokens.weight": saved["esm.embeddings.word_embeddings.weight"]}
    for kind in ("weight", "bias"):
        weights[f"emb_layer_norm_after.{kind}"] = saved[f"esm.encoder.emb_layer_norm_after.{kind}"]
        for layer in range(LAYERS):
            for theirs, ours in PARTS.items():
                weights[f"layers.{layer}.{ours}.{kind}"] = saved[f"esm.encoder.layer.{layer}.{theirs}.{kind}"]
    model = esm.ESM2(num_layers=LAYERS, embed_dim=32, attention_heads=4, alphabet="ESM-1b", token_dropout=True)
    missing, unexpected = model.load_state_dict(weights, strict=False)
    assert not unexpected
    assert all(key.startswith(("lm_head.", "contact_head.")) or key.endswith("inv_freq") for key in missing)
    return model.eval()


def test_token_ids_and_states_are_those_of_fair_esm(tmp_path: Path) -> None:
    folder = published("esm2", tmp_path)
    theirs = of_the_authors(folder)
    with open_model(str(folder), None) as files:
        backbone = load_backbone(files, torch.device("cpu"))
    convert = theirs.alphabet.get_batch_converter()
    layers = list(range(LAYERS + 1))
    ours = fast_reader(load_backbone(files, torch.device("cpu")), torch.float32)
    for protein in PROTEINS:
        tokens = convert([("", protein)])[2]
        own = torch.from_numpy(backbone.tokenizer.encode(protein))
        assert own.tolist() == tokens[0].tolist()
        with torch.inference_mode():
            expected = theirs(tokens, repr_layers=layers)["representations"]
            for encoder in (backbone, ours):
                for layer, states in zip(layers, encoder.states(own, [len(own)], layers), strict=True):
                    torch.testing.assert_close(states, expected[layer][0], atol=2e-5, rtol=1e-4)
