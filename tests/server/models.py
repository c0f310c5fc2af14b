"""Install a gated model in a real Galaxy, from a stand-in for the Hugging Face Hub: python -m tests.server.models.

Shows that the token of Galaxy's credentials opens the model and is written nowhere else, that the tools can use the
model without a restart, that a second installation changes nothing, and that without a token nothing is left.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from deploy.galaxy.render import ROOT
from deploy.galaxy.server import Address, call, running_server
from tests.models.hub_stand_in import COMMIT, TOKEN, Hub, serving

STATE = ROOT / "build" / "galaxy-server-models"
REPORT = ROOT / "build" / "reports" / "server-models.txt"
MODEL = ROOT / "lib" / "plmkit" / "models" / "embedded" / "plmkit-tiny-2"
MANAGER = "data_manager_plm_models"
NAME = "example/gated"
PLACE = STATE / "reference" / "plm_models" / f"example--gated--{COMMIT[:12]}"
SECONDS = 600


class Trial:
    """A running Galaxy, a history in it, and what was found so far."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self.history = self.post("/api/histories", {"name": "models"})["id"]
        self.lines: list[str] = []
        self.failed = 0

    def post(self, path: str, data: Mapping[str, Any]) -> Any:
        """Send something to the server's API and return its answer."""
        return json.loads(call(self.address.url + path, self.address.key, dict(data)))

    def expect(self, what: str, is_so: bool, seen: object = "") -> None:
        """Count and say whether something is as it should be."""
        self.failed += not is_so
        self.lines.append(f"{'passed' if is_so else 'FAILED'}  {what}" + ("" if is_so else f": {seen}"))
        sys.stdout.write(self.lines[-1] + "\n")
        sys.stdout.flush()

    def run(self, tool: str, inputs: Mapping[str, Any], credentials: list[dict[str, Any]] | None = None) -> Any:
        """Run a tool and return its job when it has ended."""
        request: dict[str, Any] = {"history_id": self.history, "tool_id": tool, "inputs": dict(inputs)}
        if credentials:
            request["credentials_context"] = credentials
        [job] = self.post("/api/tools", request)["jobs"]
        deadline = time.monotonic() + SECONDS
        while (found := self.address.get(f"/api/jobs/{job['id']}?full=true"))["state"] not in (
            "ok",
            "error",
            "deleted",
        ):
            if time.monotonic() > deadline:
                raise TimeoutError(f"the job of {tool} does not end")
            time.sleep(1)
        return found

    def credentials(self, token: str) -> list[dict[str, Any]]:
        """Keep a token in Galaxy's vault, as a user does in the preferences, and return how a job asks for it."""
        user = self.address.get("/api/whoami")["id"]
        version = self.address.get(f"/api/tools/{MANAGER}")["version"]
        group = {"name": "mine", "variables": [], "secrets": [{"name": "token", "value": token}]}
        service = {"name": "huggingface_hub", "version": "1.0", "group": group}
        wanted = {"source_type": "tool", "source_id": MANAGER, "source_version": version, "service_credential": service}
        made = self.post(f"/api/users/{user}/credentials", wanted)
        [kept] = self.address.get(f"/api/users/{user}/credentials")
        chosen = {"id": made["id"], "name": made["name"]}
        return [
            {"user_credentials_id": kept["id"], "name": "huggingface_hub", "version": "1.0", "selected_group": chosen}
        ]

    def rows(self) -> list[list[str]]:
        """Return the rows of the table whose value is the gated model."""
        return [row for row in self.address.get("/api/tool_data/huggingface")["fields"] if row[0] == NAME]


def main() -> int:
    """Run the trial; return 1 when anything is not as promised."""
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    files = {path.name: path.read_bytes() for path in sorted(MODEL.iterdir())}
    with running_server(STATE) as address, serving(Hub(NAME, files, gated=True)) as hub:
        trial = Trial(address)
        install(trial, hub)
        use(trial)
        install_again(trial, hub)
        look_for_the_token(trial)
    if not trial.failed:
        shutil.rmtree(STATE, ignore_errors=True)
    last = f"{len(trial.lines) - trial.failed} passed, {trial.failed} failed"
    REPORT.write_text("\n".join([*trial.lines, last]) + "\n")
    sys.stdout.write(last + "\n")
    return 1 if trial.failed else 0


def asking(hub: Hub) -> dict[str, Any]:
    """Return what a user fills into the form."""
    return {
        "source|place": "hub",
        "source|hub": NAME,
        "source|endpoint": hub.address,
        "revision": "main",
        "title": "Gated model",
        "licence": "MIT",
    }


def install(trial: Trial, hub: Hub) -> None:
    """Ask without a token, with a wrong one, and with the right one."""
    job = trial.run(MANAGER, asking(hub))
    trial.expect("without a token the job fails", job["state"] == "error", job["state"])
    said = f"plm: error: model: {NAME} is gated on the Hub; accept its terms on its page there, then give a token"
    trial.expect("and says what to do", said in job["stderr"], job["stderr"])
    trial.expect("nothing was installed", not PLACE.exists() and not trial.rows(), trial.rows())

    job = trial.run(MANAGER, asking(hub), trial.credentials(TOKEN))
    trial.expect("with the token of the credentials the model is installed", job["state"] == "ok", job["stderr"])
    trial.expect("the token is not on the command line", TOKEN not in job["command_line"], job["command_line"])
    trial.expect("the files were moved into place", (PLACE / "model.safetensors").is_file(), PLACE)
    names = {path.name for path in PLACE.iterdir()} if PLACE.exists() else set()
    wanted = {path.name for path in MODEL.iterdir()} | {"plmkit_model.json"}
    trial.expect("all of them and nothing else", names == wanted, names)
    expected = [NAME, "Gated model", "feature-extraction", "sequence", "plm-esm2", COMMIT, str(PLACE)]
    trial.expect("the table has its row", trial.rows() == [expected], trial.rows())


def use(trial: Trial) -> None:
    """Embed with the new model, without a restart."""
    content = ">first\nMKTAYIAKQRQISFVKSHFSRQ\n"
    upload = {"src": "pasted", "paste_content": content, "ext": "fasta", "name": "proteins"}
    target = {"destination": {"type": "hdas"}, "elements": [upload]}
    made = trial.post("/api/tools/fetch", {"history_id": trial.history, "targets": [target]})
    proteins = {"src": "hda", "id": made["outputs"][0]["id"]}
    job = trial.run("plm_embed", {"proteins": proteins, "installed": NAME})
    trial.expect("plm_embed runs with the new model", job["state"] == "ok", job["stderr"])
    record = job["outputs"].get("record", {}).get("id", "")
    text = trial.address.get_text(f"/api/datasets/{record}/display") if record else "{}"
    trial.expect("its run record names the model", json.loads(text).get("model", {}).get("name") == NAME, text)


def install_again(trial: Trial, hub: Hub) -> None:
    """Install the same commit a second time."""
    before = {path.name: path.stat().st_ino for path in PLACE.iterdir()}
    [kept] = trial.address.get(f"/api/users/{trial.address.get('/api/whoami')['id']}/credentials")
    chosen = {"id": kept["groups"][0]["id"], "name": kept["groups"][0]["name"]}
    context = {"user_credentials_id": kept["id"], "name": "huggingface_hub", "version": "1.0", "selected_group": chosen}
    job = trial.run(MANAGER, asking(hub), [context])
    trial.lines.append(f"        the second job ended as {job['state']}")
    trial.expect("a second installation leaves one row", len(trial.rows()) == 1, trial.rows())
    trial.expect("and the same files", {path.name for path in PLACE.iterdir()} == before.keys(), list(PLACE.iterdir()))


def look_for_the_token(trial: Trial) -> None:
    """Search everything that the server wrote."""
    found = [path for path in written(STATE) if TOKEN.encode() in path.read_bytes()]
    # Galaxy hands variables to a job in its script; this server keeps scripts as evidence, others delete them
    scripts = [path for path in found if path.parent.parent.parent.name == "jobs_directory" and path.suffix == ".sh"]
    trial.expect("the job got the token from its script", bool(scripts), found)
    trial.expect("the token stands nowhere else: no log, database, dataset or model", found == scripts, found)


def written(folder: Path) -> Iterator[Path]:
    """Yield every file beneath a folder."""
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())


if __name__ == "__main__":
    sys.exit(main())
