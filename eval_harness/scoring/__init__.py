"""Stored results and truth to measurements, estimates, verdicts and facts: pure, and the same bytes every time."""
from eval_harness.scoring.directory import ScoreDir, score
from eval_harness.scoring.evidence import Evidence
from eval_harness.scoring.packs import pack_json

__all__ = ["Evidence", "ScoreDir", "pack_json", "score"]
