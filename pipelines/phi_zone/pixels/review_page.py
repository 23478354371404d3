"""The review page as HTML: one file at a time, each doubtful place large and beside its choice. No script."""
from __future__ import annotations

from collections.abc import Sequence
from html import escape

from eval_harness.report.html import EMBEDDED, FONTS
from eval_harness.report.subset import font_face

Box = tuple[int, int, int, int, int]
WORDS = {
    "title": ("等待复核的文字", "Text waiting for review"),
    "lead": ("机器看见了文字，但读不准。请逐处判断框内的文字：可能是姓名、编号、日期或医院的，遮盖；只是技术参数的，保留。没有把握就遮盖。",
             "The machine saw text and could not read it. Decide place by place on what is outlined: hide what could be a name, number, "
             "date or hospital; keep what is only technique. When in doubt, hide."),
    "hide": ("遮盖", "Hide"), "keep": ("保留", "Keep"), "save": ("保存，看下一个", "Save and go on"),
    "back": ("返回列表", "Back to the list"),
    "none": ("没有等待的文件。再运行一次 touchstone deid dicom，决定才会生效。",
             "Nothing is waiting. Run touchstone deid dicom again: it uses the decisions."),
    "no_boxes": ("这里已找不到读不准的文字。保存后再运行一次即可。", "No doubtful text is found here any more. Save, then run again."),
    "frame": ("帧", "frame"), "file": ("文件", "File"), "place": ("位置", "Place"), "whole": ("整帧", "The whole frame"),
    "counts": ("等待 {waiting} 个 · 已决定 {decided} 个", "{waiting} waiting · {decided} decided"),
    "audited": ("每次打开图像和每个决定都记入审计日志。本页只在这台机器上。",
                "Every picture opened and every decision is in the audit log. This page exists on this machine only."),
    "403": ("不接受这个请求：地址或来源不对。请使用命令打印的地址。",
            "This request is refused: wrong address or origin. Use the address that the command printed."),
    "404": ("没有这个文件，或已经决定。", "There is no such file here, or it is decided."),
    "other": ("请求有误。", "The request is malformed."),
}
STYLE = """
:root{--ink:#1b2430;--soft:#5a6675;--line:#d5dbe3;--tint:#f4f6f9;--accent:#0b4f8a}
*{box-sizing:border-box}
body{margin:0;background:#fff;color:var(--ink);overflow-wrap:anywhere;
 font:15px/1.65 FONTS}
main{max-width:960px;margin:0 auto;padding:24px 20px 60px}
header{border-bottom:3px solid var(--accent);padding-bottom:12px;margin-bottom:18px}
h1{font-size:24px;line-height:1.3;margin:0 0 4px}h2{font-size:17px;margin:28px 0 8px}
p{margin:8px 0}.soft{color:var(--soft);margin:0}a{color:var(--accent)}
ol,ul{list-style:none;padding:0;margin:14px 0}
.files a{display:flex;justify-content:space-between;align-items:center;gap:12px;padding:10px 14px;
 border:1px solid var(--line);border-radius:4px;margin:6px 0;text-decoration:none}.files a:hover,.files a:focus{background:var(--tint)}
code{font:12.5px ui-monospace,Consolas,Menlo,monospace;color:var(--soft)}
.place{display:grid;grid-template-columns:minmax(0,1fr) 210px;gap:14px;align-items:center;border:1px solid var(--line);border-radius:4px;
 padding:12px;margin:10px 0}
fieldset{border:0;margin:0;padding:0;min-width:0}legend{padding:0;font-weight:600;margin-bottom:4px}
.place img{max-width:100%;max-height:260px;background:#000;display:block;border-radius:2px}
label{display:block;padding:5px 8px;border-radius:4px;cursor:pointer}label:hover{background:var(--tint)}
figure{margin:12px 0}figure img{max-width:100%;min-width:min(100%,480px);background:#000;display:block}
figcaption{color:var(--soft);font-size:13.5px;margin-bottom:4px}
button{font:inherit;font-weight:600;color:#fff;background:var(--accent);border:0;border-radius:4px;padding:9px 22px;cursor:pointer}
.bar{display:flex;gap:18px;align-items:center;flex-wrap:wrap;margin:18px 0}
footer{border-top:1px solid var(--line);margin-top:32px;padding-top:10px;color:var(--soft);font-size:13px}
:focus-visible{outline:3px solid #e0a400;outline-offset:2px}
@media(max-width:640px){.place{grid-template-columns:1fr}main{padding:16px 14px 40px}h1{font-size:20px}}
""".replace("FONTS", FONTS)


def word(lang: str, name: str) -> str:
    return WORDS[name][0 if lang == "zh" else 1]


def index(lang: str, base: str, waiting: dict[int, str], decided: int) -> str:
    """The queue: number in the manifest → the beginning of the file's digest."""
    rows = "".join(f'<li><a href="{base}{number}"><span>{word(lang, "file")} {number + 1}</span><code>{escape(digest)}</code></a></li>'
                   for number, digest in waiting.items())
    counts = word(lang, "counts").format(waiting=len(waiting), decided=decided)
    return _page(lang, counts, f'<p>{word(lang, "lead")}</p><ol class="files">{rows}</ol>' if rows else f"<p>{word(lang, 'none')}</p>")


def form(lang: str, base: str, number: int, boxes: Sequence[Box], token: str, digest: str) -> str:
    """One file: each doubtful place enlarged with its choice, then whole frames with the places numbered."""
    here = f"{base}{number}/"
    rows = "".join(
        f'<div class="place"><img src="{here}box/{place}.png" alt="{word(lang, "place")} {place + 1}"><fieldset>'
        f'<legend>{word(lang, "place")} {place + 1} <span class="soft">({word(lang, "frame")} {box[0] + 1})</span></legend>'
        f'<label><input type="radio" name="b{place}" value="hide" checked> {word(lang, "hide")}</label>'
        f'<label><input type="radio" name="b{place}" value="keep"> {word(lang, "keep")}</label></fieldset></div>'
        for place, box in enumerate(boxes))
    frames = "".join(
        f'<figure><figcaption>{word(lang, "whole")} · {word(lang, "frame")} {frame + 1}</figcaption>'
        f'<img src="{here}frame/{frame}.png" alt="{word(lang, "frame")} {frame + 1}"></figure>'
        for frame in sorted({box[0] for box in boxes}))
    bar = f'<div class="bar"><button>{word(lang, "save")}</button><a href="{base}">{word(lang, "back")}</a></div>'
    return _page(lang, f'{word(lang, "file")} {number + 1} · <code>{escape(digest)}</code>',
                 f'<p>{word(lang, "lead") if rows else word(lang, "no_boxes")}</p><form method="post" action="{base}{number}">'
                 f'<input type="hidden" name="form" value="{escape(token)}">{rows}{bar}</form>{frames}')


def problem(lang: str, status: int, back: str, text: str = "") -> str:
    told = text or word(lang, str(status) if str(status) in WORDS else "other")
    link = f'<p><a href="{back}">{word(lang, "back")}</a></p>' if back else ""
    return _page(lang, str(status), f"<p>{escape(told)}</p>{link}")


def _page(lang: str, under: str, body: str) -> str:
    title = escape(word(lang, "title"))
    carried = font_face(EMBEDDED, f"{title}{under}{body}{word(lang, 'audited')}")     # for a machine that has no Chinese font
    return (f'<!doctype html><html lang="{"zh-CN" if lang == "zh" else "en"}"><head><meta charset="utf-8">'
            f'<meta name="viewport" content="width=device-width,initial-scale=1"><link rel="icon" href="data:,"><title>{title}</title>'
            f'<style>{carried}{STYLE}</style></head><body><main><header><h1>{title}</h1><p class="soft">{under}</p></header>{body}'
            f'<footer>{word(lang, "audited")}</footer></main></body></html>')
