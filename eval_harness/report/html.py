"""The page: one HTML file without script and without any request, readable from a disk, a phone and in grey print."""
from __future__ import annotations

from html import escape

from eval_harness.report.document import Block, Document, Figure, Heading, Pairs, Table, Text, Verdict
from eval_harness.report.subset import font_face

EMBEDDED = "Touchstone SC"
"""The page carries its own Chinese characters under this name, for a PC that has none of the fonts before it."""
FONTS = ('"Noto Sans SC","Source Han Sans SC","PingFang SC","Microsoft YaHei","Noto Sans CJK SC","Noto Sans","Segoe UI",'
         f'"{EMBEDDED}",sans-serif')
LONG_TEXT = 50
"""Characters from which a column of a wide table keeps a width of its own, so that a phone shows no column of single words."""
LEAST_PX_A_POINT, SCROLLED_PX = 0.76, 540
"""How small a figure may become, whole on a telephone's 360 pixels; one that is all labels is scrolled before they become unreadable."""
SCROLLS = ("linear-gradient(90deg,#fff 40%,#fff0) left/40px 100% local,linear-gradient(270deg,#fff 40%,#fff0) right/40px 100% local,"
           "linear-gradient(90deg,#0b4f8a40,#fff0) left/12px 100% scroll,linear-gradient(270deg,#0b4f8a40,#fff0) right/12px 100% scroll;"
           "background-repeat:no-repeat")
"""A shade at the edge beyond which there is more; it goes where the end is reached."""
STYLE = f"""
:root{{--ink:#1b2430;--soft:#5a6675;--line:#d5dbe3;--tint:#f4f6f9;--accent:#0b4f8a;--met:#0f6b3f;--unmet:#a3261f;--none:#6b5a00}}
*{{box-sizing:border-box}}html{{-webkit-text-size-adjust:100%}}
body{{margin:0;background:#fff;color:var(--ink);font:15px/1.65 {FONTS};overflow-wrap:anywhere}}
main{{max-width:960px;margin:0 auto;padding:28px 20px 60px}}
header{{border-bottom:3px solid var(--accent);padding-bottom:14px;margin-bottom:22px}}
h1{{font-size:26px;line-height:1.3;margin:0 0 4px}}.sub{{color:var(--soft);margin:0}}
.bar{{display:flex;flex-wrap:wrap;gap:8px;margin-top:12px;align-items:center}}.bar a{{margin-left:auto}}
.mark{{border:1px solid var(--ink);border-radius:3px;padding:1px 9px;font-size:13px;font-weight:600}}
a{{color:var(--accent)}}h2{{font-size:20px;margin:40px 0 10px;padding-top:8px;border-top:1px solid var(--line)}}
header+h2{{border:0;margin-top:8px;padding:0}}
h3{{font-size:16px;margin:26px 0 8px}}p{{margin:8px 0}}
.lead{{font-size:17px}}.note{{color:var(--soft);font-size:13.5px}}
.warning{{border-left:4px solid var(--ink);background:var(--tint);padding:9px 14px}}
nav{{background:var(--tint);border:1px solid var(--line);padding:12px 18px;margin:18px 0;columns:2 300px;font-size:14px}}
nav b{{display:block;column-span:all;margin-bottom:4px}}nav a{{display:block;text-decoration:none;padding:1px 0}}
dl{{display:grid;grid-template-columns:minmax(130px,34%) 1fr;margin:12px 0;border-top:1px solid var(--line)}}
dt,dd{{margin:0;padding:6px 8px 6px 0;border-bottom:1px solid var(--line)}}dt{{color:var(--soft)}}
.wide,.draw{{overflow-x:auto;background:{SCROLLS}}}.wide{{margin:12px 0}}
table{{border-collapse:collapse;width:100%;font-size:13.5px;line-height:1.5}}
caption{{text-align:left;font-weight:600;padding:4px 0;font-size:14px}}
th,td{{padding:5px 9px 5px 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--line);overflow-wrap:break-word}}
td{{min-width:4.2em}}td.m{{min-width:8.6em}}td:first-child{{min-width:5.5em}}
th{{border-bottom:1.5px solid var(--ink);font-weight:600}}
.n{{text-align:right;font-variant-numeric:tabular-nums;padding-left:9px}}td.n{{white-space:nowrap}}
.t{{min-width:22em}}.m{{font-family:ui-monospace,Consolas,Menlo,monospace,"{EMBEDDED}";font-size:12px;word-break:break-all}}
figure{{margin:18px 0;break-inside:avoid}}figure svg{{display:block;width:100%;height:auto;min-width:var(--least)}}
.n+td:not(.n),.n+th:not(.n){{padding-left:14px}}
figcaption{{color:var(--soft);font-size:13.5px;margin-top:4px}}
.verdict{{border:2px solid;border-left-width:10px;padding:12px 18px;margin:16px 0}}
.verdict b{{display:block;font-size:21px;line-height:1.4}}.verdict p{{margin:2px 0 0;color:var(--ink)}}
.met{{color:var(--met);border-color:var(--met)}}.not_met{{color:var(--unmet);border-color:var(--unmet)}}.none{{color:var(--none);border-color:var(--none)}}
footer{{border-top:1px solid var(--line);
 margin-top:40px;color:var(--soft);font-size:13px;padding-top:10px}}
.narrow{{display:none}}
@media(max-width:700px){{.broad{{display:none}}.narrow{{display:block}}main{{padding:18px 14px 40px}}h1{{font-size:21px}}
 dl{{grid-template-columns:1fr}}dt{{border:0;padding-bottom:0}}.bar a{{margin-left:0}}}}
@media print{{body{{font-size:10.5pt}}main{{max-width:none;padding:0}}nav,.bar a{{display:none}}.wide,.draw{{background:none}}
 h2,h3,caption{{break-after:avoid}}.broad{{display:block}}.narrow{{display:none}}tr{{break-inside:avoid}}}}
"""


def page(document: Document, other_file: str) -> bytes:
    """UTF-8 bytes of the page. other_file: the page in the other language, beside this one."""
    headings = [block for block in document.blocks if isinstance(block, Heading) and block.level == 2]
    nav = "".join(f'<a href="#{block.anchor}">{escape(block.text)}</a>' for block in headings)
    marks = "".join(f'<span class="mark">{escape(mark)}</span>' for mark in document.marks)
    lang = "zh-CN" if document.lang == "zh" else "en"
    body = f"""<header><h1>{escape(document.title)}</h1><p class="sub">{escape(document.subtitle)}</p>
<div class="bar">{marks}<a href="{escape(other_file)}">{escape(document.other_lang)}</a></div></header>
{"".join(_block(block) for block in _after_summary(document, nav))}
<footer>{escape(document.running)}</footer>"""
    return f"""<!DOCTYPE html>
<html lang="{lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:">
<link rel="icon" href="data:,"><title>{escape(document.title)}</title><style>{font_face(EMBEDDED, body)}{STYLE}</style></head><body><main>
{body}</main></body></html>
""".encode()


def _after_summary(document: Document, nav: str) -> list[Block | str]:
    """The blocks with the table of contents behind the summary, which is the first chapter."""
    out: list[Block | str] = list(document.blocks)
    chapters = [place for place, block in enumerate(document.blocks) if isinstance(block, Heading) and block.level == 2]
    out.insert(chapters[1], f"<nav><b>{escape(document.contents)}</b>{nav}</nav>")
    return out


def _block(block: Block | str) -> str:
    match block:
        case str():
            return block
        case Heading():
            return f'<h{block.level} id="{block.anchor}">{escape(block.text)}</h{block.level}>\n'
        case Text():
            return f'<p class="{block.kind}">{escape(block.text)}</p>\n'
        case Pairs():
            rows = "".join(f"<dt>{escape(label)}</dt><dd>{escape(value)}</dd>" for label, value in block.rows)
            return f"<dl>{rows}</dl>\n"
        case Table():
            return _table(block)
        case Figure():
            least = SCROLLED_PX if block.floats else round(block.width_pt * LEAST_PX_A_POINT)
            style = f' style="max-width:{round(block.width_pt * 1.5)}px;--least:{least}px"'
            drawn = f'<div class="draw">{block.svg}</div>' if not block.narrow else (
                f'<div class="draw broad">{block.svg}</div><div class="narrow">{block.narrow}</div>')
            return f'<figure{style}>{drawn}<figcaption>{escape(block.caption)}</figcaption></figure>\n'
        case Verdict():
            lines = "".join(f"<p>{escape(line)}</p>" for line in block.detail.splitlines())
            return f'<div class="verdict {block.state}"><b>{escape(block.headline)}</b>{lines}</div>\n'


def _table(table: Table) -> str:
    long = {place for place in range(len(table.columns)) if len(table.columns) > 3 and place not in table.numeric | table.mono
            and max((len(row[place]) for row in table.rows), default=0) > LONG_TEXT}

    def style(column: int, head: bool = False) -> str:
        words = ["n"] * (column in table.numeric) + ["m"] * (column in table.mono and not head) + ["t"] * (column in long)
        return f' class="{" ".join(words)}"' if words else ""

    head = "".join(f'<th scope="col"{style(i, True)}>{escape(name)}</th>' for i, name in enumerate(table.columns))
    body = "".join("<tr>" + "".join(f"<td{style(i)}>{escape(cell)}</td>" for i, cell in enumerate(row)) + "</tr>\n"
                   for row in table.rows)
    return (f'<div class="wide"><table><caption>{escape(table.caption)}</caption>'
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>\n")
