"""Families of language models: what their tokenizer must do, where adapters go, what they were made for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from plmkit.data.states import UNKNOWN_STATE, together
from plmkit.errors import UserError

Architecture = Literal["esm", "esmc", "t5", "bert"]


@dataclass(frozen=True)
class Family:
    """What all checkpoints of one kind share.

    model_type, vocabulary and positions: by which config.json it is known (None: any). letters: those with a token of
    their own; others are read as `unknown`. states: of structures, beside which each letter has a token too, see
    `plmkit.data.states`; "" where a model reads none. golden_ids: token ids which the checkpoint's own tokenizer must
    give, all for which a source was at hand. start_id and end_id: the tokens around the residues; start_id None: none,
    or the one called `prefix`. mask_id: what hides a residue. width, layers, heads: names in config.json.

    adapter_targets: what LoRA adapts; rescaled and rescaled_inputs: what IA3 rescales, and those of them whose inputs
    it rescales instead (ends of modules' names, as in peft's own tables). window: residues read at once unless the
    user says otherwise; reserved: of learned positions, those which are not for residues (None: positions have no
    end). settings: what else in config.json changes states. citation: a DOI, or an address. licence: SPDX name of
    what its authors published; is_commercial: whether it allows commercial use. limits: what the user must know of
    it, after its name.
    """

    name: str
    title: str
    model_type: Architecture
    letters: str
    golden_ids: Mapping[str, int]
    start_id: int | None
    end_id: int
    padding_id: int
    mask_id: int | None
    adapter_targets: tuple[str, ...]
    rescaled: tuple[str, ...]
    rescaled_inputs: tuple[str, ...]
    window: int
    citation: str
    licence: str
    settings: tuple[str, ...]
    vocabulary: int | None = None
    positions: str | None = None
    prefix: str = ""
    states: str = ""
    unknown: str = "X"
    reserved: int | None = None
    is_commercial: bool = True
    width: str = "hidden_size"
    layers: str = "num_hidden_layers"
    heads: str = "num_attention_heads"
    limits: str = ""

    @property
    def tokens(self) -> list[str]:
        """Everything that has a token of its own: letters, and these joined with each state."""
        return [*self.letters, *(together(letter, state) for letter in self.letters for state in self.states)]

    @property
    def has_start(self) -> bool:
        """Whether a token stands before the residues."""
        return self.start_id is not None or bool(self.prefix)

    def is_that_of(self, config: Mapping[str, Any]) -> bool:
        """Say whether a config.json is of this family."""
        return (
            config.get("model_type") == self.model_type
            and self.vocabulary in (None, config.get("vocab_size"))
            and self.positions in (None, config.get("position_embedding_type"))
        )


_STANDARD = "ACDEFGHIKLMNPQRSTVWYX"
_BY_FREQUENCY = "LAGVSERTIDPKQNFYMHWCXBUZO"  # as Meta's vocabularies have them

ESM2 = Family(
    name="esm2",
    title="ESM-2",
    model_type="esm",
    letters=_BY_FREQUENCY,
    # vocab.txt of facebook/esm2_*: <cls> <pad> <eos> <unk>, then residues
    golden_ids={letter: number for number, letter in enumerate(_BY_FREQUENCY, start=4)},
    start_id=0,
    end_id=2,
    padding_id=1,
    mask_id=32,
    vocabulary=33,
    positions="rotary",
    adapter_targets=("query", "key", "value", "attention.output.dense"),
    rescaled=("key", "value", "output.dense"),
    rescaled_inputs=("output.dense",),
    window=1022,
    citation="10.1126/science.ade2574",
    licence="MIT",
    settings=(
        "emb_layer_norm_before",
        "layer_norm_eps",
        "mask_token_id",
        "num_attention_heads",
        "num_hidden_layers",
        "pad_token_id",
        "token_dropout",
    ),
)
ESM1B = replace(
    ESM2,
    name="esm1b",
    title="ESM-1b and ESM-1v",
    positions="absolute",
    reserved=4,  # two by padding
    citation="10.1073/pnas.2016239118",
)
_STATES_OF_SAPROT = "pynwrqhgdlvtmfsaeikc"  # utils/constants.py of westlake-repl/SaProt
SAPROT = replace(
    ESM2,
    name="saprot",
    title="SaProt",
    letters=_STANDARD,
    states=_STATES_OF_SAPROT,
    # each token is an amino acid and a state of its neighbourhood in space; "#", the last of 21 states: unknown
    golden_ids={
        together(letter, state): 5 + 21 * number + place
        for number, letter in enumerate(_STANDARD)
        for place, state in enumerate(_STATES_OF_SAPROT + UNKNOWN_STATE)
    },
    mask_id=445,  # "##", as in its training
    vocabulary=446,
    citation="10.1101/2023.10.01.560349",
    limits=(
        "was made for sequences with structures and reads yours without; its authors found the frozen model poor "
        "at that, so give states of structures too, tune it, or take another model"
    ),
)
ESMC = replace(
    ESM2,
    name="esmc",
    title="ESM C",
    model_type="esmc",
    vocabulary=None,
    positions=None,
    adapter_targets=("q_proj", "k_proj", "v_proj", "o_proj"),
    rescaled=("k_proj", "v_proj", "down_proj"),
    rescaled_inputs=("down_proj",),
    window=2046,
    citation="https://www.evolutionaryscale.ai/blog/esm-cambrian",
    settings=(
        "attention_bias",
        "head_dim",
        "hidden_act",
        "mlp_bias",
        "num_attention_heads",
        "num_hidden_layers",
        "rope_parameters",
    ),
)
PROTT5 = Family(
    name="prott5",
    title="ProtT5",
    model_type="t5",
    letters=_STANDARD,  # the authors of all T5 models and of ProtBert read U, Z, O and B as X
    # of Rostlab/prot_t5_xl_*, in published examples
    golden_ids={"A": 3, "S": 7, "E": 9, "T": 11, "P": 13, "K": 14, "C": 22, "X": 23},
    start_id=None,
    end_id=1,
    padding_id=0,
    mask_id=None,
    vocabulary=128,
    adapter_targets=("q", "k", "v", "o"),
    rescaled=("k", "v", "wo"),
    rescaled_inputs=("wo",),
    # relative positions have no end, and the authors read whole proteins; memory grows with the square of the length
    window=2048,
    citation="10.1109/TPAMI.2021.3095381",
    licence="AFL-3.0",
    settings=(
        "d_kv",
        "feed_forward_proj",
        "layer_norm_epsilon",
        "num_heads",
        "num_layers",
        "relative_attention_max_distance",
        "relative_attention_num_buckets",
    ),
    width="d_model",
    layers="num_layers",
    heads="num_heads",
)
PROSTT5 = replace(
    PROTT5,
    name="prostt5",
    title="ProstT5",
    prefix="<AA2fold>",
    vocabulary=150,
    citation="10.1093/nargab/lqae150",
    licence="MIT",
)
ANKH = replace(
    PROTT5,
    name="ankh",
    title="Ankh",
    golden_ids={},  # no source was at hand
    vocabulary=144,
    citation="10.48550/arXiv.2301.06568",
    licence="CC-BY-NC-SA-4.0",
    is_commercial=False,
)
PROTBERT = replace(
    ESM2,
    name="protbert",
    title="ProtBert",
    model_type="bert",
    letters=_STANDARD,
    # vocab.txt of Rostlab/prot_bert: [PAD] [UNK] [CLS] [SEP] [MASK], then residues
    golden_ids={letter: number for number, letter in enumerate("LAGVESIKRDTPNQFYMHCWX", start=5)},
    start_id=2,
    end_id=3,
    padding_id=0,
    mask_id=4,
    vocabulary=30,
    positions=None,
    window=2046,
    reserved=2,
    citation="10.1109/TPAMI.2021.3095381",
    licence="AFL-3.0",
    settings=("hidden_act", "layer_norm_eps", "num_attention_heads", "num_hidden_layers"),
)

FAMILIES = (ESM2, ESM1B, SAPROT, ESMC, PROTT5, PROSTT5, ANKH, PROTBERT)


def family_of(config: Mapping[str, Any]) -> Family:
    """Return the family of a config.json; raises UserError when there is none."""
    for family in FAMILIES:
        if family.is_that_of(config):
            return family
    model_type = config.get("model_type")
    known = ", ".join(family.title for family in FAMILIES)
    if model_type not in {family.model_type for family in FAMILIES}:
        raise UserError(f"model: the architecture {model_type!r} is not supported; supported are: {known}")
    told = {key: config[key] for key in ("vocab_size", "position_embedding_type") if config.get(key) is not None}
    raise UserError(f"model: of the architecture {model_type!r}, but with {told} no model of these: {known}")
