"""How the copies that a plan declares are made: a closed, versioned list of steps over a case's inputs.

Every step keeps shape and geometry of the array, so that a reference standard in millimetres or voxels still fits. Steps that
move anatomy (flip, turn) are for tasks without places only; whether a side may be swapped is the pack author's to say, by
listing the step in task.yaml. A pack may bring steps of its own: `variant(op, params, data, meta, seed) -> bytes` in task.py.
The same input, step and seed give the same bytes: whole-number noise, no library that could round otherwise.
"""
from __future__ import annotations

import io
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval_harness.base import Case, WrongUsage, canonical, eval_messages, sha256
from eval_harness.base.copies import REPEAT, Copy, declared_copies
from eval_harness.base.reasons import why
from eval_harness.base.rows import Socket
from eval_harness.base.wrong_value import RuleBroken
from eval_harness.tasks.pack import Pack
from eval_harness.testset.layout import CASES, INPUTS, LEAVES, TestSet, read_lines

Array = NDArray[Any]
IMAGES = ("volume", "image", "frames")
Q50 = np.array([
    [16, 11, 10, 16, 24, 40, 51, 61], [12, 12, 14, 19, 26, 58, 60, 55], [14, 13, 16, 24, 40, 57, 69, 56], [14, 17, 22, 29, 51, 87, 80, 62],
    [18, 22, 37, 56, 68, 109, 103, 77], [24, 35, 55, 64, 81, 104, 113, 92], [49, 64, 78, 87, 103, 121, 120, 101],
    [72, 92, 95, 98, 112, 100, 103, 99]], np.float64)
"""Luminance quantisation of ITU-T T.81, table K.1 (quality 50)."""


@dataclass(frozen=True)
class Step:
    run: Callable[[Array, Mapping[str, Any], np.random.Generator], Array]
    params: tuple[str, ...]
    kinds: tuple[str, ...] = IMAGES


def _noise(values: Array, params: Mapping[str, Any], rng: np.random.Generator) -> Array:
    """Bell-shaped noise of standard deviation `sd`, in the values' own unit: the sum of eight whole uniform numbers."""
    drawn = rng.integers(-32_768, 32_768, (8, *values.shape)).sum(axis=0)
    return np.asarray(values + drawn * (float(params["sd"]) / (8 * (65_536**2 - 1) / 12) ** 0.5))


def _resample(values: Array, params: Mapping[str, Any], _: np.random.Generator) -> Array:
    """In the plane to `factor` times coarser spacing (mean over blocks) and back to the same grid (linear)."""
    factor = int(params["factor"])
    for axis in (-2, -1):
        size = values.shape[axis]
        moved = np.moveaxis(values, axis, -1)
        whole = np.concatenate([moved, np.repeat(moved[..., -1:], -size % factor, axis=-1)], axis=-1)
        coarse = whole.reshape(*whole.shape[:-1], -1, factor).mean(axis=-1)
        at = np.clip((np.arange(size) + 0.5) / factor - 0.5, 0, coarse.shape[-1] - 1)
        low = np.minimum(at.astype(np.intp), max(0, coarse.shape[-1] - 2))
        high = np.minimum(low + 1, coarse.shape[-1] - 1)
        values = np.moveaxis(coarse[..., low] * (1 - (at - low)) + coarse[..., high] * (at - low), -1, axis)
    return values


def _window(values: Array, params: Mapping[str, Any], _: np.random.Generator) -> Array:
    """Another gain and offset: value × `scale` + `offset`."""
    return values * float(params["scale"]) + float(params["offset"])


def _jpeg(values: Array, params: Mapping[str, Any], _: np.random.Generator) -> Array:
    """Loss of baseline JPEG at `quality` (8 x 8 blocks, table K.1), over the image's own range in 256 grey levels."""
    quality = float(params["quality"])
    table = np.clip(np.floor((Q50 * (5000 / quality if quality < 50 else 200 - 2 * quality) + 50) / 100), 1, 255)
    k, n = np.meshgrid(np.arange(8), np.arange(8), indexing="ij")
    basis = np.where(k == 0, 8**-0.5, 0.5 * np.cos((2 * n + 1) * k * np.pi / 16))
    low, span = float(values.min()), float(np.ptp(values)) or 1.0
    grey = np.rint((values - low) * (255 / span)) - 128
    height, width = grey.shape[-2:]
    grey = np.pad(grey, [(0, 0)] * (grey.ndim - 2) + [(0, -height % 8), (0, -width % 8)], mode="edge")
    blocks = grey.reshape(*grey.shape[:-2], grey.shape[-2] // 8, 8, grey.shape[-1] // 8, 8).swapaxes(-3, -2)
    kept = np.rint(np.round(basis @ blocks @ basis.T / table, 6)) * table
    back = np.clip(np.rint(np.round(basis.T @ kept @ basis, 6)), -128, 127).swapaxes(-3, -2).reshape(grey.shape)[..., :height, :width]
    return np.asarray((back + 128) * (span / 255) + low)


def _flip(values: Array, params: Mapping[str, Any], _: np.random.Generator) -> Array:
    return np.flip(values, axis=-1 - int(params["axis"]))


def _turn(values: Array, params: Mapping[str, Any], _: np.random.Generator) -> Array:
    turns = int(params["quarter_turns"])
    if turns % 2 and values.shape[-1] != values.shape[-2]:
        raise RuleBroken("四分之一转要求平面是正方形", "a quarter turn needs a square plane")
    return np.rot90(values, turns, axes=(-2, -1))


def _missing(values: Array, params: Mapping[str, Any], _: np.random.Generator) -> Array:
    """The feature at place `index` is not there."""
    out = np.array(values)
    out[int(params["index"])] = np.nan
    return out


STEPS: dict[str, Step] = {
    "noise/1": Step(_noise, ("sd",)), "resample/1": Step(_resample, ("factor",)), "window/1": Step(_window, ("scale", "offset")),
    "jpeg/1": Step(_jpeg, ("quality",)), "flip/1": Step(_flip, ("axis",)),
    "turn/1": Step(_turn, ("quarter_turns",)), "missing/1": Step(_missing, ("index",), ("vector",)),
    REPEAT: Step(lambda values, params, rng: values, (), (*IMAGES, "vector", "text")),
}


def altered(pack: Pack, copy: Copy, kind: str, data: bytes, meta: Mapping[str, Any]) -> bytes:
    """The copy's bytes of one input of socket kind `kind`. Raises WrongUsage TSK-007 where the step does not fit the input."""
    if copy.op == REPEAT:
        return data
    step, own = STEPS.get(copy.op), pack.hook("variant")
    try:
        if step is None:
            if own is None:
                raise RuleBroken("没有这个步骤", "there is no such step")
            return bytes(own(copy.op, copy.params, data, meta, copy.seed))
        if kind not in step.kinds:
            return data
        values = np.lib.format.read_array(io.BytesIO(data), allow_pickle=False)
        made = step.run(values.astype(np.float64), copy.params, np.random.default_rng(copy.seed))
    except (KeyError, ValueError, TypeError) as error:
        raise WrongUsage(eval_messages().issue("TSK-007", f"{pack.id}, {copy.variant}", op=copy.op, reason=why(error))) from error
    held = io.BytesIO()
    np.lib.format.write_array(held, np.ascontiguousarray(_fitted(made, values.dtype)), version=(1, 0), allow_pickle=False)
    return held.getvalue()


def _fitted(values: Array, dtype: np.dtype[Any]) -> Array:
    if dtype.kind == "f":
        return values.astype(dtype)
    limits = np.iinfo(dtype)
    return np.clip(np.rint(values), limits.min, limits.max).astype(dtype)


@contextmanager
def cases_to_run(held: TestSet, pack: Pack, protocol: Mapping[str, Any], folder: Path) -> Iterator[TestSet]:
    """The set as the runner should see it: with the copies that `protocol` declares, in `folder` while this block runs.

    The originals are hard links (copied where the file system has none); the folder is removed at the end, so that a case
    that is withdrawn later is nowhere else. Without variants the set itself.
    """
    copies = declared_copies(protocol, (row["token"] for row in read_lines(held.path / LEAVES)))
    if not copies:
        yield held
        return
    shutil.rmtree(folder, ignore_errors=True)
    try:
        (folder / INPUTS).mkdir(parents=True)
        present = {case.token: case for case in held.cases}
        for token in present:
            shutil.copytree(held.folder(token), folder / INPUTS / token, copy_function=_link)
        made = [_copied(held, pack, copy, present[copy.original], folder) for copy in copies if copy.original in present]
        whole = replace(held, path=folder, cases=tuple(sorted((*held.cases, *made), key=lambda case: case.token)))
        (folder / CASES).write_bytes(b"".join(canonical(case.to_dict()) + b"\n" for case in whole.cases))
        yield whole
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _link(source: str, target: str) -> str:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target


def _copied(held: TestSet, pack: Pack, copy: Copy, case: Case, folder: Path) -> Case:
    target = folder / INPUTS / copy.token
    target.mkdir()
    described = json.loads((held.folder(case.token) / "case.json").read_bytes())
    kinds = {socket.name: socket.kind for socket in pack.spec.sockets}
    sockets = []
    for name, told in described["sockets"].items():
        data = altered(pack, copy, kinds.get(name, ""), (held.folder(case.token) / told["path"]).read_bytes(), told["meta"])
        (target / told["path"]).write_bytes(data)
        told |= {"sha256": sha256(data), "bytes": len(data)}
        sockets.append(Socket(name, told["sha256"], len(data), told["media_type"], f"{copy.token}/{told['path']}"))
    text = canonical(described)
    (target / "case.json").write_bytes(text)
    for path in target.iterdir():
        os.utime(path, (0, 0))
    return Case(copy.token, (*sockets, Socket("case", sha256(text), len(text), "application/json", f"{copy.token}/case.json")))
