"""V1 and V2: estimates from measurements, measurements from outputs and truth, where the holder may see them."""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from eval_harness.base import Measurement, eval_messages, merkle
from eval_harness.base.copies import copies_among
from eval_harness.scoring import facts as fact_room
from eval_harness.scoring.answers import BlobChanged, BlobMissing, OpenBlob, no_blobs
from eval_harness.scoring.compare import baseline_again
from eval_harness.scoring.directory import (
    keys_from,
    lines,
    measurement_salt,
    measurements_from,
    measurements_root,
    read_lines,
    results_from,
    truths_from,
)
from eval_harness.scoring.disclose import cells_of
from eval_harness.scoring.evidence import Evidence, with_copies
from eval_harness.scoring.measures import BY_KIND, measure_run
from eval_harness.scoring.roots import results_root
from eval_harness.scoring.verdict import overall
from eval_harness.stats import proportions
from eval_harness.verify.own import OwnPack
from eval_harness.verify.result import COMMITTED, DIFFERS, MATCH, Number, VerifyReport, same

Json = Mapping[str, Any]
NUMBER_PARTS = ("estimates", "tests", "verdict", "curves", "strata", "failures", "robustness", "repeatability", "canaries",
                "comparison", "accounting", "readers", "sensitivity_analyses", "canary_test")
BY_TOKEN = ("keys.jsonl", "reference.jsonl", "results.jsonl", "measurements.jsonl", "salts.jsonl", "baseline.jsonl")
"""Tables with one row a case."""
GOOD = {"sensitivity": ("tp", "fn"), "specificity": ("tn", "fp"), "ppv": ("tp", "fp"), "npv": ("tn", "fn")}


def from_tables(tables: Mapping[str, bytes], full: Json, documents: Json, commitments: Json, report: VerifyReport,
                own: OwnPack | None = None, open_blob: OpenBlob = no_blobs) -> None:
    """Everything again from keys, reference standard, results and measurements: fills report.numbers from `full`."""
    keys, truths = keys_from(tables["keys.jsonl"]), truths_from(tables["reference.jsonl"])
    results, stored = results_from(tables["results.jsonl"]), measurements_from(tables["measurements.jsonl"])
    held = commitments["set"]
    scope = f"{held['set_id']}@{held['version']}"
    salts = {key.token: measurement_salt(truths[key.token], str(full["run"]["run_id"])) for key in keys}
    root = measurements_root(stored, salts, scope)
    _tables(tables, salts, full, report)
    report.check("measurements root", root == full["commitments"]["measurements_root"], "VER-020", "measurements.jsonl",
                 what="measurements_root")
    check_results(results, full, report)
    context = {name: full[name] for name in ("prior_runs", "budget", "deviations", "official")}
    evidence = Evidence(full["run"], results, keys, truths, documents["protocol"], documents["pack"], held, documents["submission"],
                        documents["audit"].get("heads") or {}, {**context, "signers": full["protocol"]["signers"]})
    _reference(evidence, report)
    _measurements(evidence, stored, report, own, open_blob)
    baseline = baseline_again(full["comparison"], tables.get("baseline.jsonl", b""), evidence, stored)
    again = fact_room.build(evidence, stored, full["commitments"], baseline)
    report.numbers += list(compared(full, again))
    report.levels["V1"] = "done"


def _tables(tables: Mapping[str, bytes], salts: Mapping[str, bytes], full: Json, report: VerifyReport) -> None:
    """One row a case, in the order of tokens and as the harness writes it: what somebody reads in a table is what was counted."""
    for name in BY_TOKEN:
        rows = read_lines(tables.get(name, b""))
        tokens = [row["token"] for row in rows]
        fits = tokens == sorted(set(tokens)) and lines(rows) == tables.get(name, b"")
        report.check(f"{name}: one row a case, in order", fits, "VER-028", name)
    said = {row["token"]: row["salt"] for row in read_lines(tables["salts.jsonl"])}
    made = said == {token: salt.hex() for token, salt in salts.items()}
    report.check("salts of the measurements", made, "VER-012", "salts.jsonl", what="reference.jsonl")
    carried = bool(tables.get("baseline.jsonl"))
    report.check("comparison and its measurements", carried == (full["comparison"] is not None), "VER-012", "facts.json#/comparison",
                 what="baseline.jsonl")


def check_results(results: Sequence[Any], full: Json, report: VerifyReport) -> None:
    report.check("results root", results_root(results) == full["run"]["results_root"], "VER-020", "results.jsonl", what="results_root")


def _reference(evidence: Evidence, report: VerifyReport) -> None:
    """The frozen rows give the reference root; the copies that the plan declares follow from them and from nothing else."""
    held, scope = evidence.dataset, evidence.scope
    withdrawn = {token: bytes.fromhex(leaf) for token, leaf in (held.get("withdrawn_leaves") or {}).items()}
    made = copies_among(evidence.protocol, [key.token for key in evidence.keys])
    frozen = [key for key in evidence.keys if key.token not in made]
    truths = {key.token: evidence.truths[key.token] for key in frozen}
    leaves = {key.token: merkle.salted_leaf("reference", scope, bytes.fromhex(truths[key.token].salt),
                                            {"key": key.to_dict(), "truth": {**truths[key.token].to_dict(), "salt": ""}}) for key in frozen}
    leaves |= withdrawn
    root = merkle.root(leaves[token] for token in sorted(leaves))
    report.check("reference root", root == held["reference_root"], "VER-020", "reference.jsonl", what="reference_root")
    keys, again = with_copies(frozen, truths, withdrawn, evidence)
    fits = again == dict(evidence.truths) and sorted(map(repr, keys)) == sorted(map(repr, evidence.keys))
    report.check("copies as the plan declares them", fits, "VER-020", "keys.jsonl", what="copies")


def _measurements(evidence: Evidence, stored: Sequence[Measurement], report: VerifyReport, own: OwnPack | None,
                  open_blob: OpenBlob) -> None:
    """V2. A pack with a measure function of its own needs that pack here (--task DIR)."""
    pack = evidence.pack
    if own is not None and own.digest != pack["digest"]:
        report.refuse("VER-024", "pack/pack.json", found=own.digest[:16], right=str(pack["digest"])[:16])
        return
    if own is None and (pack.get("own_measure") or pack["measure"]["kind"] not in BY_KIND):
        report.levels["V2"] = "not_here"
        report.issues.append(eval_messages().issue("VER-022", "pack/pack.json", task=pack["task"]))
        return
    try:
        made = measure_run(evidence.results, evidence.keys, evidence.truths, pack, own.measure if own else None, open_blob)
    except BlobChanged as changed:
        report.refuse("VER-026", "blobs.tar", digest=changed.digest[:16])
        return
    except BlobMissing as missing:
        report.levels["V2"] = "not_here"
        report.issues.append(eval_messages().issue("VER-023", "results.jsonl", digest=missing.digest[:16]))
        return
    again = {one.token: one for one in made}
    wrong = [one.token for one in stored if one.token not in again or not same(one.to_dict(), again[one.token].to_dict())]
    if wrong or len(again) != len(stored):
        report.refuse("VER-021", f"measurements.jsonl, {(wrong or ['length'])[0][:12]}", n=len(wrong), of=len(again))
    else:
        report.passed.append(f"{len(stored)} measurements made again from outputs and truth")
    report.levels["V2"] = "done"


def compared(stored: Json, again: Json) -> Iterator[Number]:
    """A line for every number: estimates and tests one by one, curves and lists as wholes."""
    for name in NUMBER_PARTS:
        yield from _walk(stored.get(name), again.get(name), f"/{name}")


def _walk(stored: Any, again: Any, pointer: str) -> Iterator[Number]:
    if isinstance(stored, Mapping) and "unit_of_analysis" in stored:                     # an Estimate: one number
        brief = {part: stored[part] for part in ("value", "interval", "n", "counts")}
        fresh = {part: again[part] for part in brief} if isinstance(again, Mapping) and "counts" in again else None
        yield Number(pointer, MATCH if same(stored, again) else DIFFERS, brief, fresh)
    elif isinstance(stored, Mapping) and "points" not in stored:
        if not isinstance(again, Mapping) or set(again) != set(stored):
            yield Number(pointer, DIFFERS, sorted(stored), sorted(again) if isinstance(again, Mapping) else again)
            return
        for key in stored:
            yield from _walk(stored[key], again[key], f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}")
    elif isinstance(stored, list) and stored and isinstance(stored[0], Mapping):
        if not isinstance(again, list) or len(again) != len(stored):
            yield Number(pointer, DIFFERS, len(stored), len(again) if isinstance(again, list) else again)
            return
        for place, (one, other) in enumerate(zip(stored, again, strict=True)):
            yield from _walk(one, other, f"{pointer}/{place}")
    elif isinstance(stored, str | bool) or stored is None:
        if not same(stored, again) or pointer.endswith("/verdict"):
            yield Number(pointer, MATCH if same(stored, again) else DIFFERS, stored, again)
    else:
        status = MATCH if same(stored, again) else DIFFERS
        shown = [None if isinstance(value, Mapping | list) else value for value in (stored, again)]
        yield Number(pointer, status, *shown)


def from_counts(facts: Json, pack: Json) -> Iterator[Number]:
    """V1 with the vendor edition of a sealed set: closed forms from disclosed tables, every other number COMMITTED."""
    found: dict[str, Number] = {}
    exact: dict[str, bool] = {}
    for place, one in enumerate(facts["estimates"]):
        again = closed_form(one, pack)
        exact[one["id"]] = again is not None
        if again is not None:
            status = MATCH if same(again, [one["value"], one["interval"]]) else DIFFERS
            found[f"/estimates/{place}"] = Number(f"/estimates/{place}", status, one["value"], again[0])
    by_id = {one["id"]: one for one in facts["estimates"]}
    for place, line in enumerate(facts["tests"]):
        verdict = _verdict_from(line, by_id.get(line["estimate"]), exact.get(line["estimate"], False), f"/tests/{place}/verdict")
        if verdict is not None:
            found[verdict.pointer] = verdict
    if all(f"/tests/{place}/verdict" in found for place in range(len(facts["tests"]))):
        whole = overall([{"verdict": found[f"/tests/{place}/verdict"].again} for place in range(len(facts["tests"]))])
        found["/verdict"] = Number("/verdict", MATCH if whole == facts["verdict"] else DIFFERS, facts["verdict"], whole)
    counted = facts["accounting"]
    total = counted["answered"] + sum(counted["failed"].values()) + counted["missing"]
    fits = MATCH if total == counted["planned"] else DIFFERS
    found["/accounting/planned"] = Number("/accounting/planned", fits, counted["planned"], total)
    for number in compared(facts, facts):
        yield found.get(number.pointer) or Number(number.pointer, COMMITTED, number.stored)


def closed_form(one: Json, pack: Json) -> list[Any] | None:
    """[value, interval] again from the whole table of an operating point; None where it is not published."""
    table = cells_of(one["counts"])
    if table is None or isinstance(one["value"], Mapping):
        return None
    metric = next((spec["metric"] for spec in pack["estimates"] if spec["id"] == one["id"]), "")
    if metric in GOOD:
        good, bad = (table[cell] for cell in GOOD[metric])
        k, n = good, good + bad
    elif metric == "accuracy":
        k, n = table["tp"] + table["tn"], sum(table.values())
    elif metric == "lesion_sensitivity":
        k, n = table["found"], table["found"] + table["missed"]
    else:
        return None
    method = one["interval"].get("method")
    if method not in proportions.METHODS:
        return [k / n, one["interval"]]
    lower, upper = proportions.METHODS[method](k, n, one["interval"]["level"])
    return [k / n, {**one["interval"], "lower": lower, "upper": upper}]


def _verdict_from(line: Json, one: Json | None, exact: bool, pointer: str) -> Number | None:
    """The verdict again from a published table; None where the table is not published."""
    rule = line["comparator"]
    method = one["interval"].get("method") if one else None
    if one is None or not exact or rule["kind"] != "target" or method not in proportions.METHODS or line["verdict"] == "not_tested":
        return None
    lower, upper = proportions.METHODS[method](one["counts"]["k"], one["counts"]["n"], line["level"])
    clear = lower > rule["value"] if line["bound"] == "lower" else upper < rule["value"]
    again = "met" if clear else "not_met"
    return Number(pointer, MATCH if again == line["verdict"] else DIFFERS, line["verdict"], again)
