"""A claim file: every number with its n, unit, interval, set and version, or it is refused by name.

    claims:
      - id: nodule-sensitivity
        quantity: sensitivity           # what is claimed; `time_to_result` is a clock time, not a model's latency
        value: 0.90
        n: 400                          # units in the denominator
        k: 360                          # optional: units that count; value and interval are then checked against k / n
        unit: lesion                    # patient | study | scan | image | lesion | frame | report
        interval: {lower: 0.867, upper: 0.926, level: 0.95, method: wilson}
        set: {id: joint-ct, version: "2"}
        device: {name: RY-CT, version: "2.2.1"}
        operating_point: 0.45           # for quantities that need a threshold
        timestamps: {exam_end: "...", result_available: "..."}   # for time_to_result only: which site clocks were used
        within_min: 5                   # optional, with it: value is the share of results within so many minutes
"""
from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

import yaml

from eval_harness.base import Issue, WrongUsage, eval_messages
from eval_harness.base.issue import Words
from eval_harness.base.reasons import why
from eval_harness.base.wrong_value import FORMS
from eval_harness.base.yaml_file import YamlRefused, read_yaml
from eval_harness.stats import proportions

UNITS = ("patient", "person", "study", "scan", "image", "lesion", "frame", "clip", "report", "tooth", "rib", "polyp")
NEED_POINT = ("sensitivity", "specificity", "ppv", "npv", "accuracy", "recognition_rate")
CLOCK = "time_to_result"
MODEL_TIME = ("latency", "inference", "telemetry", "wall", "cpu")


@dataclass(frozen=True)
class Judged:
    """One claim with what is missing or wrong; none: it may be printed."""

    id: str
    issues: tuple[Issue, ...]
    spoken: dict[str, str]
    """The whole sentence in both languages; empty where the claim is refused."""

    @property
    def ok(self) -> bool:
        return not self.issues


def read_claims(path: Path) -> list[dict[str, Any]]:
    """Raises WrongUsage CLM-001 where the file cannot be read or holds no list of claims."""
    try:
        data = read_yaml(path)
        rows = data["claims"] if isinstance(data, Mapping) and "claims" in data else data
        if isinstance(rows, Mapping):
            rows = [rows]
        if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
            raise YamlRefused(Words("没有声明的列表", "there is no list of claims"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise WrongUsage(eval_messages().issue("CLM-001", path.name, reason=why(error))) from error
    return [dict(row) for row in rows]


def judge(claim: Mapping[str, Any], where: str) -> Judged:
    """Every part that is missing or does not fit, by name."""
    issues = tuple(_issues(claim, where))
    return Judged(str(claim.get("id", where)), issues, {} if issues else {lang: spoken(claim, lang) for lang in ("zh", "en")})


def _issues(claim: Mapping[str, Any], where: str) -> Iterator[Issue]:
    messages = eval_messages()
    if not isinstance(claim.get("quantity"), str) or not _is_number(claim.get("value")):
        yield messages.issue("CLM-002", where)
    if not _is_count(claim.get("n")) or claim["n"] < 1:
        yield messages.issue("CLM-003", f"{where}.n")
    if claim.get("unit") not in UNITS:
        yield messages.issue("CLM-004", f"{where}.unit", known=", ".join(UNITS))
    interval = claim.get("interval")
    if not isinstance(interval, Mapping) or not all(_is_number(interval.get(name)) for name in ("lower", "upper", "level")) \
            or not _is_text(interval.get("method")):
        yield messages.issue("CLM-005", f"{where}.interval")
    for name, parts, code in (("set", ("id", "version"), "CLM-006"), ("device", ("name", "version"), "CLM-007")):
        held = claim.get(name)
        if not isinstance(held, Mapping) or not all(_is_text(held.get(part)) for part in parts):
            yield messages.issue(code, f"{where}.{name}")
    point = claim.get("operating_point")
    if claim.get("quantity") in NEED_POINT and not _is_number(point) and not _is_text(point):     # a threshold, or its name in a plan
        yield messages.issue("CLM-008", f"{where}.operating_point", quantity=claim.get("quantity"))
    for name, fits, form in (("k", _is_count, FORMS["int"]), ("within_min", _is_number, FORMS["float"])):
        if claim.get(name) is not None and not fits(claim[name]):
            yield messages.issue("CLM-017", f"{where}.{name}", right=form)
    if claim.get("quantity") == CLOCK:
        yield from _clock(claim, where)
    yield from _arithmetic(claim, where)


def _clock(claim: Mapping[str, Any], where: str) -> Iterator[Issue]:
    """A time from exam to result needs the site's clocks at both ends; a model's latency is another quantity."""
    stamps = claim.get("timestamps")
    source = str(claim.get("source", "")).lower()
    if not isinstance(stamps, Mapping) or not stamps.get("exam_end") or not stamps.get("result_available"):
        yield eval_messages().issue("CLM-009", f"{where}.timestamps")
    if any(word in source for word in MODEL_TIME):
        yield eval_messages().issue("CLM-010", f"{where}.source")


def _arithmetic(claim: Mapping[str, Any], where: str) -> Iterator[Issue]:
    """k / n against value, and the interval against its own method."""
    k, n, value, interval = claim.get("k"), claim.get("n"), claim.get("value"), claim.get("interval")
    if not (_is_count(n) and n > 0 and _is_number(value)):
        return
    if _is_count(k) and (k > n or k < 0 or abs(k / n - float(value)) > 0.5 * 10 ** -_decimals(value)):
        yield eval_messages().issue("CLM-011", f"{where}.value", k=k, n=n, right=f"{k / n:.4f}")
        return
    if not isinstance(interval, Mapping) or not all(_is_number(interval.get(name)) for name in ("lower", "upper", "level")):
        return
    if not interval["lower"] <= float(value) <= interval["upper"]:
        yield eval_messages().issue("CLM-012", f"{where}.interval")
    method = interval.get("method")
    if _is_count(k) and method in proportions.METHODS:
        lower, upper = proportions.METHODS[method](k, n, float(interval["level"]))
        slack = 0.6 * 10 ** -min(_decimals(interval["lower"]), _decimals(interval["upper"]))
        if abs(lower - interval["lower"]) > slack or abs(upper - interval["upper"]) > slack:
            yield eval_messages().issue("CLM-013", f"{where}.interval", method=method, right=f"{lower:.4f} – {upper:.4f}")


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_count(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_text(value: Any) -> TypeGuard[str]:
    return isinstance(value, str) and bool(value.strip())


def _decimals(value: Any) -> int:
    """Decimals a value is written with, at least two: 0.9 means 0.90."""
    return min(6, max(2, len(f"{float(value):.6f}".rstrip("0").partition(".")[2])))


def spoken(claim: Mapping[str, Any], lang: str) -> str:
    """The claim as it may be printed: value, interval, n, unit, set and version, device and version."""
    interval = claim["interval"]
    values = {"quantity": claim["quantity"], "value": f"{claim['value']:.4g}", "lower": f"{interval['lower']:.4g}",
              "upper": f"{interval['upper']:.4g}", "level": f"{interval['level'] * 100:g}", "method": interval["method"], "n": claim["n"],
              "k": f"{claim['k']}/" if _is_count(claim.get("k")) else "", "unit": claim["unit"],
              "set": f"{claim['set']['id']}@{claim['set']['version']}", "device": f"{claim['device']['name']} {claim['device']['version']}"}
    said = eval_messages().text("CLM-020", lang, **values)
    if claim["quantity"] == CLOCK and _is_number(claim.get("within_min")):
        stamps = claim["timestamps"]
        said += eval_messages().text("CLM-022", lang, within=f"{claim['within_min']:g}", start=stamps["exam_end"],
                                     end=stamps["result_available"])
    return said


def restated(facts: Mapping[str, Any], estimate_id: str, quantity: str) -> dict[str, Any]:
    """A claim that says properly what a finished evaluation found.

    Raises WrongUsage CLM-015 for an estimate that it does not have, or whose value or interval is absent.
    """
    known = {row["id"]: row for row in facts["estimates"] if not isinstance(row["value"], Mapping) and "absent" not in row["interval"]}
    if estimate_id not in known:
        raise WrongUsage(eval_messages().issue("CLM-015", estimate_id, known=", ".join(known) or "–"))
    one = known[estimate_id]
    ident = facts["identity"]
    claim = {"id": f"{quantity}-{facts['run']['run_id'][:8]}", "quantity": quantity, "value": one["value"], "n": one["n"],
             "unit": one["unit_of_analysis"] if one["unit_of_analysis"] in UNITS else ident["task"]["unit"],
             "interval": {name: one["interval"][name] for name in ("lower", "upper", "level", "method")},
             "set": {"id": ident["dataset"]["set_id"], "version": ident["dataset"]["version"]},
             "device": {"name": ident["device"]["name"], "version": ident["device"]["version"]},
             "operating_point": one["operating_point"]}
    return claim | ({"k": one["counts"]["k"]} if "k" in one["counts"] else {})
