"""Entities of report text in Chinese and English, tagged per character. The model looks words up and knows no negation."""
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from onnx import TensorProto

from eval_harness.base import Truth
from eval_harness.tasks import phantoms
from eval_harness.tasks.graphs import Graph
from eval_harness.tasks.starter import write_onnx_submission
from eval_harness.testset.volume import text_input

WORDS = {"FINDING": ("结节", "渗出", "钙化", "nodule", "effusion", "opacity"),
         "LOCATION": ("右肺上叶", "左肺下叶", "右肺中叶", "right upper lobe", "left lower lobe")}
ABSENT = ("胸腔积液", "气胸", "pneumothorax", "pleural effusion")
TAGS = ("O", "B-FINDING", "I-FINDING", "B-LOCATION", "I-LOCATION", "B-ABSENT", "I-ABSENT")
LENGTH, ALPHABET = 192, 65_536


def synthetic(seed: int, n: int) -> Iterator:
    for number in range(n):
        rng = np.random.default_rng((seed, number))
        lang = "zh" if number % 2 == 0 else "en"
        parts = zh(rng) if lang == "zh" else en(rng)
        text = "".join(part for part, _ in parts)
        tags = [tag for part, kind in parts for tag in iob2(len(part), kind)]
        key = phantoms.case_key(number, rng, language=lang)
        yield [text_input("report", text, lang)], key, Truth(key.case_id, {"tags": tags}, source="made by the practice generator")


def variant(op: str, params: dict, data: bytes, meta: dict, seed: int) -> bytes:
    """fullwidth/1: digits as a Chinese keyboard may write them; one character stays one character, so the tags still fit."""
    if op != "fullwidth/1":
        raise KeyError(op)
    return data.decode().translate({ord(digit): 0xFF10 + int(digit) for digit in "0123456789"}).encode()


def iob2(length: int, kind: str | None) -> list:
    return ["O"] * length if kind is None else [f"B-{kind}"] + [f"I-{kind}"] * (length - 1)


def zh(rng: np.random.Generator) -> list:
    place, found, other = rng.choice(WORDS["LOCATION"][:3]), rng.choice(WORDS["FINDING"][:3]), rng.choice(ABSENT[:2])
    size = f"，大小约{int(rng.integers(4, 20))}毫米。未见"
    return [("胸部平扫：", None), (str(place), "LOCATION"), ("见", None), (str(found), "FINDING"), (size, None), (str(other), "ABSENT"),
            ("。", None)]


def en(rng: np.random.Generator) -> list:
    place, found, other = rng.choice(WORDS["LOCATION"][3:]), rng.choice(WORDS["FINDING"][3:]), rng.choice(ABSENT[2:])
    return [("There is a ", None), (str(found), "FINDING"), (" in the ", None), (str(place), "LOCATION"), (". No ", None),
            (str(other), "ABSENT"), (".", None)]


def reference_model(out: Path) -> None:
    """Letters to small numbers, one convolution that is zero where a word stands, one that writes its tags back."""
    words = [(word, kind) for kind, held in (*WORDS.items(), ("ABSENT", ABSENT[:3])) for word in held]
    number = {letter: place + 1 for place, letter in enumerate(sorted({letter for word, _ in words for letter in word}))}
    table = np.zeros(ALPHABET, np.float32)
    for letter, place in number.items():
        table[ord(letter)] = place
    width = max(len(word) for word, _ in words)
    linear, square, offset = (np.zeros((len(words), 1, width)) for _ in range(3))
    back = np.zeros((len(words), len(TAGS), width), np.float32)
    for row, (word, kind) in enumerate(words):
        ids = np.array([number[letter] for letter in word])
        linear[row, 0, :len(word)], square[row, 0, :len(word)], offset[row, 0, :len(word)] = -2 * ids, 1, ids**2
        back[row, TAGS.index(f"B-{kind}"), 0] = back[row, TAGS.index(f"I-{kind}"), 1:len(word)] = 1
        back[row, TAGS.index(f"I-{kind}"), 0] = 0
    graph = Graph()
    known = graph("Where", graph("Less", "report", graph.constant(ALPHABET, np.int64)), "report", graph.constant(0, np.int64))
    ids = graph("Unsqueeze", graph("Gather", graph.constant(table), known), graph.constant([1], np.int64))
    squares = graph("Conv", graph("Mul", ids, ids), graph.constant(square))
    far = graph("Add", graph("Add", graph("Conv", ids, graph.constant(linear)), squares),
                graph.constant(offset.sum(axis=2, keepdims=True)[None, :, 0]))
    here = graph("Cast", graph("Less", graph("Abs", far), graph.constant(0.5)), to=TensorProto.FLOAT)
    written = graph("Transpose", graph("ConvTranspose", here, graph.constant(back)), perm=[0, 2, 1])
    rows = graph("Add", written, graph.constant([[[0.5] + [0.0] * (len(TAGS) - 1)]]))
    model = graph.model("words", {"report": (TensorProto.INT64, [1, LENGTH])}, {"tags": (rows, [1, LENGTH, len(TAGS)])})
    write_onnx_submission(
        out, model, task="report-text", task_version=1, sockets={"report": "report"},
        pre=[{"op": "characters/1", "socket": "report", "length": LENGTH}, {"op": "row/1", "socket": "report"}],
        post=[{"op": "tags/1", "tensor": "tags", "socket": "report", "names": list(TAGS)}])
