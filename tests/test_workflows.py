"""The workflows keep what contributing.md promises of them."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PINNED = re.compile(r"uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")

each_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)


def load(path: Path) -> dict:
    # YAML 1.1 reads the key `on` as true.
    return yaml.safe_load(path.read_text(encoding="utf-8").replace("\non:", "\n'on':"))


@each_workflow
def test_actions_are_pinned_by_commit_and_say_their_version(path):
    lines = [line.strip("- ") for line in path.read_text("utf-8").splitlines()]
    uses = [line for line in lines if line.startswith("uses:")]
    assert uses
    assert [line for line in uses if not PINNED.match(line)] == []


@each_workflow
def test_rights_are_given_job_by_job(path):
    workflow = load(path)
    assert workflow["permissions"] == {}
    for job in workflow["jobs"].values():
        granted = set(job["permissions"].items())
        deploying = {("pages", "write"), ("id-token", "write")}
        assert granted in ({("contents", "read")}, deploying)
        for step in job["steps"]:
            if "actions/checkout" in step.get("uses", ""):
                assert step["with"]["persist-credentials"] is False


def test_our_own_machine_runs_only_what_was_reviewed():
    for path in WORKFLOWS:
        workflow = load(path)
        own = [
            job
            for job in workflow["jobs"].values()
            if "self-hosted" in str(job["runs-on"]) or "vars." in str(job["runs-on"])
        ]
        if not own:
            continue
        assert path.stem == "publish"
        assert set(workflow["on"]) == {"push", "workflow_dispatch"}
        assert workflow["on"]["push"] == {"branches": ["main"]}
        for job in own:
            assert "github.ref == 'refs/heads/main'" in job["if"]
            assert "!github.event.repository.fork" in job["if"]
            assert job["environment"] == "gpu"


def test_deployment_waits_for_build_and_checks():
    jobs = load(ROOT / ".github" / "workflows" / "publish.yml")["jobs"]
    assert jobs["deploy"]["needs"] == "build"
    assert jobs["build"]["env"]["CNN_TUTORIAL_PROFILE"] == "full"
    steps = [step.get("run", step.get("uses")) for step in jobs["build"]["steps"]]
    order = [
        next(i for i, step in enumerate(steps) if word in step)
        for word in ("data get", "nox -s docs", "nox -s site", "upload-pages-artifact")
    ]
    assert order == sorted(order)


def test_versions_agree():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert citation["version"] == project["version"]
    assert project["license"] in citation["license"]
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
