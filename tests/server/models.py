"""Install a gated model in a real Galaxy, from a stand-in for the Hugging Face Hub: python -m tests.server.models.

Shows that a token of the job's destination opens the model and is written nowhere, that the tools can use the model
without a restart, that a second installation changes nothing, and that without a token nothing is left.
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
TOKEN_FILE = STATE / "huggingface.env"
PLACE = STATE / "reference" / "plm_models" / f"example--gated--{COMMIT[:12]}"
SECONDS = 600


class Trial:
    """A running Galaxy, a history in it, and what was found so far."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self.history = self.post("/api/histories", {"name": "models"})["id"]
        self.lines: list[str] = []
        self.failed = self.passed = 0

    def post(self, path: str, data: Mapping[str, Any]) -> Any:
        """Send something to the server's API and return its answer."""
        return json.loads(call(self.address.url + path, self.address.key, dict(data)))

    def expect(self, what: str, is_so: bool, seen: object = "") -> None:
        """Count and say whether something is as it should be."""
        self.failed += not is_so
        self.passed += is_so
        self.say(f"{'passed' if is_so else 'FAILED'}  {what}" + ("" if is_so else f": {seen}"))

    def say(self, line: str) -> None:
        """Write a line, at once and for the report."""
        self.lines.append(line)
        sys.stdout.write(line + "\n")
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
        TOKEN_FILE.touch(mode=0o600)
        with (STATE / "config" / "destinations.yml").open("a") as rules:  # read when the first job starts
            rules.write(f"tools:\n  {MANAGER}:\n    env:\n      - file: {TOKEN_FILE}\n")
        trial = Trial(address)
        install(trial, hub)
        use(trial)
        install_again(trial, hub)
        look_for_the_token(trial)
        try_credentials(trial, hub)
    if not trial.failed:
        shutil.rmtree(STATE, ignore_errors=True)
    last = f"{trial.passed} passed, {trial.failed} failed"
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
    """Ask without a token, and with the one of the destination."""
    job = trial.run(MANAGER, asking(hub))
    trial.expect("without a token the job fails", job["state"] == "error", job["state"])
    said = f"plm: error: model: {NAME} is gated on the Hub; accept its terms on its page there, then give a token"
    trial.expect("and says what to do", said in job["stderr"], job["stderr"])
    trial.expect("nothing was installed", not PLACE.exists() and not trial.rows(), trial.rows())

    TOKEN_FILE.write_text(f"export HF_TOKEN={TOKEN}\n")
    job = trial.run(MANAGER, asking(hub))
    trial.expect("with the token of the destination the model is installed", job["state"] == "ok", job["stderr"])
    trial.expect("the host of the large files was not given the token", not hub.leaked)
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
    before = {path.name: path.read_bytes() for path in PLACE.iterdir()}
    job = trial.run(MANAGER, asking(hub))
    trial.say(f"        (the second job ended as {job['state']})")
    trial.expect("a second installation leaves one row", len(trial.rows()) == 1, trial.rows())
    after = {path.name: path.read_bytes() for path in PLACE.iterdir() if path.is_file()}
    trial.expect("and the same files", after == before and len(list(PLACE.iterdir())) == len(before), list(after))


def look_for_the_token(trial: Trial) -> None:
    """Search everything that the server wrote."""
    found = [path for path in written(STATE) if TOKEN.encode() in path.read_bytes()]
    wanted = [TOKEN_FILE]
    trial.expect("the token stands in no script, log, database, dataset or model", found == wanted, found)


def try_credentials(trial: Trial, hub: Hub) -> None:
    """Say whether this Galaxy hands users' credentials to data managers; 26.1.2 does not, and that is no fault here."""
    TOKEN_FILE.write_text("")
    shutil.rmtree(PLACE, ignore_errors=True)
    job = trial.run(MANAGER, asking(hub), trial.credentials(TOKEN))
    reaches = "reach" if job["state"] == "ok" else "do not reach"
    trial.say(f"        (users' credentials {reaches} data managers in this Galaxy)")
    trial.expect(
        "the token of credentials is not said", TOKEN not in job["command_line"] + job["stderr"] + job["stdout"]
    )


def written(folder: Path) -> Iterator[Path]:
    """Yield every file beneath a folder."""
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())


if __name__ == "__main__":
    sys.exit(main())
