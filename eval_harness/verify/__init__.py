"""Check an evidence file and re-compute its numbers. numpy and the standard library only."""
from eval_harness.verify.pack import verify_pack
from eval_harness.verify.result import Number, VerifyReport

__all__ = ["Number", "VerifyReport", "verify_pack"]
