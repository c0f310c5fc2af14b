"""Model folders in the layout of the published repositories, key for key and file for file, with small random weights.

The published weights are not at hand. Every weight is random, shifts and norms too, idle in a usual beginning.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tokenizers
import torch
from tokenizers import models, pre_tokenizers, processors
from torch import nn
from transformers import (
    BertConfig,
    BertForMaskedLM,
    EsmcConfig,
    EsmcForMaskedLM,
    EsmConfig,
    EsmForMaskedLM,
    EsmTokenizer,
    T5Config,
    T5EncoderModel,
    T5ForConditionalGeneration,
)
from transformers.utils import sentencepiece_model_pb2_new as pieces_format

RESIDUES = "ACDEFGHIKLMNPQRSTVWY"
ESM_VOCABULARY = "<cls> <pad> <eos> <unk> L A G V S E R T I D P K Q N F Y M H W C X B U Z O . - <null_1> <mask>".split()  # noqa: SIM905  as in vocab.txt
SAPROT_VOCABULARY = [
    *("<cls>", "<pad>", "<eos>", "<unk>", "<mask>"),
    *(residue + state for residue in RESIDUES + "#" for state in "pynwrqhgdlvtmfsaeikc#"),
]
BERT_VOCABULARY = "[PAD] [UNK] [CLS] [SEP] [MASK] L A G V E S I K R D T P N Q F Y M H C W X U B Z O".split()  # noqa: SIM905
T5_SPECIAL = ("<pad>", "</s>", "<unk>")
T5_RESIDUES = "ALGVSREDTIPKFQNYMHWCXBOUZ"
LAYERS = 3


@dataclass(frozen=True)
class Sizes:
    """How large a model is."""

    width: int = 32
    layers: int = LAYERS
    heads: int = 4
    inner: int = 128


TINY = Sizes()


def _randomised(network: nn.Module) -> None:
    torch.manual_seed(3)
    with torch.no_grad():
        for weight in network.parameters():
            weight.add_(torch.randn_like(weight), alpha=0.1)


def _saved(folder: Path, network: Any, dtype: torch.dtype = torch.float32) -> None:
    _randomised(network)
    network.to(dtype).save_pretrained(folder)


def _vocabulary(folder: Path, tokens: Sequence[str]) -> None:
    (folder / "vocab.txt").write_text("\n".join(tokens) + "\n", encoding="utf-8")


def _json(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2), encoding="utf-8")


def _esm(folder: Path, sizes: Sizes, tokens: Sequence[str], positions: str, norm_before: bool) -> None:
    config = EsmConfig(
        vocab_size=len(tokens),
        pad_token_id=1,
        mask_token_id=tokens.index("<mask>"),
        hidden_size=sizes.width,
        num_hidden_layers=sizes.layers,
        num_attention_heads=sizes.heads,
        intermediate_size=sizes.inner,
        max_position_embeddings=1026,
        layer_norm_eps=1e-5,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        position_embedding_type=positions,
        token_dropout=True,
        emb_layer_norm_before=norm_before,
    )
    _saved(folder, EsmForMaskedLM(config))
    _vocabulary(folder, tokens)
    EsmTokenizer(folder / "vocab.txt").save_pretrained(folder)


def esm2(folder: Path, sizes: Sizes) -> None:
    """facebook/esm2_*."""
    _esm(folder, sizes, ESM_VOCABULARY, positions="rotary", norm_before=False)


def esm1b(folder: Path, sizes: Sizes) -> None:
    """facebook/esm1b_t33_650M_UR50S."""
    _esm(folder, sizes, ESM_VOCABULARY, positions="absolute", norm_before=True)


def esm1v(folder: Path, sizes: Sizes) -> None:
    """facebook/esm1v_t33_650M_UR90S_*."""
    _esm(folder, sizes, ESM_VOCABULARY, positions="absolute", norm_before=False)


def saprot(folder: Path, sizes: Sizes) -> None:
    """westlake-repl/SaProt_*."""
    _esm(folder, sizes, SAPROT_VOCABULARY, positions="rotary", norm_before=False)


def esmc(folder: Path, sizes: Sizes) -> None:
    """biohub/ESMC-*: the vocabulary is part of transformers."""
    config = EsmcConfig(
        hidden_size=sizes.width,
        intermediate_size=sizes.inner,
        num_hidden_layers=sizes.layers,
        num_attention_heads=sizes.heads,
    )
    _saved(folder, EsmcForMaskedLM(config))


def protbert(folder: Path, sizes: Sizes) -> None:
    """Rostlab/prot_bert."""
    config = BertConfig(
        vocab_size=30,
        hidden_size=sizes.width,
        num_hidden_layers=sizes.layers,
        num_attention_heads=sizes.heads,
        intermediate_size=sizes.inner,
        max_position_embeddings=2050,
        type_vocab_size=2,
    )
    _saved(folder, BertForMaskedLM(config))
    _vocabulary(folder, BERT_VOCABULARY)
    _json(folder / "tokenizer_config.json", {"do_lower_case": False})


def _t5_config(sizes: Sizes, vocabulary: int, **settings: Any) -> T5Config:
    return T5Config(
        vocab_size=vocabulary,
        d_model=sizes.width,
        d_kv=sizes.width // sizes.heads,
        d_ff=sizes.inner,
        num_heads=sizes.heads,
        num_layers=sizes.layers,
        num_decoder_layers=1,
        relative_attention_max_distance=16,
        relative_attention_num_buckets=8,
        **settings,
    )


def _pieces(folder: Path) -> None:
    """Write spiece.model as SentencePiece does: the special tokens, then a piece for each residue."""
    kinds = pieces_format.ModelProto.SentencePiece
    made = pieces_format.ModelProto()
    for token in (*T5_SPECIAL, *(f"▁{letter}" for letter in T5_RESIDUES)):
        kind = {"<unk>": kinds.UNKNOWN, "<pad>": kinds.CONTROL, "</s>": kinds.CONTROL}.get(token, kinds.NORMAL)
        made.pieces.add(piece=token, score=-1.0, type=kind)
    specification = made.trainer_spec
    specification.pad_id, specification.eos_id, specification.unk_id, specification.bos_id = 0, 1, 2, -1
    (folder / "spiece.model").write_bytes(made.SerializeToString())


def prott5(folder: Path, sizes: Sizes) -> None:
    """Rostlab/prot_t5_xl_half_uniref50-enc: the encoder alone, in half precision."""
    _saved(folder, T5EncoderModel(_t5_config(sizes, 128)), torch.float16)
    _pieces(folder)


def prott5_whole(folder: Path, sizes: Sizes) -> None:
    """Rostlab/prot_t5_xl_uniref50: with its decoder."""
    _saved(folder, T5ForConditionalGeneration(_t5_config(sizes, 128)))
    _pieces(folder)


def prostt5(folder: Path, sizes: Sizes) -> None:
    """Rostlab/ProstT5."""
    _saved(folder, T5ForConditionalGeneration(_t5_config(sizes, 150)))
    _pieces(folder)
    _json(folder / "added_tokens.json", {"<fold2AA>": 148, "<AA2fold>": 149})


def ankh(folder: Path, sizes: Sizes) -> None:
    """ElnaggarLab/ankh-*: residues are whole words without a mark before them, products are gated."""
    _saved(folder, T5ForConditionalGeneration(_t5_config(sizes, 144, feed_forward_proj="gated-gelu")))
    vocabulary = [(token, 0.0) for token in (*T5_SPECIAL, *T5_RESIDUES)]
    fast = tokenizers.Tokenizer(models.Unigram(vocabulary, unk_id=2))
    fast.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    fast.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    fast.save(str(folder / "tokenizer.json"))


LAYOUTS: dict[str, Callable[[Path, Sizes], None]] = {
    made.__name__: made for made in (esm2, esm1b, esm1v, saprot, esmc, prott5, prott5_whole, prostt5, ankh, protbert)
}


def published(name: str, folder: Path, sizes: Sizes = TINY) -> Path:
    """Write a model of a layout; return its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    LAYOUTS[name](folder, sizes)
    return folder
