"""The ground floor: canonical bytes, Merkle roots, signatures, messages and the records every room speaks.

Everything offered here needs the standard library only. Records read from people's files (`Record`) are in
`eval_harness.base.record`, which needs pydantic, so that the verifier can do without it.
"""
from eval_harness.base.canonical import canonical, digest, sha256
from eval_harness.base.estimate import Absent, Estimate, Interval
from eval_harness.base.issue import (
    Catalogue,
    Issue,
    Retryable,
    Terminal,
    TouchstoneError,
    WrongUsage,
    eval_messages,
)
from eval_harness.base.rows import Case, CaseKey, Measurement, Result, Telemetry, Truth

__all__ = [
    "Absent", "Case", "CaseKey", "Catalogue", "Estimate", "Interval", "Issue", "Measurement", "Result", "Retryable",
    "Telemetry", "Terminal", "TouchstoneError", "Truth", "WrongUsage", "canonical", "digest", "eval_messages", "sha256",
]
