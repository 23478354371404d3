"""Frozen test sets: a folder of cases that a runner may see, and the reference standard sealed apart from it.

Opening the reference standard lives in `eval_harness.testset.reference`, on purpose not offered here: what runs models
must not be able to import it by accident.
"""
from eval_harness.testset.layout import CaseInput, SetManifest, TestSet, new_salt, new_token, read_set
from eval_harness.testset.verify import SetReport, verify_set
from eval_harness.testset.volume import image_input, read_image, text_input, vector_input
from eval_harness.testset.withdraw import withdraw_case
from eval_harness.testset.write import write_set

__all__ = [
    "CaseInput", "SetManifest", "SetReport", "TestSet", "image_input", "new_salt", "new_token", "read_image", "read_set",
    "text_input", "vector_input", "verify_set", "withdraw_case", "write_set",
]
