"""Run the demonstration: start a Galaxy, run the workflow on demo/job.yml, fetch its results, stop the Galaxy."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

from demo.show import show
from deploy.galaxy.render import ROOT
from deploy.galaxy.server import Address, running_server

WORKFLOW = ROOT / "workflows" / "ptm-site-classification" / "ptm-site-classification.ga"
JOB = ROOT / "demo" / "job.yml"
RESULTS = ROOT / "demo-output"
PLANEMO = ROOT / "build" / "env" / "planemo" / "bin" / "planemo"
STATE = ROOT / "build" / "galaxy-demo"


def main() -> None:
    """Run everything, then show what came of it."""
    print("Starting Galaxy (about half a minute)", flush=True)
    with running_server(STATE) as address:
        print(f"Running the workflow at {address.url} (a few minutes)", flush=True)
        report = run_workflow(address)
    show(RESULTS, report)


def run_workflow(address: Address) -> Path:
    """Run the workflow and download its labelled outputs; return planemo's report."""
    shutil.rmtree(RESULTS, ignore_errors=True)
    RESULTS.mkdir()
    report = ROOT / "build" / "demo.json"
    command: list[str | Path] = [PLANEMO, "run", *address.planemo_options(), "--download_outputs"]
    command += ["--output_directory", RESULTS, "--output_json", report, WORKFLOW, JOB]
    process = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if process.returncode != 0:
        failed = [job for job in address.get("/api/jobs?limit=500") if job["state"] not in ("ok", "new", "skipped")]
        details = [json.dumps(address.get(f"/api/jobs/{job['id']}?full=true"), indent=1) for job in failed]
        sys.exit("\n".join([process.stdout, *details, "the workflow failed"]))
    return report


if __name__ == "__main__":
    main()
