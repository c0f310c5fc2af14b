"""Ask the rules of deploy/tpv.yml where jobs go: python -m tests.galaxy.check_tpv, with Galaxy's Python.

Jobs, tools and the data table are stand-ins; rules and destinations are read by TPV itself.
"""

import logging
import sys
import tempfile
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

RULES = Path(__file__).resolve().parent.parent.parent / "deploy" / "tpv.yml"
GIGABYTE = 1024**3
CPU = {"runner": "local"}
GPU = {"runner": "local", "min_gpus": 1, "max_accepted_gpus": 1, "scheduling": {"require": ["gpu"]}}
LARGE = GPU | {"scheduling": {"require": ["gpu-large"]}}


@dataclass
class Case:
    """A job, and the destination and memory class (GB) that it must get; sizes are in GB."""

    name: str
    tool: str
    wanted: tuple[str, float]
    installed: str | None = None
    proteins: float = 0.0
    archive: float = 0.0
    before: float | None = None
    destinations: dict[str, Any] = field(default_factory=lambda: {"cpu": CPU, "gpu": GPU})


MODELS = {"small": 0.03, "esm2-650M": 2.5, "esm2-3B": 11.0}
SHED = "toolshed.example.org/repos/plmkit/plm/plm_finetune/0.1.0+galaxy0"
CASES = [
    Case("the embedded model and a small input stay on a CPU", "plm_embed", ("cpu", 4)),
    Case("the embedded model and a proteome go to a GPU", "plm_embed", ("gpu", 4), proteins=0.02),
    Case("an installed model goes to a GPU", "plm_embed", ("gpu", 4), installed="small"),
    Case("without a GPU it takes a CPU", "plm_embed", ("cpu", 4), installed="small", destinations={"cpu": CPU}),
    Case("reading 2.5 GB of weights", "plm_embed", ("gpu", 16), installed="esm2-650M"),
    Case("tuning 2.5 GB of weights", "plm_finetune", ("gpu", 32), installed="esm2-650M"),
    Case("the same from a Tool Shed", SHED, ("gpu", 32), installed="esm2-650M"),
    Case("tuning 11 GB of weights", "plm_finetune", ("gpu", 128), installed="esm2-3B"),
    Case("a model from the history", "plm_ptm", ("gpu", 16), archive=2.5),
    Case("training a large input", "plm_pretrain", ("gpu", 8), proteins=1.0),
    Case("out of memory: the next class, no GPU", "plm_embed", ("cpu", 8), installed="small", before=4),
    Case(
        "out of memory: a larger GPU where there is one",
        "plm_embed",
        ("large", 8),
        installed="small",
        before=4,
        destinations={"cpu": CPU, "gpu": GPU, "large": LARGE},
    ),
    Case("the largest class is the end", "plm_finetune", ("cpu", 256), installed="esm2-3B", before=256),
    Case("a model that is not in the table any more", "plm_predict", ("cpu", 4), installed="gone"),
    *(Case(f"{tool} never", f"plm_{tool}", ("cpu", 4)) for tool in ("split", "sites", "evaluate", "project")),
    Case("search never, however large", "plm_search", ("cpu", 16), proteins=3.0),
    Case("a tool without a model that ran out of memory", "plm_split", ("cpu", 16), before=8),
]


def main() -> int:
    """Print what each job got; return 1 where it differs from what it must get."""
    failures = 0
    logging.disable()  # TPV tells all its reasons
    with tempfile.TemporaryDirectory() as folder:
        table = model_table(Path(folder))
        for case in CASES:
            got = destination_of(case, table)
            failures += got != case.wanted
            say(f"{'passed' if got == case.wanted else 'FAILED'}  {case.name}: {got}, wanted {case.wanted}")
    say(f"{len(CASES) - failures} passed, {failures} failed")
    return 1 if failures else 0


def model_table(folder: Path) -> SimpleNamespace:
    """Make models whose files have the sizes of MODELS without filling the disk, and a table of them."""
    for name, size in MODELS.items():
        (folder / name).mkdir()
        with (folder / name / "model.safetensors").open("wb") as file:
            file.truncate(int(size * GIGABYTE))
    paths = {name: str(folder / name) for name in MODELS}
    return SimpleNamespace(get_entry=lambda _column, value, _field: paths.get(value))


def destination_of(case: Case, table: SimpleNamespace) -> tuple[str, float]:
    """Return the id of the destination that TPV chooses, and the memory class."""
    gateway, mock = import_module("tpv.rules.gateway"), import_module("tpv.commands.test.mock_galaxy")
    mapper = gateway.load_destination_mapper([str(RULES), {"destinations": case.destinations}])
    job = mock.Job()
    job.param_values = {"start": {"installed": case.installed}}
    job.destination_params = None if case.before is None else {"plm_memory": str(case.before)}
    for name, size in (("proteins", case.proteins), ("advanced|archive", case.archive)):
        dataset = mock.Dataset(name, file_size=int(size * GIGABYTE))
        job.add_input_dataset(mock.DatasetAssociation(name, dataset), name)
    app = SimpleNamespace(tool_data_tables={"huggingface": table})
    found = mapper.map_to_destination(app, mock.Tool(case.tool), None, job)
    return str(found.id), float(found.params["plm_memory"])


def say(line: str) -> None:
    """Write a line."""
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
