"""The file that says what is done with each kind of identifying text, and how much doubt a release may carry."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import Field, model_validator

from eval_harness.base.record import Record
from eval_harness.base.wrong_value import RuleBroken
from schemas.shapes.site import LocalName

SpanType = Literal[
    "NAME",
    "MRN",
    "IDCARD",
    "PASSPORT",
    "SSN",
    "PHONE",
    "EMAIL",
    "URL",
    "ADDR",
    "ZIP",
    "ORG",
    "DATE",
    "AGE",
    "BANK",
    "PLATE",
    "ACCT",
    "OTHER",
]
SPAN_TYPES: tuple[str, ...] = get_args(SpanType)
TextAction = Literal["tag", "shift", "year", "keep"]


class ExtraWord(Record):
    word: str = Field(min_length=2)
    type: SpanType


class Proof(Record):
    """What a release must show before it is allowed out."""

    sample: int = Field(default=300, ge=1)
    """Documents a person reads per batch."""
    confidence: float = Field(default=0.95, gt=0.5, lt=1)
    max_leak_bound: float = Field(default=0.05, gt=0, le=1)
    """The release is refused when the upper Clopper-Pearson bound of leaking documents is above this share."""
    required: bool = False
    """True: no test set is frozen from rows without a read sample. False: a sample is advised, and where there is none the set says
    so. Either way a bound above the limit refuses, once a sample has been read."""
    residual: Literal["batch", "subject", "row"] = "subject"
    """A row in which the residual scan finds something never leaves. What else is refused with it: everything of its batch, everything of
    its subject in the batch, or nothing."""
    canaries: int = Field(default=5, ge=0, le=500)
    """Made-up people sent through the engine before anything is released; one that comes out refuses everything. 0: none."""


class TextPolicy(Record):
    """What may stay of a text, by the kind of span found in it."""

    policy_id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
    version: int = Field(ge=1)
    title: LocalName
    actions: dict[SpanType, TextAction] = Field(default_factory=dict)
    """tag: replace by [TYPE]. shift: move a date by the subject's shift, else tag. year: keep a date's year. keep: leave as it is."""
    tagger: bool = True
    """Use our own statistical tagger besides known identities and forms."""
    keep_words: list[str] = Field(default_factory=list)
    """Words of this site that are never names: local protocol names, device names."""
    remove_words: list[ExtraWord] = Field(default_factory=list)
    """Words of this site that are always removed: nicknames of buildings, staff not in any list."""
    recognizers: list[str] = Field(default_factory=list)
    """Python paths `package.module:function` of a site's own presidio recognisers; loaded only when named here."""
    proof: Proof = Proof()

    @model_validator(mode="after")
    def _dates_only(self) -> TextPolicy:
        wrong = [kind for kind, action in self.actions.items() if action in ("shift", "year") and kind != "DATE"]
        if wrong:
            raise RuleBroken(f"shift 与 year 只用于 DATE，不用于 {', '.join(wrong)}",
                             f"actions shift and year are for DATE, not for {', '.join(wrong)}")
        return self
