"""All ways of fine-tuning by their names, each measured in a process of its own."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from functools import cache, partial
from multiprocessing import get_context

from bench.finetune.heads import SklearnHead
from bench.finetune.notebook import Notebook, Recipe
from bench.finetune.own import UPPER_LAYERS, Choice, Own
from bench.finetune.setting import BATCH, Measured, Opener, Setting, Way, measure

NOTEBOOK, NOTEBOOK_FULL, GROUPED = "notebook lora", "notebook full", "notebook grouped lora"
LORA, UPPER, FULL, HEAD = "lora", "lora upper layers", "full", "head"
SKLEARN = "scikit-learn head"
_WARM_UP = 2  # proteins

PEERS: dict[str, Opener] = {
    NOTEBOOK: partial(Notebook, Recipe("lora")),
    NOTEBOOK_FULL: partial(Notebook, Recipe("full")),
    GROUPED: partial(Notebook, Recipe("lora", grouped=True)),
    SKLEARN: SklearnHead,
}
OWN: dict[str, Opener] = {
    LORA: partial(Own, Choice("lora")),
    UPPER: partial(Own, Choice("lora", layers=UPPER_LAYERS)),
    FULL: partial(Own, Choice("full")),
    HEAD: partial(Own, Choice("head")),
    "rslora": partial(Own, Choice("rslora")),
    "dora": partial(Own, Choice("dora")),
    "ia3": partial(Own, Choice("ia3")),
}


class Processes:
    """A process for each way, which lives as long as all rounds take."""

    def __init__(self, names: Sequence[str], setting: Setting) -> None:
        self._setting = setting
        # not forked from this one, and yet libraries are loaded once for all
        context = get_context("forkserver")
        context.set_forkserver_preload([__name__])
        self._pools = {name: ProcessPoolExecutor(1, mp_context=context) for name in names}

    def __enter__(self) -> Processes:
        self._stack = ExitStack()
        for pool in self._pools.values():
            self._stack.enter_context(pool)
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def measured(self, name: str) -> Measured:
        """Measure one round of a way."""
        return self._pools[name].submit(measured, name, self._setting).result()


def measured(name: str, setting: Setting) -> Measured:
    """Measure one round in this process; the first one comes after a step to warm up."""
    return measure(_opened(name, setting), setting.device)


@cache
def _opened(name: str, setting: Setting) -> Way:
    open_way = (PEERS | OWN)[name]
    few = open_way(replace(setting, sequences=setting.shortest(_WARM_UP)))
    few.prepare()
    few.epoch()
    return open_way(setting)


def first_losses(setting: Setting) -> tuple[float, float]:
    """Return the loss of one step on the shortest proteins, before weights change: the notebook's, and ours.

    Without dropout, and with the notebook's head, which sees the state of the start token.
    """
    first = replace(setting, sequences=setting.shortest(BATCH))
    notebook = Notebook(Recipe("lora"), first)
    weights = {key: weight.clone() for key, weight in notebook.head.state_dict().items()}
    head = {key.replace("out_proj", "scores"): weight for key, weight in weights.items()}
    own = Own(Choice("lora", pooling="cls", dropout=False, head=head), first)
    notebook.prepare()
    own.prepare()
    return notebook.loss(), own.trained().epochs[0].train_loss
