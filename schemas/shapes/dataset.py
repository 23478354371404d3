"""SPEC.yaml of a data set (docs/datasets.md): which cases, how the reference standard comes about, how the set is split."""
from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field, model_validator

from eval_harness.base.record import Record
from eval_harness.base.wrong_value import RuleBroken
from schemas.shapes.site import LocalName, Modality, SiteId

DatasetId = Annotated[str, Field(pattern=r"^[a-z0-9](?:[a-z0-9-]{0,60}[a-z0-9])?$")]


class Criteria(Record):
    """Which series become cases. Everything named must hold."""

    modalities: list[Modality] = Field(min_length=1)
    sites: list[SiteId] = Field(default_factory=list)
    """Empty = every site."""
    studied_from: dt.date | None = None
    studied_until: dt.date | None = None
    """Shifted dates: useful for spans inside one subject only; see docs/datasets.md."""
    min_instances: int = Field(default=1, ge=1)
    where: str | None = None
    """A SQL condition over the columns of `candidate`: those of series and study, person, age_years. Sub-queries over any
    de-identified table are allowed."""
    without_remarks: list[str] = Field(default_factory=list)
    """Codes of remarks (deid.issue) that keep a series out, such as CHK-114 for a missing slice."""
    per_person: int | None = Field(default=None, ge=1)
    """At most this many cases of one person; nothing = every study. A study gives one case at most."""


class ReferenceStandard(Record):
    """How readings become the reference standard of a case."""

    rule: Literal["consensus", "adjudicated"] = "consensus"
    """consensus: what `agree` readers say stands. adjudicated: any disagreement goes to an adjudicator first."""
    readers: int = Field(default=3, ge=1)
    """Readings a case needs before it can be frozen."""
    agree: int = Field(default=2, ge=1)
    match_mm: float = Field(default=3.0, gt=0)
    """Marks of different readers are one lesion when nearer than this, or than the larger radius."""
    below_agreement: Literal["ignore", "drop"] = "ignore"
    """A lesion that fewer readers marked: on it a model's mark counts neither way (ignore), or as false (drop)."""

    @model_validator(mode="after")
    def _possible(self) -> ReferenceStandard:
        if self.agree > self.readers:
            raise RuleBroken("agree 不能大于 readers", "agree cannot be larger than readers")
        if 2 * self.agree <= self.readers:
            raise RuleBroken("agree 必须超过 readers 的一半，否则两个相反的答案都成立",
                             "agree must be more than half of readers, else two opposite answers would both stand")
        return self


class Split(Record):
    """Persons, never cases, are divided; the same person and seed always fall on the same side."""

    practice: float = Field(default=0.0, ge=0, lt=1)
    """Share of persons whose cases become the practice set <id>-practice, with open reference."""
    validation: float = Field(default=0.0, ge=0, lt=1)
    """Share of persons whose cases become the validation set <id>-validation: sealed, and released through the Ladder only."""
    seed: int = 1

    @model_validator(mode="after")
    def _leaves_some(self) -> Split:
        if self.practice + self.validation >= 1:
            raise RuleBroken("practice 与 validation 之和必须给封存集留下人",
                             "practice and validation together must leave persons for the sealed set")
        return self


class HiddenCases(Record):
    """Check cases of sealed and validation sets. They count in no headline; only the sealed part says which they are."""

    repeats: float = Field(default=0.0, ge=0, le=0.5)
    """Share of scored cases shown a second time under another token, for repeatability."""
    canaries: float = Field(default=0.0, ge=0, le=0.2)
    """Share of cases whose sealed reference is another case's: a model that agrees with it has seen the sealed part."""
    seed: int = 1


class DatasetSpec(Record):
    dataset_id: DatasetId | None = None
    """The id this file is meant for; `--out` must then say the same."""
    title: LocalName
    intended_use: LocalName | None = None
    task: str
    """Task pack: a name that `touchstone-eval tasks` lists, or a folder."""
    select: Criteria
    strata: list[Literal["site", "sex", "age_band", "manufacturer", "slice_thickness", "lesion_size"]] = Field(default_factory=list)
    reference_standard: ReferenceStandard = ReferenceStandard()
    split: Split = Split()
    hidden: HiddenCases = HiddenCases()
    contact: str = ""
    limitations: LocalName | None = None
    """What a reader of the card must know before drawing conclusions."""
