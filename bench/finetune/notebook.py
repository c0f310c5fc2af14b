"""Fine-tuning as in published notebooks (Schmirler et al. 2024, doi:10.1038/s41467-024-51844-2): transformers' Trainer.

Padded batches, in chance order or with proteins of similar length together; float32; LoRA by peft where our adapters
are, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from bench.finetune.setting import ALPHA, BATCH, RANK, RATE, SEED, Setting
from peft import LoraConfig, TaskType, get_peft_model
from transformers import (
    DataCollatorWithPadding,
    EsmForSequenceClassification,
    EsmTokenizer,
    PrinterCallback,
    Trainer,
    TrainingArguments,
    set_seed,
)

from plmkit.models.chatter import silence_transformers
from plmkit.models.families import ESM2


@dataclass(frozen=True)
class Recipe:
    method: Literal["lora", "full"]
    grouped: bool = False


class Notebook:
    """One model that learns; epoch by epoch it goes on with the weights it has."""

    def __init__(self, recipe: Recipe, setting: Setting) -> None:
        silence_transformers()
        set_seed(SEED)
        self.tokenizer = EsmTokenizer.from_pretrained(setting.folder)
        self.folder = setting.folder.with_name("trainer")
        self.grouped, self.use_cpu = recipe.grouped, setting.device.type == "cpu"
        self.network: Any = EsmForSequenceClassification.from_pretrained(
            setting.folder, num_labels=1, problem_type="regression"
        )
        self.head = self.network.classifier
        if recipe.method == "lora":
            self.network = get_peft_model(self.network, _lora())
        encoded = self.tokenizer(list(setting.sequences))
        self.rows: list[dict[str, Any]] = [
            {"input_ids": tokens, "attention_mask": mask, "labels": float(label)}
            for tokens, mask, label in zip(encoded["input_ids"], encoded["attention_mask"], setting.labels, strict=True)
        ]
        if recipe.grouped:
            # the Trainer's own grouping sorts within parts of the data, which only of thousands are long enough
            self.rows.sort(key=lambda row: -len(row["input_ids"]))
        self.examples = len(self.rows)

    def prepare(self) -> None:
        arguments = TrainingArguments(
            str(self.folder),  # where nothing is saved
            per_device_train_batch_size=BATCH,
            num_train_epochs=1,
            learning_rate=RATE,
            train_sampling_strategy="sequential" if self.grouped else "random",
            seed=SEED,
            use_cpu=self.use_cpu,
            report_to="none",
            eval_strategy="no",
            save_strategy="no",
            logging_strategy="no",
            disable_tqdm=True,
        )
        collator = DataCollatorWithPadding(self.tokenizer)
        self.trainer = Trainer(self.network, arguments, data_collator=collator, train_dataset=self.rows)
        self.trainer.remove_callback(PrinterCallback)

    def epoch(self) -> None:
        self.loss()

    def loss(self) -> float:
        """Return the mean loss of one epoch."""
        return float(self.trainer.train().training_loss)


def _lora() -> LoraConfig:
    return LoraConfig(
        task_type=TaskType.SEQ_CLS, r=RANK, lora_alpha=ALPHA, target_modules=list(ESM2.adapter_targets), bias="none"
    )
