"""`touchstone review serve`: a page on this machine alone, where a person decides on text in pixels that nobody could read."""
from __future__ import annotations

import html
import secrets
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import parse_qs

import typer

if TYPE_CHECKING:
    from pipelines.phi_zone.pixels.review import Waiting
    from schemas.shapes.dicom_policy import DicomPolicy

app = typer.Typer(no_args_is_help=True, add_completion=False, help="像素文字人工复核 · review of text in pixels")
_WORDS = {"title": ("等待复核的文字", "Text waiting for review"), "hide": ("遮盖", "hide"), "keep": ("保留", "keep"),
          "save": ("保存", "Save"),
          "none": ("没有等待的文件。再运行一次 touchstone deid dicom。", "Nothing is waiting. Run touchstone deid dicom again."),
          "frame": ("帧", "frame"), "file": ("文件", "file")}
POLICY = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; form-action 'self'"


@app.callback()
def _group() -> None:
    """像素文字人工复核 · review of text in pixels."""


@app.command("serve")
def serve(
    out: Annotated[Path, typer.Argument(metavar="DIR", help="deid dicom 的输出文件夹 · the output folder of deid dicom")],
    source_map: Annotated[Path, typer.Option("--source-map", help="路径与摘要对照表 · path ↔ digest of the same run")],
    policy: Annotated[str, typer.Option("--policy", help="策略名或文件 · policy name or file")] = "cn-gold",
    port: Annotated[int, typer.Option("--port", help="0：任意空闲端口 · any free port")] = 0,
    lang: Annotated[str | None, typer.Option("--lang", help="zh | en")] = None,
) -> None:
    """在本机打开复核页面 · Serve the review page on 127.0.0.1. Then run deid dicom again: it uses the decisions."""
    from eval_harness.base.console import language, say
    from governance.access import acting
    from pipelines.phi_zone.dicom import load_policy

    server = make_server(out, source_map, load_policy(policy), str(acting()), language(lang), port)
    say(f"http://127.0.0.1:{server.server_address[1]}/{server.token}/")  # type: ignore[attr-defined]
    try:
        server.serve_forever()
    finally:
        server.server_close()


def make_server(out: Path, source_map: Path, policy: DicomPolicy, who: str, lang: str, port: int = 0) -> ThreadingHTTPServer:
    """A server on loopback whose every address begins with a secret: another account on this machine cannot guess it."""
    server = ThreadingHTTPServer(("127.0.0.1", port), _Page)
    server.token = secrets.token_urlsafe(24)  # type: ignore[attr-defined]
    server.desk = Desk(out, source_map, policy, who, lang)  # type: ignore[attr-defined]
    return server


class Desk:
    """What the page shows and takes down."""

    def __init__(self, out: Path, source_map: Path, policy: DicomPolicy, who: str, lang: str) -> None:
        self.out, self.source_map, self.policy, self.who, self.lang = out, source_map, policy, who, lang
        self.boxes: dict[int, list[tuple[int, int, int, int, int]]] = {}

    def word(self, name: str) -> str:
        return _WORDS[name][0 if self.lang == "zh" else 1]

    def queue(self) -> dict[int, Waiting]:
        from pipelines.phi_zone.pixels.review import decisions, waiting

        done = decisions(self.out)
        return {one.number: one for one in waiting(self.out, self.source_map) if one.source_sha256 not in done}

    def of(self, one: Waiting) -> list[tuple[int, int, int, int, int]]:
        from pipelines.phi_zone.pixels.review import open_file, uncertain_boxes

        if one.number not in self.boxes:
            self.boxes[one.number] = uncertain_boxes(open_file(one.path), self.policy)
        return self.boxes[one.number]

    def index(self, base: str) -> str:
        rows = "".join(f'<li><a href="{base}{number}">{self.word("file")} {number}</a></li>' for number in self.queue())
        return self.page(f"<ul>{rows}</ul>" if rows else f"<p>{self.word('none')}</p>")

    def form(self, one: Waiting, base: str) -> str:
        boxes = self.of(one)
        frame_word, hide, keep = self.word("frame"), self.word("hide"), self.word("keep")
        shown = sorted({box[0] for box in boxes})
        images = "".join(f'<img src="{base}{one.number}/{frame}.png" alt="{frame_word} {frame}">' for frame in shown)
        rows = "".join(
            f'<p>{place + 1} ({frame_word} {box[0]}) '
            f'<label><input type="radio" name="b{place}" value="hide" checked> {hide}</label> '
            f'<label><input type="radio" name="b{place}" value="keep"> {keep}</label></p>' for place, box in enumerate(boxes))
        return self.page(f'{images}<form method="post">{rows}<button>{self.word("save")}</button></form>')

    def page(self, body: str) -> str:
        title = html.escape(self.word("title"))
        style = "body{font-family:sans-serif;margin:2em}img{max-width:100%;display:block;margin:1em 0}"
        return (f'<!doctype html><html lang="{self.lang}"><meta charset="utf-8"><title>{title}</title><style>{style}</style>'
                f"<h1>{title}</h1>{body}</html>")

    def save(self, one: Waiting, fields: dict[str, list[str]]) -> None:
        from pipelines.phi_zone.pixels.review import decide

        chosen = [(box, fields.get(f"b{place}", ["hide"])[0] != "keep") for place, box in enumerate(self.of(one))]
        decide(self.out, one.source_sha256, chosen, self.who)


class _Page(BaseHTTPRequestHandler):
    server: Any

    def do_GET(self) -> None:
        parts, desk = self._parts(), self.server.desk
        if parts is None:
            return
        base = f"/{self.server.token}/"
        if parts == [""]:
            self._answer(desk.index(base).encode(), "text/html; charset=utf-8")
            return
        one = desk.queue().get(int(parts[0])) if parts[0].isdigit() else None
        if one is None:
            self.send_error(HTTPStatus.NOT_FOUND)
        elif len(parts) == 1:
            self._answer(desk.form(one, base).encode(), "text/html; charset=utf-8")
        else:
            from pipelines.phi_zone.pixels.review import open_file, png

            frame = parts[1].removesuffix(".png")
            self._answer(png(open_file(one.path), int(frame) if frame.isdigit() else 0, desk.of(one)), "image/png")

    def do_POST(self) -> None:
        parts = self._parts()
        if parts is None:
            return
        one = self.server.desk.queue().get(int(parts[0])) if parts[0].isdigit() else None
        if one is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        length = min(int(self.headers.get("Content-Length") or 0), 1 << 20)
        self.server.desk.save(one, parse_qs(self.rfile.read(length).decode("utf-8", "replace")))
        self.send_response(HTTPStatus.SEE_OTHER)
        self.send_header("Location", f"/{self.server.token}/")
        self.end_headers()

    def _parts(self) -> list[str] | None:
        """The path after the secret; anything without it, or asked for by another host name, is refused."""
        parts = self.path.split("?")[0].split("/")[1:]
        host = (self.headers.get("Host") or "").rsplit(":", 1)[0]
        if len(parts) < 2 or host not in ("127.0.0.1", "localhost") or not secrets.compare_digest(parts[0], self.server.token):
            self.send_error(HTTPStatus.FORBIDDEN)
            return None
        return parts[1:]

    def _answer(self, body: bytes, kind: str) -> None:
        self.send_response(HTTPStatus.OK)
        for name, value in (("Content-Type", kind), ("Content-Length", str(len(body))), ("Cache-Control", "no-store"),
                            ("Content-Security-Policy", POLICY), ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer")):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: an address holds the secret."""
