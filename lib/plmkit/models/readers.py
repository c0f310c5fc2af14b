"""Make a language model read as fast as can be; it can no longer learn."""

from __future__ import annotations

from dataclasses import replace

import torch

from plmkit.models.adapters import merged
from plmkit.models.backbone import Backbone
from plmkit.models.encoding import Encoder
from plmkit.models.frozen import make_frozen_fast
from plmkit.models.fused import Reader


def fast_reader(backbone: Backbone, precision: torch.dtype) -> Encoder:
    """Return what reads for a backbone, which is of no use afterwards; precision: of large products."""
    family = backbone.files.family
    if family.model_type == "esm" and family.positions == "rotary":
        return Reader(backbone, precision)
    network = merged(backbone.network).requires_grad_(False).eval()
    if precision == torch.float32:
        make_frozen_fast(network)
    return replace(backbone, network=network, precision=precision, recompute=False)
