"""The data manager of the Tool Shed: install a model with it, use it, and see what stays when the manager goes."""

import json
import zipfile
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlparse

from deploy.galaxy.render import REPOSITORY, ROOT, TOOLS_ENVIRONMENT, requirements
from deploy.galaxy.server import Address, call, start
from tests.galaxy.evidence import Evidence, problems
from tests.server.browser import local_data
from tests.server.histories import History, new_user
from tests.server.installed import Installed, install, repositories, uninstall
from tests.server.proof import Proof
from tests.server.shed import OWNER, Shed

MANAGER = "data_manager_plm_models"
MODEL = "example/untrained"
PROTEINS = ROOT / "test-data" / "harmless.fasta"


def prove_the_data_manager(manager: Installed, shed: Shed, galaxy: Address, state: Path, proof: Proof) -> None:
    """Run the installed data manager as an administrator; use its model at once with the installed tools."""
    tool = registered(galaxy, proof)
    user = new_user(galaxy, "somebody")
    inputs = {"source|place": "folder", "source|folder": str(administrators_model(state)), "source|name": MODEL}
    inputs |= {"title": "Untrained", "licence": "MIT"}
    answer = refusal(user, tool, inputs)
    proof.that("somebody who is no administrator may not run it", "not accessible" in answer, answer)
    admin = History(galaxy.url, galaxy.key, "models")
    job = ended(admin, admin.run(tool, inputs))
    proof.that("it installs a model from a folder of the administrator", job["state"] == "ok", job["stderr"])
    prove_its_job(job, manager, state, proof)
    found = rows(galaxy)
    place = Path(found[0][-1]) if found else Path()
    about = [MODEL, "Untrained", "feature-extraction", "sequence", "plm-esm2"]
    proof.that("the table huggingface has its row, and no other of it", [row[:5] for row in found] == [about], found)
    whole = place.parent == state / "reference" / "plm_models" and (place / "plmkit_model.json").is_file()
    proof.that("the model lies in plm_models below galaxy_data_manager_data_path", whole, place)
    prove_its_use("plm_embed of the installed suite, by a user, without a restart", user, shed, proof)


def registered(galaxy: Address, proof: Proof) -> str:
    """Return the id of the data manager's tool, from what administrators see under Local Data."""
    found, tables = listed(galaxy), local_data(galaxy)["dataTables"]
    proof.that("Local Data lists the data manager", len(found) == 1, found)
    managed = {"name": "huggingface", "managed": True} in tables
    proof.that("and the table huggingface as one that it fills", managed, tables)
    return parse_qs(urlparse(found[0]["toolUrl"]).query)["tool_id"][0]


def listed(galaxy: Address) -> list[dict[str, str]]:
    """Return the data manager's entries under Local Data."""
    return [entry for entry in local_data(galaxy)["dataManagers"] if MANAGER in entry["id"]]


def administrators_model(state: Path) -> Path:
    """Write the untrained model as an administrator's own folder."""
    folder = state / "brought" / "untrained"
    with zipfile.ZipFile(ROOT / "test-data" / "untrained_model.zip") as archive:
        archive.extractall(folder)
    return next(folder.rglob("config.json")).parent


def refusal(user: History, tool: str, inputs: dict[str, str]) -> str:
    """Return what Galaxy answers to a user who asks for a tool that it does not give them."""
    try:
        return f"job {user.run(tool, inputs)}"
    except HTTPError as error:
        return error.read().decode()


def prove_its_job(job: dict[str, Any], manager: Installed, state: Path, proof: Proof) -> None:
    """Show that the job ran the code of the installed repository, in the packages that it requires."""
    command = job["command_line"] or ""
    scripts = [path.read_text() for path in (state / "data" / "jobs_directory").glob("*/*/tool_script.sh")]
    script = next((script for script in scripts if command and command in script), "")
    evidence = Evidence(job["id"], job["tool_id"], command, job["dependencies"], script)
    wrong = problems(
        evidence, requirements(REPOSITORY), state / "deps", TOOLS_ENVIRONMENT, manager.folder / "data_manager"
    )
    proof.that("its job ran the plmkit of its own repository, in the required packages", not wrong, wrong)


def prove_its_use(statement: str, user: History, shed: Shed, proof: Proof) -> None:
    """Embed with the model; the run record must name it."""
    proteins = user.upload(PROTEINS, "fasta")
    user.wait_for_datasets([proteins])
    tool = newest(user, f"{shed.host}/repos/{OWNER}/plm/plm_embed")
    identifier = user.run(tool, {"proteins": {"src": "hda", "id": proteins}, "installed": MODEL})
    job = ended(user, identifier)
    record = user.outputs(identifier).get("record", {}).get("id", "")
    text = call(f"{user.url}/api/datasets/{record}/display", user.key) if record else "{}"
    named = job["state"] == "ok" and json.loads(text).get("model", {}).get("name") == MODEL
    proof.that(f"{statement}: its run record names {MODEL}", named, (job["state"], job["stderr"], text))


def prove_its_update(shed: Shed, galaxy: Address, state: Path, proof: Proof) -> None:
    """Install the second revision of the data manager, which takes the place of the first; models stay."""
    before, old = rows(galaxy), listed(galaxy)
    new = install(galaxy, state, shed, MANAGER, shed.revisions(MANAGER)[-1])
    found = listed(galaxy)
    proof.that(f"the data manager's revision {new.revision} is installed", new.status == "Installed", new)
    changed = len(found) == len(old) == 1 and found[0]["toolUrl"] != old[0]["toolUrl"]
    proof.that("Local Data has it in place of the first", changed, (old, found))
    proof.that("the model's row is as it was", bool(before) and rows(galaxy) == before, rows(galaxy))


def prove_what_stays(shed: Shed, galaxy: Address, state: Path, proof: Proof) -> Address:
    """Remove the data manager, restart; models are not its property. Return the new address of the server."""
    before = rows(galaxy)
    removed = [repository for repository in repositories(galaxy, state) if repository.name == MANAGER]
    for repository in removed:
        uninstall(galaxy, repository)
    left = [repository.folder for repository in removed if repository.folder.exists()]
    proof.that(
        f"the files of {len(removed)} revisions of the data manager are removed", bool(removed) and not left, left
    )
    proof.that("Local Data lists it no more", not listed(galaxy), listed(galaxy))
    proof.that("the row of its model stays", bool(before) and rows(galaxy) == before, rows(galaxy))
    again = start(state)
    proof.that("a restart does not bring the data manager back", not listed(again), listed(again))
    proof.that("the row outlives the restart", bool(before) and rows(again) == before, rows(again))
    prove_its_use("plm_embed still uses the model", new_user(again, "another"), shed, proof)
    return again


def rows(galaxy: Address) -> list[list[str]]:
    """Return the rows of the table that stand for the model."""
    return [row for row in galaxy.get("/api/tool_data/huggingface")["fields"] if row[0] == MODEL]


def newest(user: History, tool: str) -> str:
    """Return the full id of the newest installed version of a tool."""
    return f"{tool}/{max(user.get(f'/api/tools/{tool}')['versions'])}"


def ended(history: History, job: str) -> dict[str, Any]:
    """Wait for a job; return all that the server tells about it."""
    history.wait([job])
    return history.job(job)
