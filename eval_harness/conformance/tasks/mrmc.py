"""Task `mrmc_reader_study`: one row a reading with columns reader, treatment, case, truth, rating; fully crossed."""
from __future__ import annotations

import re
from itertools import combinations_with_replacement
from typing import Any

import numpy as np

from eval_harness.conformance.casefiles import Case, as_numbers, column, read_table, refuse
from eval_harness.metrics.rows import BoolArray, FloatArray
from eval_harness.stats import mrmc_or as om
from eval_harness.stats import mrmc_ustat as us
from eval_harness.stats.mrmc_covariance import METHODS, Figures, rate_jackknife, success_matrix

NAMES = {"reader": ("reader", "readerid", "reader_id"), "treatment": ("treatment", "modality", "modalityid", "test", "arm"),
         "case": ("case", "caseid", "case_id"), "truth": ("truth", "y", "label", "status"), "rating": ("rating", "score")}


class Study:
    """score[treatments, readers, cases]; labels in their natural order."""

    def __init__(self, case: Case) -> None:
        table = read_table(case.one(".csv"))
        lower = {name.lower(): name for name in table[0]}
        found = {key: next((lower[w] for w in words if w in lower), "") for key, words in NAMES.items()}
        if missing := [key for key, name in found.items() if not name]:
            raise refuse("CNF-008", case.name, missing=", ".join(missing))
        text = {key: column(table, name) for key, name in found.items()}
        self.readers, self.treatments, cases = (_natural(text[key]) for key in ("reader", "treatment", "case"))
        self.score: FloatArray = np.full((len(self.treatments), len(self.readers), len(cases)), np.nan)
        self.truth: BoolArray = np.zeros(len(cases), bool)
        rating, truth = as_numbers(text["rating"]), as_numbers(text["truth"])
        if rating is None or truth is None:
            raise refuse("CNF-006", case.name)
        place = {key: {label: i for i, label in enumerate(labels)}
                 for key, labels in (("treatment", self.treatments), ("reader", self.readers), ("case", cases))}
        where = tuple(np.array([place[key][label] for label in text[key]]) for key in ("treatment", "reader", "case"))
        self.score[where] = rating
        self.truth[where[2]] = truth == 1
        if np.isnan(self.score).any() or min(self.score.shape[:2]) < 2:
            raise refuse("CNF-009", case.name)


def _natural(labels: list[str]) -> list[str]:
    return sorted(set(labels), key=lambda text: [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", text)])


def compute(case: Case) -> dict[str, Any]:
    study = Study(case)
    figures = {name: method(study.score, study.truth) for name, method in METHODS.items()}
    cut = float(re.sub(r"[^\d.]", "", str(case.params.get("binary_cut", "rating>=3"))) or 3)
    called = study.score >= cut
    sens = rate_jackknife(called, study.truth)
    false = rate_jackknife(called, ~study.truth)
    spec = Figures(1 - false.theta, false.cov)
    report: dict[str, Any] = {f"auc_random_readers_random_cases_{name}": _analysis(study, found, "rrrc", _METHOD_TEXT[name])
                              for name, found in figures.items()}
    report["auc_fixed_readers_random_cases_delong"] = _analysis(study, figures["delong"], "frrc", "DeLong")
    report["auc_random_readers_fixed_cases"] = _analysis(study, figures["delong"], "rrfc", "NULL")
    for name, found in (("sens", sens), ("spec", spec)):
        report[f"{name}_at_rating_ge{cut:g}_rrrc_jackknife"] = _analysis(study, found, "rrrc", "jackknife")
    theta = figures["delong"].theta
    report["per_reader_auc"] = [{"reader": _label(reader), "treatment": _label(treatment), "auc": float(theta[t, r])}
                                for t, treatment in enumerate(study.treatments) for r, reader in enumerate(study.readers)]
    return {"mrmcaov": report, **_ustat(study)}


_METHOD_TEXT = {"delong": "DeLong", "jackknife": "jackknife", "unbiased": "unbiased"}
_TESTS = {"rrrc": om.random_readers_random_cases, "frrc": om.fixed_readers_random_cases, "rrfc": om.random_readers_fixed_cases}


def _label(text: str) -> int | str:
    return int(text) if text.isdigit() else text


def _analysis(study: Study, figures: Figures, design: str, method: str) -> dict[str, Any]:
    c = om.components(figures)
    test = _TESTS[design](c)
    part = {"rrrc": {"MS(T:R)": c.ms_tr, "Cov2": c.cov2, "Cov3": c.cov3, "Denominator": test.denominator},
            "frrc": {"Cov1": c.cov1, "Cov2": c.cov2, "Cov3": c.cov3, "Denominator": test.denominator},
            "rrfc": {"MS(T:R)": c.ms_tr}}[design]
    statistic = {"X2": test.statistic, "df": test.df1} if design == "frrc" else {"F": test.statistic, "df1": test.df1, "df2": test.df2}
    differences = [{"Comparison": f"{study.treatments[a]} - {study.treatments[b]}", **_effect(one, design)}
                   for a, b, one in om.treatment_differences(figures, c, test)]
    return {"design": 1, "cov_method": method, "vcov_components": [] if design == "rrfc" else c.printed(),
            "test_equality": [{"MS(T)": c.ms_t, **part, **statistic, "p-value": test.p}], "test_diffs": differences,
            "test_means": [_mean(one, design) for one in om.treatment_means(figures, design)],
            "reader_test_diffs": _reader_differences(study, figures) if design == "frrc" else None,
            "reader_means": _reader_means(study, figures) if design == "frrc" else None}


def _effect(one: om.Effect, design: str) -> dict[str, Any]:
    out: dict[str, Any] = {"Estimate": one.estimate, "StdErr": one.se, "CI": [one.lower, one.upper], "p-value": one.p}
    return out | ({"z": one.statistic} if design == "frrc" else {"t": one.statistic, "df": one.df})


def _mean(one: om.Effect, design: str) -> dict[str, Any]:
    out: dict[str, Any] = {"Estimate": one.estimate, "StdErr": one.se, "CI": [one.lower, one.upper]}
    if design == "frrc":
        return out | {"Var(Error)": one.error, "Cov2": one.cov2}
    return out | {"MS(R)": one.ms_r, "df": one.df} | ({"Cov2": one.cov2} if design == "rrrc" else {})


def _reader_differences(study: Study, figures: Figures) -> list[dict[str, Any]]:
    return [{"Reader": study.readers[r], "Comparison": f"{study.treatments[a]} - {study.treatments[b]}", **_effect(one, "frrc")}
            for r, a, b, one in om.reader_differences(figures)]


def _reader_means(study: Study, figures: Figures) -> list[dict[str, Any]]:
    table = om.reader_means(figures)
    keys = [(t, r) for t in study.treatments for r in study.readers]
    return [{"empirical_auc": value, "treatment": t, "reader": r, "StdErr": se, "CI": [low, high]}
            for (t, r), (value, se, low, high) in zip(keys, table.tolist(), strict=True)]


def _ustat(study: Study) -> dict[str, Any]:
    success = [[success_matrix(study.score[t, r], study.truth) for r in range(len(study.readers))]
               for t in range(len(study.treatments))]
    single = {t: us.ustat(success[t], success[t]) for t in range(len(success))}
    order = [(t, t) for t in single] + [(a, b) for a, b in combinations_with_replacement(single, 2) if a != b]
    rows, per_reader = [], []
    for a, b in order:
        found = single[a] if a == b else us.ustat(success[a], success[b])
        rows.append(_ustat_row(study, a, b, found, single))
        for r1, first in enumerate(study.readers):
            for r2, second in enumerate(study.readers):
                s1, s2 = success[a][r1], success[b][r2]
                per_reader.append({"readerID.1": f"reader{first}", "readerID.2": f"reader{second}",
                                   "modalityID.1": f"test{study.treatments[a]}", "modalityID.2": f"test{study.treatments[b]}",
                                   "AUC.1": float(s1.mean()), "AUC.2": float(s2.mean()),
                                   "covAUC": us.covariance_of(us.moments(s1, s2))})
    return {"imrmc_ustat": rows, "imrmc_per_reader": per_reader}


def _ustat_row(study: Study, a: int, b: int, found: us.Ustat, single: dict[int, us.Ustat]) -> dict[str, Any]:
    out: dict[str, Any] = {
        "NR": len(study.readers), "N0": int((~study.truth).sum()), "N1": int(study.truth.sum()),
        "modalityID.1": f"test{study.treatments[a]}", "modalityID.2": f"test{study.treatments[b]}",
        "AUC.1": found.auc_first, "AUC.2": found.auc_second, "covAUC": found.cov, "covAUC.biased": found.cov_biased,
        "dfBDG": found.df, **{f"M{k + 1}": float(m) for k, m in enumerate(found.moments)}}
    if a == b:
        test = us.infer(found.auc_first, found.cov, found.df, 0.5, whole_df=True)
    else:
        diff, variance, biased, df = us.difference(single[a], single[b], found)
        out |= {"AUC1minusAUC2": diff, "varAUC1minusAUC2": variance, "varAUC1minusAUC2.biased": biased, "dfBDG.diff": df}
        test = us.infer(diff, variance, df, 0.0, whole_df=True)
    return out | {"botCInormal": test.lower_normal, "topCInormal": test.upper_normal, "pValueNormal": test.p_normal,
                  "botCIBDG": test.lower_t, "topCIBDG": test.upper_t, "pValueBDG": test.p_t}
