"""`n` beside a value counts the unit of analysis that its plan names, whatever a model hands in."""
import numpy as np
import pytest

from eval_harness.metrics.registry import metric
from eval_harness.metrics.rows import BoxRows, FrocRows, TagRows
from eval_harness.scoring.disclose import effective_n
from eval_harness.scoring.estimates import counts_of
from eval_harness.stats.estimates import clusters, units


def marks(number: int) -> FrocRows:
    """Three persons with 2, 1 and 0 lesions in 1, 2 and 1 scans; every mark lies in the first person's scan."""
    return FrocRows(np.linspace(0.1, 0.9, number), np.zeros(number, bool), np.zeros(number, bool), np.zeros(number, np.intp),
                    np.array([2, 1, 0]), np.array([1, 2, 1]), 3)


def boxes(number: int) -> BoxRows:
    return BoxRows(np.linspace(0.1, 0.9, number), np.zeros((1, number), bool), np.zeros((1, number), bool), np.zeros(number, np.intp),
                   np.array([2, 1, 0]), 3, np.array([6, 6, 6]))


@pytest.mark.parametrize("number", [1, 400])
def test_marks_are_no_units_and_no_persons(number):
    assert [units(marks(number), of) for of in ("lesion", "scan", "clip")] == [3, 4, 4]
    assert [units(boxes(number), of) for of in ("lesion", "image")] == [3, 18]
    assert (clusters(marks(number)), clusters(boxes(number))) == (3, 3)


def test_entities_are_counted_where_they_are_the_unit():
    zero = np.zeros(2, np.intp)
    rows = TagRows(np.zeros((2, 1)), np.zeros((2, 1)), np.array([[2], [5]]), zero, zero, np.array([0, 1]), 2, ("name",))
    assert (units(rows, "entity"), units(rows, "report")) == (7, 2)


def test_many_marks_do_not_make_a_small_set_look_large():
    few, many = (counts_of(boxes(number), None) for number in (1, 400))
    assert few == many == {"lesions": 3, "images": 18}
    assert effective_n(many) == 3
    assert metric("fp_per_scan").unit == "1/scan"
