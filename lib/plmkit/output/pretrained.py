"""Write all that training a language model leaves: the model with its card, history, curve, report, run record."""

from __future__ import annotations

import base64
import math
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from plmkit.config import PretrainConfig
from plmkit.data.holdout import FEWEST
from plmkit.learning.metrics import Estimate
from plmkit.learning.perplexity import Guesses
from plmkit.learning.pretraining import BEFORE, FREQUENCIES, TRAINED, Learned
from plmkit.models.archive import pack
from plmkit.models.masked import MaskedModel
from plmkit.output.figures import draw_perplexities
from plmkit.output.methods_of_models import pretraining_paragraph
from plmkit.output.metrics_table import write_metrics
from plmkit.output.run_record import write_record
from plmkit.output.staging import Staging
from plmkit.output.tables import write_table
from plmkit.output.templates import render

HISTORY_HEADER = ("step", "tokens", "training_loss", "validation_loss", "validation_perplexity")

Judged = Mapping[tuple[str, str], Guesses]


def write_results(
    config: PretrainConfig,
    staging: Staging,
    model: MaskedModel,
    learned: Learned,
    judged: Judged,
    record: Mapping[str, Any],
) -> None:
    """Write every output that was asked for to its staged path."""
    told = {"record": record, "verdict": record["counts"]["verdict"], "from_nothing": config.model == "none"}
    with tempfile.TemporaryDirectory(prefix="plmkit-results-") as temporary:
        _write_model(config, staging[config.trained], Path(temporary), model, told)
        curves = Path(temporary) / "curves.png"
        _draw(curves, learned, judged)
        if config.curves:
            staging[config.curves].write_bytes(curves.read_bytes())
        if config.report:
            image = base64.b64encode(curves.read_bytes()).decode()
            methods = pretraining_paragraph(record)
            has_test = (TRAINED, "test") in judged
            text = render("pretrain_report.html", curves=image, has_test=has_test, methods=methods, **told)
            staging[config.report].write_text(text, encoding="utf-8")
    if config.history:
        rows = [
            (found.step, found.tokens, found.training_loss, found.validation_loss, math.exp(found.validation_loss))
            for found in learned.evaluations
        ]
        write_table(staging[config.history], HISTORY_HEADER, rows)
    if config.metrics:
        write_metrics(staging[config.metrics], record["metrics"])
    if config.record:
        write_record(record, staging[config.record])


def verdict(judged: Judged) -> str:
    """Say in one or two sentences what was learned, by the test proteins if there are any."""
    part = "test" if (TRAINED, "test") in judged else "validation"
    if len(judged[TRAINED, part].counts) < FEWEST:
        return f"There are too few {part} proteins to tell how well hidden residues are guessed: give {FEWEST} or more."
    trained, before, frequencies = (judged[method, part] for method in (TRAINED, BEFORE, FREQUENCIES))
    reached = (
        f"Hidden residues of the {part} proteins are guessed with a perplexity of "
        f"{_with_interval(trained.estimate())}, against {frequencies.perplexity:.2f} by residue frequencies alone and "
        f"{before.perplexity:.2f} before training"
    )
    if trained.relative_to(frequencies).high >= 1:
        return f"{reached}. It is not shown to know more than the frequencies: train longer, or on more proteins."
    if trained.relative_to(before).high >= 1:
        return f"{reached}. Training has not been shown to improve the model: use the one it started from."
    gain = trained.relative_to(min(before, frequencies, key=lambda guesses: guesses.mean))
    percents = [100 * (1 - value) for value in (gain.value, gain.high, gain.low)]
    return f"{reached}: {percents[0]:.0f} % ({percents[1]:.0f} to {percents[2]:.0f} %) below the lower of the two."


def _write_model(
    config: PretrainConfig, target: Path, temporary: Path, model: MaskedModel, told: Mapping[str, Any]
) -> None:
    archived = config.trained.suffix.lower() == ".zip"
    folder = temporary / "model" if archived else target
    folder.mkdir(mode=0o755)
    limits = config.limits or model.files.limits
    seen = min(config.longest, told["record"]["counts"]["training"]["longest"])
    description: dict[str, Any] = {
        "plmkit_name": config.name,
        "plmkit_limits": limits,
        "plmkit_trained_length": seen if config.model == "none" else max(seen, model.files.window),
    }
    if model.files.licence and config.model != "none":  # what is made of weights stays under their licence
        description["plmkit_licence"] = model.files.licence
    model.save(folder, half=config.half or model.files.is_half, description=description)
    (folder / "README.md").write_text(render("pretrained_card.md", limits=limits, **told), encoding="utf-8")
    if archived:
        pack(folder, target)


def _draw(path: Path, learned: Learned, judged: Judged) -> None:
    steps = [found.step for found in learned.evaluations]
    perplexities = [math.exp(found.validation_loss) for found in learned.evaluations]
    floors = {FREQUENCIES: judged[FREQUENCIES, "validation"].perplexity}
    draw_perplexities(path, steps, perplexities, learned.best_step, floors)


def _with_interval(found: Estimate) -> str:
    return f"{found.value:.2f} ({found.low:.2f} to {found.high:.2f})"
