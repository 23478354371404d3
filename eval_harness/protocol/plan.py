"""A protocol: what will be tested, against what, on which set, with which rules. Written before the run, then locked."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from eval_harness.base.record import Record

SCHEMA = "touchstone.protocol/1"


class Words(Record):
    """One text in both languages."""

    zh: str
    en: str


class Scope(Record):
    """Whom the device is for. Cases outside are accounted for and judged apart, never mixed in."""

    population: Literal["adult", "paediatric", "all"] = "all"
    """adult: cases of the paediatric age bands are out of scope, and the report says so."""
    age_bands: tuple[str, ...] = ()
    """Age bands claimed; empty = those of `population`."""
    modalities: tuple[str, ...] = ()


class Device(Record):
    """The device under test, as in its registration file."""

    legal_entity: str
    """Who is responsible for it. Budgets are kept per legal entity, whatever the account."""
    family: str
    """The product; versions of one family share a budget."""
    name: str
    version: str
    intended_use: Words
    scope: Scope = Scope()


class Task(Record):
    id: str
    version: int
    digest: str
    """Digest of the task pack's files."""


class Dataset(Record):
    set_id: str
    version: str
    visibility: Literal["practice", "sealed"]
    inputs_root: str
    reference_root: str


class OperatingPoint(Record):
    """A threshold fixed before the run. One found on the sealed set itself would be exploratory."""

    name: str
    threshold: float
    source: str
    """practice:<set@version> | declared | submission: where the threshold comes from."""


class Comparator(Record):
    """What the bound of the interval is held against."""

    kind: Literal["target", "superiority", "noninferiority", "none"]
    value: float | None = None
    """target: the value the bound must clear."""
    margin: float | None = None
    """noninferiority: the largest loss against `version` that is acceptable, above 0."""
    version: str | None = None
    """superiority, noninferiority: the device version (or submission digest) compared with."""
    reason: str = ""
    """Why this value or margin: guideline, predicate device, clinical argument."""


class Endpoint(Record):
    """One primary end point and its success rule."""

    estimate: str
    comparator: Comparator
    bound: Literal["lower", "upper"] = "lower"
    method: str | None = None
    """Interval method (wilson, clopper_pearson, delong_logit, bootstrap, bca); Wilson and Clopper-Pearson can differ in verdict."""
    alpha: float = Field(0.05, gt=0, lt=0.5)
    sided: Literal["one", "two"] = "two"


class Subgroup(Record):
    dimension: str
    min_n: int = Field(10, ge=1)


class Variant(Record):
    """Copies of cases, altered or simply again, that run beside the set: robustness and repeatability, never the headline."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
    op: str
    """How copies are made: a step of eval_harness/tasks/variants.py or of the task pack; repeat/1 changes nothing."""
    params: dict[str, float] = Field(default_factory=dict)
    cases: int = Field(20, ge=1)
    """Cases copied; which ones follows from the plan's digest."""


class Size(Record):
    """How many cases one end point needs. Re-computed by `plan check`."""

    design: Literal["proportion_target", "auc_target", "mean_target", "auc_paired", "none"]
    """proportion_target: exact binomial. auc_target, auc_paired: Hanley-McNeil variances. mean_target: non-central t."""
    assumed: float | None = None
    """True value the power is computed for."""
    reference: float | None = None
    """auc_paired: true value of the version compared with."""
    correlation: float = Field(0.0, ge=-1, lt=1)
    """auc_paired: correlation of the two estimates, which come from the same cases."""
    sd: float | None = Field(None, gt=0)
    """mean_target: standard deviation over persons."""
    design_effect: float = Field(1.0, ge=1)
    """1 + (units a person - 1) × intra-person correlation, where a person has several units."""
    required_positives: int | None = None
    required_negatives: int | None = None
    available_positives: int | None = None
    available_negatives: int | None = None
    achieved_power: float | None = None


class EndpointSize(Size):
    estimate: str
    """The primary end point this is for."""


class SampleSize(Size):
    """Why this many cases are enough: the first end point here, every further one under `others`."""

    power: float = Field(0.8, gt=0, lt=1)
    """Wanted for every end point and, several being primary, for all of them together."""
    allowance: float = Field(0.0, ge=0, lt=1)
    """Share of cases that may fail or be unreadable."""
    others: tuple[EndpointSize, ...] = ()
    joint_power: float | None = None
    """Least probability that every end point is met, whatever their dependence."""


class Disclosure(Record):
    """What the vendor edition of a sealed set may show (eval_harness/scoring/disclose.py)."""

    min_cell: int = Field(default=10, ge=10)
    value_grid: float = Field(default=0.01, ge=0.01, le=0.2)


class Plan(Record):
    """The whole protocol. `plan lock` signs its digest; afterwards every deviation is listed in the report."""

    schema_: Literal["touchstone.protocol/1"] = Field("touchstone.protocol/1", alias="schema")
    task: Task
    dataset: Dataset
    submission: str | None = None
    """Digest of the submission folder; must be set before locking for a sealed set."""
    device: Device
    operating_points: tuple[OperatingPoint, ...] = ()
    primary: tuple[Endpoint, ...] = Field(min_length=1)
    multiplicity: Literal["none", "fixed_sequence", "bonferroni", "holm"] = "none"
    """none needs a single end point; fixed_sequence tests in the written order and stops at the first that fails."""
    subgroups: tuple[Subgroup, ...] = ()
    minimum_n: int = 10
    failure_rules: dict[str, str]
    cluster: str = "person"
    level: float = Field(0.95, gt=0.5, lt=1)
    B: int = Field(2000, ge=200, le=100_000)
    seed: int = Field(ge=0, lt=2**32)
    sample_size: SampleSize | None = None
    variants: tuple[Variant, ...] = ()
    disclosure: Disclosure = Disclosure()
    limits: dict[str, float] = Field(default_factory=dict)
    analysis_set: Literal["intention_to_diagnose"] = "intention_to_diagnose"
    """Every case in scope counts; failed ones by the failure rules."""
    conflicts: str = ""
    """Interests of those who run the evaluation, in words; empty = none declared."""

    def to_dict(self) -> dict[str, Any]:
        return self.model_dump(mode="json", by_alias=True)


def default_plan(pack: Mapping[str, Any], dataset: Mapping[str, Any], submission: Mapping[str, Any] | None = None,
                 submission_digest: str | None = None, device: Mapping[str, Any] | None = None,
                 variants: bool | None = None) -> dict[str, Any]:
    """The pack's default protocol for one set and submission, as JSON ready to be edited.

    pack: scoring.pack_json. dataset: the set manifest. Thresholds come from the submission's declared operating points.
    variants: whether the pack's robustness and repeatability runs are declared; without it, on practice sets only.
    """
    rules = dict(pack.get("protocol") or {})
    declared = dict((submission or {}).get("operating_points") or {})
    points = [{"name": one["name"], "threshold": float(declared.get(one["name"], one.get("default") or 0.5)),
               "source": "submission" if one["name"] in declared else "declared"} for one in pack.get("operating_points", [])]
    made = (submission or {}).get("device") or {}
    spoken = {"legal_entity": made.get("vendor", "unknown"), "family": made.get("family", "unknown"),
              "name": made.get("family", "unknown"), "version": made.get("version", "0"),
              "intended_use": dict(pack["summary"]), **(device or {})}
    plan = {
        "schema": SCHEMA,
        "task": {"id": pack["task"], "version": pack["version"], "digest": pack["digest"]},
        "dataset": {name: dataset[name] for name in ("set_id", "version", "visibility", "inputs_root", "reference_root")},
        "submission": submission_digest, "device": spoken, "operating_points": points,
        "primary": [{"estimate": pack["primary"], "comparator": rules.get("comparator") or {"kind": "none"},
                     "alpha": rules.get("alpha", 0.05), "sided": rules.get("sided", "two")}],
        "multiplicity": rules.get("multiplicity", "none"),
        "subgroups": [{"dimension": one["name"], "min_n": one.get("minimum_n", 10)} for one in pack.get("strata", [])],
        "minimum_n": rules.get("minimum_n", 10), "failure_rules": dict(pack["failure_rules"]),
        "cluster": pack.get("cluster", "person"), "B": rules.get("B", rules.get("resamples", 2000)),
        "seed": rules.get("seed", 20261126),
        "variants": [{name: one[name] for name in ("name", "op", "params", "cases")} for one in pack.get("variants", [])]
        if (dataset["visibility"] == "practice" if variants is None else variants) else [],
    }
    return Plan.from_data(plan, "default protocol", "PLN-001").to_dict()
