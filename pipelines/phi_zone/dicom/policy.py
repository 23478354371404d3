"""Find, read and judge a DICOM policy: every keyword is one, every set exists, every kept element is allowed or has its reason."""
from __future__ import annotations

import difflib
from functools import lru_cache
from pathlib import Path

from eval_harness.base import Issue, WrongUsage
from pipelines.phi_zone.dicom.dictionary import TAG_OF
from pipelines.phi_zone.dicom.plan import kept_keywords
from pipelines.phi_zone.dicom.policy_shape import read_policy
from schemas import ps3_15
from schemas.messages import messages
from schemas.shapes.dicom_policy import DicomPolicy

FOLDER = Path(__file__).resolve().parents[3] / "governance" / "policies" / "dicom"
MIN_REASON = 12


def policy_names() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


@lru_cache(maxsize=16)
def load_policy(name_or_path: str) -> DicomPolicy:
    """The policy of a name (governance/policies/dicom) or of a YAML file.

    Raises WrongUsage POL-001 … POL-007 and POL-011 … POL-014 when it may not be used.
    """
    path = FOLDER / f"{name_or_path}.yaml"
    if not path.is_file():
        path = Path(name_or_path)
        if not path.is_file():
            raise WrongUsage(messages().issue("POL-002", path.name, found=name_or_path, right=", ".join(policy_names())))
    policy = read_policy(path)
    problems = check_policy(policy, path.name)
    if problems:
        raise WrongUsage(problems[0])
    return policy


def check_policy(policy: DicomPolicy, where: str) -> list[Issue]:
    """Everything that keeps a policy from being used; empty when it may."""
    found = _unknown_words(policy, where)
    if found:
        return found
    kept = kept_keywords(policy)
    for keyword in sorted(kept):
        demanded = demanded_action(policy, keyword)
        if demanded and len(policy.reasons.get(keyword, "")) < MIN_REASON:
            found.append(messages().issue("POL-004", f"{where}, {keyword}", found=keyword, action=demanded))
    found += [messages().issue("POL-011", f"{where}, reasons", found=keyword) for keyword in sorted(set(policy.reasons) - kept)]
    return found + _options(policy, where) + _private(policy, where)


def _unknown_words(policy: DicomPolicy, where: str) -> list[Issue]:
    found = []
    for part in ("keep", "drop", "clean", "token"):
        for number, keyword in enumerate(getattr(policy, part)):
            if keyword not in TAG_OF:
                found.append(no_keyword(f"{where}, {part}[{number}]", keyword))
    sets = ps3_15.keep_sets()
    found += [messages().issue("POL-005", f"{where}, {part}", found=name, right=", ".join(sorted(sets)))
              for part in ("keep_sets", "clean_sets") for name in getattr(policy, part) if name not in sets]
    return found


def demanded_action(policy: DicomPolicy, keyword: str) -> str:
    """The table's action where the policy's treatment falls short of it under the options claimed; empty where it is allowed."""
    row = ps3_15.attributes().get(keyword)
    if row is None:
        return ""
    if any(row.options.get(option) == "K" for option in policy.options):
        return ""
    cleaned = keyword in policy.clean or any(keyword in ps3_15.keep_sets()[name] for name in policy.clean_sets)
    shifted = keyword in ps3_15.keep_sets()["dates"]
    if any(row.options.get(option) == "C" for option in policy.options) and (
            cleaned or shifted or any(row.options.get(option) == "C" for option in ("113103", "113104") if option in policy.options)):
        return ""
    if keyword in policy.token and row.action != "X":
        return ""
    if "U" in row.action and keyword in ps3_15.keep_sets()["uids"]:
        return ""
    if "U*" in row.action or (shifted and policy.dates != "shift"):
        return ""
    return row.action


def _options(policy: DicomPolicy, where: str) -> list[Issue]:
    done = {"113101": (policy.pixels.clean, "pixels.clean: false"),
            "113104": (policy.structured_content == "clean", f"structured_content: {policy.structured_content}"),
            "113105": (bool(policy.clean or policy.clean_sets), "clean: [], clean_sets: []"),
            "113107": (policy.dates == "shift", f"dates: {policy.dates}"),
            "113106": (False, f"dates: {policy.dates}"), "113110": (False, "UID → 2.25.…"),
            "113111": (policy.safe_private or bool(policy.keep_private), "safe_private: false, keep_private: []"),
            "113102": (policy.faces == "remove", f"faces: {policy.faces}")}
    found = []
    for option in policy.options:
        fits, why = done.get(option, (option in ps3_15.OPTIONS, "CID 7050"))
        if not fits:
            found.append(messages().issue("POL-006", f"{where}, options", found=option, why=why))
    if "113100" not in policy.options:
        found.append(messages().issue("POL-006", f"{where}, options", found="113100", why="options: [113100, …]"))
    return found


def _private(policy: DicomPolicy, where: str) -> list[Issue]:
    return [messages().issue("POL-007", f"{where}, keep_private[{number}]") for number, own in enumerate(policy.keep_private)
            if int(own.group, 16) % 2 == 0 or int(own.group, 16) < 9]


def no_keyword(where: str, found: str) -> Issue:
    """POL-003 with the nearest right one."""
    by_case = [word for word in TAG_OF if word.lower() == found.lower()]
    near = by_case or difflib.get_close_matches(found, TAG_OF, 1, 0.3) or [""]
    return messages().issue("POL-003", where, found=found, nearest=near[0])
