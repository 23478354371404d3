"""The small reports that the tests of this room look at."""
CASES = [(task, visibility) for task in ("chest-dr", "lung-nodule-ct") for visibility in ("practice", "sealed")]
