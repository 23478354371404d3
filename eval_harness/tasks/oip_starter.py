"""A served submission to start from: the Open Inference Protocol on a Unix socket, by the standard library alone.

Change `load` and `predict`. Each case stands alone: 5 % are asked again of a fresh server, and one other answer voids the run.
"""
import json
import os
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import UnixStreamServer
from typing import Any

HERE = Path(__file__).resolve().parent
OUTPUT = os.environ.get("TOUCHSTONE_OUTPUT", "/output")   # the variable is set where nothing isolates


def load() -> Any:
    """Read the model, once."""
    return json.loads((HERE / "answer.json").read_text(encoding="utf-8"))


def predict(model: Any, case: dict[str, Any], inputs: dict[str, dict[str, Any]]) -> Any:
    """The answer to one case, as output.json has it. case: case.json; inputs: tensors by socket, {"shape", "datatype", "data"}."""
    assert set(inputs) == set(case["sockets"])
    return model   # an example's answer for every case: put yours here


class Handler(BaseHTTPRequestHandler):
    """GET /v2/health/ready and POST /v2/models/model/infer."""

    model: Any = None

    def do_GET(self) -> None:
        self._reply(200 if self.path == "/v2/health/ready" else 404, {})

    def do_POST(self) -> None:
        told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        tensors = {tensor.pop("name"): tensor for tensor in told["inputs"]}
        case = json.loads(tensors.pop("case")["data"][0])
        answer = json.dumps(predict(self.model, case, tensors))
        self._reply(200, {"model_name": "model", "id": told["id"], "outputs": [
            {"name": "output", "shape": [1], "datatype": "BYTES", "data": [answer]}]})

    def _reply(self, status: int, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """A Unix socket's caller has no address to print."""


if __name__ == "__main__":
    Handler.model = load()
    os.chdir(OUTPUT)
    with UnixStreamServer("oip.sock", Handler) as server:
        os.chmod("oip.sock", 0o666)
        server.serve_forever()
