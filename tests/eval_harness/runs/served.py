"""Served submissions for tests: the kit's program with another `predict`, or with a reply written byte by byte."""
from __future__ import annotations

import json
from pathlib import Path

from eval_harness.base import sha256
from eval_harness.tasks.starter import write_served_submission

REPLY = '''
import json, os, socket, sys, threading, time
OUT = os.environ.get("TOUCHSTONE_OUTPUT", "/output")
os.chdir(OUT)
server = socket.socket(socket.AF_UNIX)
server.bind("oip.sock")
server.listen(8)
def whole(body, status=b"200 OK"):
    return b"HTTP/1.1 " + status + b"\\r\\nContent-Length: " + str(len(body)).encode() + b"\\r\\n\\r\\n" + body
def good(told, score=0.5, **change):
    output = {{"name": "output", "shape": [1], "datatype": "BYTES", "data": [json.dumps({{"score": score}})]}}
    return {{"model_name": "model", "id": told["id"], "outputs": [{{**output, **change}}]}}
def say(told, **change):
    line.sendall(whole(json.dumps(good(told, **change)).encode()))
seen = 0
while True:
    line, _ = server.accept()
    data = b""
    while b"\\r\\n\\r\\n" not in data:
        data += line.recv(65536)
    head, _, body = data.partition(b"\\r\\n\\r\\n")
    if head.startswith(b"GET"):
        line.sendall(whole(b"{{}}"))
        line.close()
        continue
    length = int(head.lower().split(b"content-length: ")[1].split(b"\\r\\n")[0])
    while len(body) < length:
        body += line.recv(65536)
    told = json.loads(body)
    seen += 1
    try:
{code}
    except OSError:
        pass
    line.close()
'''


def change_bundle(folder: Path, program: str) -> Path:
    """The served submission in `folder` with another program."""
    data = program.encode()
    (folder / "bundle" / "serve.py").write_bytes(data)
    manifest = json.loads((folder / "manifest.json").read_bytes())
    for entry in manifest["files"]:
        if entry["path"] == "bundle/serve.py":
            entry.update(sha256=sha256(data), bytes=len(data))
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def served(folder: Path) -> Path:
    """The kit's served submission of chest-dr."""
    write_served_submission(folder, {"score": 0.5}, task="chest-dr", task_version=1)
    return folder


def replying(folder: Path, code: str) -> Path:
    """A server that runs `code` for every request: `told` is the request, `line` the connection, `seen` how many came before and this."""
    return change_bundle(served(folder), REPLY.format(code="\n".join(f"        {row}" for row in code.splitlines())))
