"""Runs reference cases through the installed metric code and says MATCH, DIFFERS or COMPUTED for each."""
from __future__ import annotations

from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from eval_harness.base import TouchstoneError
from eval_harness.base.reasons import why
from eval_harness.conformance.casefiles import Case, open_case, refuse
from eval_harness.conformance.compare import absences, differences, plain

TASKS = {
    "auc_delong": "auc_delong", "binary_classification": "binary", "nodule_detection_froc": "froc_points",
    "rib_fracture_froc": "froc_instances", "lesion_detection_map": "detection_map", "detection_boxes": "boxes",
    "multilabel_classification": "multilabel", "proportions_and_planning": "planning", "adaptive_leaderboard": "ladder",
    "mrmc_reader_study": "mrmc", "report_text_nlp": "text", "reader_agreement": "agreement",
    "repeatability": "repeatability", "segmentation_distance": "segmentation", "segmentation_multi_reader": "segmentation_readers",
}
"""Task of a case -> module of eval_harness.conformance.tasks with `compute(case) -> nested values`."""
UNREADABLE = (ValueError, KeyError, IndexError, TypeError, AttributeError, ArithmeticError, OSError)
"""What inputs of another shape make the code that reads them raise."""


def run_case(folder: Path, task: str | None = None) -> dict[str, Any]:
    """{"task", "values", "verdict", "differs", "absent", "private"} of one case.

    A difference on the closed list of private conventions is reported under `private`, not under `differs`.
    """
    case = open_case(folder, task)
    values = compute(case)
    found = list(differences(case.wanted, values, case.tolerance)) if case.judged else []
    reasons = {entry["path"]: why for entry in found if (why := private_reason(case, entry["path"]))}
    differs = [entry for entry in found if entry["path"] not in reasons]
    verdict = "COMPUTED" if not case.judged else "DIFFERS" if differs else "MATCH"
    return {"task": case.task, "values": plain(values), "verdict": verdict, "differs": differs,
            "absent": dict(absences(values)), "private": reasons}


def compute(case: Case) -> dict[str, Any]:
    """The case's values from its inputs alone. Raises WrongUsage CNF-007 for an unknown task, CNF-011 for inputs that cannot be read."""
    module = TASKS.get(case.task)
    if module is None:
        raise refuse("CNF-007", case.name, task=case.task, known=", ".join(sorted(TASKS)))
    run: Callable[[Case], dict[str, Any]] = import_module(f"eval_harness.conformance.tasks.{module}").compute
    try:
        return run(case)
    except UNREADABLE as error:
        raise refuse("CNF-011", case.name, reason=why(error)) from error


def refused(error: TouchstoneError, task: str | None = None) -> dict[str, Any]:
    """The entry of a case that cannot be computed, beside those of the others."""
    return {"task": task, "values": {}, "verdict": "DIFFERS", "differs": [], "absent": {}, "private": {}, "issue": error.issue.to_dict()}


@cache
def private_conventions() -> tuple[dict[str, str], ...]:
    """The closed list: {task, path (pattern), reason}."""
    import yaml

    return tuple(yaml.safe_load((Path(__file__).parent / "private_conventions.yaml").read_text(encoding="utf-8")) or ())


def private_reason(case: Case, path: str) -> str | None:
    for entry in private_conventions():
        if entry["task"] == case.task and fnmatchcase(path, entry["path"]):
            return entry["reason"]
    return None


def case_folders(paths: Iterable[Path]) -> list[Path]:
    """Folders among `paths` (a shell's * also names index files), in order."""
    return [path for path in paths if path.is_dir() or not path.exists()]
