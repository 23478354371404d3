"""Every published reference case matches, but for a closed list of private conventions."""
from __future__ import annotations

import os
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import pytest

from eval_harness.conformance.runner import private_conventions, run_case

CASES = Path(os.environ.get("TOUCHSTONE_DATA", "../shared/data")) / "eval"
FOLDERS = sorted(path for path in CASES.iterdir() if path.is_dir()) if CASES.is_dir() else []
pytestmark = [pytest.mark.data, pytest.mark.skipif(not FOLDERS, reason="needs the reference cases of TOUCHSTONE_DATA")]


run_once = cache(run_case)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_published_case_matches_within_its_own_tolerance(folder):
    result = run_once(folder)
    assert result["differs"] == []
    assert result["verdict"] == "MATCH"


def test_every_entry_of_the_closed_list_explains_a_difference_that_is_there():
    used = [(result["task"], path) for result in map(run_once, FOLDERS) for path in result["private"]]
    for entry in private_conventions():
        assert any(task == entry["task"] and fnmatchcase(path, entry["path"]) for task, path in used), entry
        assert len(entry["reason"]) > 40


def test_a_private_convention_is_named_and_not_counted_as_a_match():
    assert list(run_once(CASES / "coco_polyp")["private"]) == ["wall_s"]


@pytest.mark.parametrize("name", ["delong_edges", "seg_distance", "multilabel_cxr"])
def test_what_the_reference_code_could_not_compute_is_absent_with_a_reason_here(name):
    result = run_once(CASES / name)
    assert result["absent"]
    assert all(reason for reason in result["absent"].values())
