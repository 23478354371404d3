"""Risk from six features of a structured record; a tenth of the laboratory values is missing. The model is a logistic one."""
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from onnx import TensorProto

from eval_harness.base import Truth
from eval_harness.tasks import phantoms
from eval_harness.tasks.graphs import Graph
from eval_harness.tasks.starter import write_onnx_submission
from eval_harness.testset.volume import vector_input

NAMES = ("age", "male", "creatinine", "haemoglobin", "crp", "prior_admissions")
MEANS, WEIGHTS, BIAS = (62.0, 0.5, 85.0, 130.0, 20.0, 1.0), (0.045, 0.3, 0.012, -0.02, 0.018, 0.45), -1.0


def synthetic(seed: int, n: int) -> Iterator:
    for number in range(n):
        rng = np.random.default_rng((seed, number))
        values = np.array([np.clip(rng.normal(62, 14), 18, 99), rng.integers(2), rng.gamma(9, 9.5), rng.normal(130, 17),
                           rng.gamma(1.2, 17), rng.poisson(1)])
        risk = 1 / (1 + np.exp(-(BIAS + 1.1 * ((values - MEANS) * WEIGHTS).sum())))
        label = int(rng.random() < risk)
        band = phantoms.AGES[int(np.searchsorted((45, 60, 75), values[0], side="right"))]
        sex = phantoms.SEXES[int(values[1])]
        values[2:5] = np.where(rng.random(3) < 0.1, np.nan, values[2:5])
        key = phantoms.case_key(number, rng, sex=sex, age_band=band)
        yield ([vector_input("features", np.round(values, 2), NAMES)], key,
               Truth(key.case_id, {"label": label}, source="made by the practice generator"))


def reference_model(out: Path) -> None:
    """Missing values are replaced by the mean."""
    graph = Graph()
    means = graph.constant([MEANS])
    filled = graph("Where", graph("IsNaN", "features"), means, "features")
    centred = graph("Mul", graph("Sub", filled, means), graph.constant([WEIGHTS]))
    score = graph("Sigmoid", graph("Add", graph("ReduceSum", centred, keepdims=0), graph.constant(BIAS)))
    model = graph.model("risk", {"features": (TensorProto.FLOAT, [1, len(NAMES)])}, {"score": (score, [])})
    write_onnx_submission(
        out, model, task="fhir-risk", task_version=1, sockets={"features": "features"},
        pre=[{"op": "cast/1", "socket": "features", "dtype": "float32"}, {"op": "row/1", "socket": "features"}],
        post=[{"op": "score/1", "tensor": "score"}], operating_points={"declared": 0.25})
