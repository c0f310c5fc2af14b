"""Where the steps stand in Galaxy's editor: from left to right as data flow."""

from collections import defaultdict
from typing import Any

_WIDTH, _GAP, _HEAD, _LINE = 320, 40, 90, 32


def placed(workflow: dict[str, Any]) -> dict[str, Any]:
    """Return a workflow each of whose steps stands right of what it reads, below others of its column."""
    steps = workflow["steps"]
    columns: dict[int, int] = defaultdict(int)
    depth: dict[int, int] = {}
    for number in sorted(map(int, steps)):  # a step comes after what it reads
        step = steps[str(number)]
        read = [one["id"] for many in step["input_connections"].values() for one in _all(many)]
        depth[number] = 1 + max((depth[other] for other in read), default=-1)
        step["position"] = {"left": depth[number] * _WIDTH, "top": columns[depth[number]]}
        lines = len(step["input_connections"]) + len(step["outputs"]) + len(step["workflow_outputs"])
        columns[depth[number]] += _HEAD + _LINE * lines + _GAP
    return workflow


def _all(connections: Any) -> list[dict[str, Any]]:
    return connections if isinstance(connections, list) else [connections]
