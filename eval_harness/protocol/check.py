"""What is wrong with a plan that is well written: contradictions, missing reasons, too few cases. Nothing is changed."""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from eval_harness.base import Issue, eval_messages
from eval_harness.base.copies import REPEAT
from eval_harness.metrics.registry import metric
from eval_harness.protocol.sample_size import joint_power, recomputed, size_of
from eval_harness.scoring.evidence import PAEDIATRIC_BANDS

Json = Mapping[str, Any]


def problems(protocol: Json, pack: Json | None) -> list[Issue]:
    """Issues of a plan against its task pack (None: the plan alone). Severity warning does not stop locking."""
    return [*_endpoints(protocol, pack), *_points(protocol, pack), *_size(protocol), *_scope(protocol, pack),
            *_variants(protocol, pack)]


def _issue(code: str, where: str, **params: object) -> Issue:
    return eval_messages().issue(code, where, **params)


def _endpoints(protocol: Json, pack: Json | None) -> Iterator[Issue]:
    primary = protocol["primary"]
    if len(primary) > 1 and protocol["multiplicity"] == "none":
        yield _issue("PLN-020", "multiplicity", n=len(primary))
    if len({one["estimate"] for one in primary}) < len(primary):
        yield _issue("PLN-021", "primary")
    for place, one in enumerate(primary):
        where = f"primary[{place}]"
        rule = one["comparator"]
        needs = {"target": "value", "noninferiority": "margin", "superiority": "version"}.get(rule["kind"])
        if needs and rule.get(needs) is None:
            yield _issue("PLN-022", f"{where}.comparator", kind=rule["kind"], needs=needs)
        if rule["kind"] == "noninferiority" and (rule.get("margin") or 0) <= 0:
            yield _issue("PLN-023", f"{where}.comparator.margin")
        if rule["kind"] != "none" and not rule.get("reason"):
            yield _issue("PLN-024", f"{where}.comparator.reason")
        if pack is not None:
            yield from _against_pack(one, pack, where)


def _against_pack(one: Json, pack: Json, where: str) -> Iterator[Issue]:
    specs = {spec["id"]: spec for spec in pack["estimates"]}
    if one["estimate"] not in specs:
        yield _issue("PLN-025", f"{where}.estimate", found=one["estimate"], known=", ".join(specs))
        return
    found = metric(specs[one["estimate"]]["metric"])
    if not found.primary:
        yield _issue("PLN-035", f"{where}.estimate", found=found.name)
    better = found.better
    if {"higher": "lower", "lower": "upper"}.get(better, one["bound"]) != one["bound"]:
        yield _issue("PLN-026", f"{where}.bound", found=one["bound"], better=better)


def _points(protocol: Json, pack: Json | None) -> Iterator[Issue]:
    for place, one in enumerate(protocol["operating_points"]):
        source = one["source"]
        if source.startswith("sealed") or source == f"{protocol['dataset']['set_id']}@{protocol['dataset']['version']}":
            yield _issue("PLN-027", f"operating_points[{place}].source", found=source)
    if pack is None:
        return
    known = {one["name"] for one in protocol["operating_points"]}
    for spec in pack["estimates"]:
        if spec.get("operating_point") and spec["operating_point"] not in known:
            yield _issue("PLN-028", "operating_points", name=spec["operating_point"])
    if pack["digest"] != protocol["task"]["digest"]:
        yield _issue("PLN-029", "task.digest", found=protocol["task"]["digest"][:12], right=pack["digest"][:12])


def _size(protocol: Json) -> Iterator[Issue]:
    size = protocol.get("sample_size")
    if not size or size["design"] == "none":
        yield _issue("PLN-030", "sample_size")
        return
    for place, endpoint in enumerate(protocol["primary"]):
        held = size_of(protocol, place)
        where = f"sample_size.others ({endpoint['estimate']})" if place else "sample_size"
        if held is None:
            if endpoint["comparator"]["kind"] != "none":
                yield _issue("PLN-039", where, estimate=endpoint["estimate"])
            continue
        yield from _one_size(held, recomputed(protocol, place), where)
    together = joint_power(protocol) if len(protocol["primary"]) > 1 else None
    if together is not None and together < size["power"]:
        yield _issue("PLN-041", "sample_size", power=f"{together:.3f}", wanted=size["power"])


def _one_size(size: Json, again: Json | None, where: str) -> Iterator[Issue]:
    if again is None:
        yield _issue("PLN-031", where, design=size["design"])
        return
    if size.get("required_positives") is not None and size["required_positives"] != again["required_positives"]:
        yield _issue("PLN-032", f"{where}.required_positives", found=size["required_positives"], right=again["required_positives"])
    if again["achieved_power"] is not None and again["achieved_power"] < size["power"]:
        yield _issue("PLN-033", where, power=f"{again['achieved_power']:.3f}", wanted=size["power"], required=again["required_positives"])


def _variants(protocol: Json, pack: Json | None) -> Iterator[Issue]:
    """Names told apart, steps that the task allows with the parameters it names."""
    named = [one["name"] for one in protocol.get("variants") or ()]
    if len(set(named)) < len(named):
        yield _issue("PLN-037", "variants")
    if pack is None:
        return
    allowed = {one["op"]: sorted(one["params"]) for one in pack.get("variants", [])} | {REPEAT: []}
    for place, one in enumerate(protocol.get("variants") or ()):
        if sorted(one["params"]) != allowed.get(one["op"]):
            known = ", ".join(f"{op} ({', '.join(params) or '–'})" for op, params in sorted(allowed.items()))
            yield _issue("PLN-036", f"variants[{place}]", found=one["op"], known=known)


def _scope(protocol: Json, pack: Json | None) -> Iterator[Issue]:
    scope = protocol["device"]["scope"]
    bands = set(scope["age_bands"])
    children = bands & set(PAEDIATRIC_BANDS)
    if scope["population"] == "adult" and children:
        yield _issue("PLN-034", "device.scope.age_bands", bands=", ".join(sorted(children)))
    task_bands = set(((pack or {}).get("population") or {}).get("age_bands") or ())
    if task_bands and (not task_bands & bands if bands else scope["population"] == "adult" and task_bands <= set(PAEDIATRIC_BANDS)):
        yield _issue("PLN-038", "device.scope", bands=", ".join(sorted(task_bands)))
