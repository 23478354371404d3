"""Policies to and from other people's languages: the deid recipe, its graylists, and CTP's pixel script. The only importer of deid.

A hospital that runs deid can run our keep-list itself; rectangles that others have collected for their devices become data of ours.
Only deid's parser is used: its engine fails on a sequence nested in itself.
"""
from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eval_harness.base import Issue, WrongUsage
from pipelines.phi_zone.dicom.dictionary import KEYWORD_OF, TAG_OF, VR_OF
from pipelines.phi_zone.dicom.plan import Do, compiled
from schemas.messages import messages
from schemas.shapes.dicom_policy import DicomPolicy, Region

_RECIPE_OF = {Do.DATE: "JITTER {0} var:jitter", Do.DATETIME: "JITTER {0} var:jitter", Do.UID: "REPLACE {0} func:new_uid",
              Do.SUBJECT: "REPLACE {0} var:subject", Do.TOKEN: "REPLACE {0} func:token", Do.EMPTY: "BLANK {0}",
              Do.DUMMY: "REPLACE {0} REMOVED", Do.AGE: "REPLACE {0} func:capped_age", Do.CLEAN: "REMOVE {0}", Do.MEANING: "REMOVE {0}"}
_CONDITIONS = {"Manufacturer": "manufacturer", "ManufacturerModelName": "manufacturer_model_name", "Modality": "modality",
               "ImageType": "image_type", "Rows": "rows", "Columns": "columns"}


@dataclass
class Imported:
    """What could be taken over, and what a person must look at."""

    keep: list[str] = field(default_factory=list)
    shift: list[str] = field(default_factory=list)
    new_uid: list[str] = field(default_factory=list)
    regions: list[Region] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)

    def left_out(self, where: str, found: str) -> None:
        self.issues.append(messages().issue("POL-010", where, found=found))

    def to_yaml(self, policy_id: str) -> str:
        """A draft policy: valid YAML that a steward completes and then checks."""
        import yaml

        body: dict[str, Any] = {
            "policy_id": policy_id, "version": 1, "title": {"zh": policy_id, "en": policy_id},
            "explanation": {"zh": "由导入生成的草稿，请补全。", "en": "A draft made by an import; complete it."}, "edition": "2026d",
            "options": ["113100"], "keep": sorted({*self.keep, *self.shift, *self.new_uid}), "dates": "shift" if self.shift else "remove",
            "pixels": {"clean": True, "regions": [region.model_dump(mode="json", exclude_none=True) for region in self.regions]},
        }
        if self.shift:
            body["options"].append("113107")
        body["options"].append("113101")
        return yaml.safe_dump(body, allow_unicode=True, sort_keys=False, width=120)


def export_recipe(policy: DicomPolicy) -> str:
    """The policy as a deid recipe: REMOVE ALL, then what stays. Comments at its head say what the language cannot express."""
    plan = compiled(policy)
    lines = ["FORMAT dicom", "", f"# {policy.policy_id} v{policy.version} ({plan.digest[:12]}), PS3.15 {policy.edition}, from Touchstone",
             "# Variables and functions to supply: jitter (days), subject, new_uid, token, capped_age.",
             "# Not expressible: cleaning of descriptors and reports (removed instead), checks of values, text in pixels.",
             "", "%header", "", "REMOVE ALL"]
    for tag in sorted(plan.rules):
        found = plan.rules[tag]
        lines.append(_RECIPE_OF.get(found.do, "KEEP {0}").format(KEYWORD_OF[tag]))
    for (creator, group), places in sorted(plan.private.items()):
        lines += [f"KEEP ({group:04X},{creator},{place:02X})" for place in sorted(places)]
    if policy.pixels.regions:
        lines += ["", "%filter graylist", ""]
        for number, region in enumerate(policy.pixels.regions):
            lines += _label(number, region)
    return "\n".join(lines) + "\n"


def _label(number: int, region: Region) -> list[str]:
    told = [f"{'equals' if name in ('Rows', 'Columns') else 'contains'} {name} {getattr(region, attribute)}"
            for name, attribute in _CONDITIONS.items() if getattr(region, attribute) is not None]
    return [f"LABEL region {number + 1}", *[("  + " if at else "  ") + line for at, line in enumerate(told)],
            *[f"  coordinates {','.join(map(str, box))}" for box in region.boxes], ""]


def import_any(path: Path) -> Imported:
    """A deid recipe (header and graylist) or a CTP pixel script, told apart by their first words. Raises WrongUsage POL-008."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUsage(messages().issue("POL-008", path.name, reason=getattr(error, "strerror", None) or type(error).__name__)) from error
    if re.search(r"^\s*FORMAT\s+dicom", text, re.MULTILINE):
        return import_deid(path)
    if re.search(r"\{[^}]*\.(?:equals|contains|startsWith|matches)\w*\(", text) or re.search(r"^\s*\{?\s*\w+\.\w+\(\"", text, re.MULTILINE):
        return import_ctp(text, path.name)
    raise WrongUsage(messages().issue("POL-008", path.name, reason="neither FORMAT dicom nor a CTP signature"))


def import_deid(path: Path) -> Imported:
    """Header actions and graylist rectangles of a deid recipe, read by deid's own parser."""
    recipe = _parsed(path)
    out = Imported()
    for action in recipe.get_actions() or []:
        _take_action(out, path.name, str(action.get("action")), str(action.get("field")), str(action.get("value", "")))
    for name in ("graylist", "blacklist", "whitelist"):
        for label in recipe.get_filters(name) or []:
            _take_label(out, path.name, name, label)
    return out


def _parsed(path: Path) -> Any:
    """deid's recipe object. Its parser prints and ends the process on a mistake: both are kept from the caller."""
    import contextlib
    import io

    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        try:
            from deid.config import DeidRecipe

            return DeidRecipe(deid=str(path))
        except (SystemExit, ValueError, KeyError, IndexError) as error:
            raise WrongUsage(messages().issue("POL-008", path.name, reason="deid's own parser refuses it")) from error


def _take_action(out: Imported, where: str, action: str, word: str, value: str) -> None:
    if word not in TAG_OF:
        if (action, word.upper()) != ("REMOVE", "ALL"):
            out.left_out(where, f"{action} {word}")
    elif action == "KEEP":
        out.keep.append(word)
    elif action == "JITTER":
        out.shift.append(word)
    elif action == "REPLACE" and VR_OF[TAG_OF[word]] == "UI":
        out.new_uid.append(word)
    elif action not in ("REMOVE", "BLANK"):
        out.left_out(where, f"{action} {word} {value}".strip())


def _take_label(out: Imported, where: str, kind: str, label: dict[str, Any]) -> None:
    name = str(label.get("name", "")).removeprefix("LABEL ").split("#")[0].strip()
    boxes = [box for _, text in label.get("coordinates") or [] if (box := _box(str(text))) is not None]
    if kind != "graylist" or not boxes:
        if label.get("coordinates"):
            out.left_out(f"{where}, {name}", "coordinates that are no rectangle")
        return
    told: dict[str, Any] = {}
    for one in label["filters"]:
        words, values, actions = one["field"], one["value"], one["action"]
        if one.get("operator") == "or" or len(words) != 1 or actions[0] not in ("contains", "equals") or words[0] not in _CONDITIONS \
                or "|" in str(values[0]):
            out.left_out(f"{where}, {name}", f"a condition on {', '.join(map(str, words))}")
            return
        told[_CONDITIONS[words[0]]] = int(values[0]) if words[0] in ("Rows", "Columns") else str(values[0]).strip()
    out.regions.append(Region(**told, boxes=tuple(boxes)))


def _box(text: str) -> tuple[int, int, int, int] | None:
    found = re.fullmatch(r"\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*", text)
    if found is None:
        return None
    x0, y0, x1, y1 = (int(one) for one in found.groups())
    return (x0, y0, x1, y1) if x1 > x0 and y1 > y0 else None


_CTP_BLOCK = re.compile(r"\{(?P<signature>[^{}]*)\}\s*(?P<boxes>(?:\(\s*\d+\s*(?:,\s*\d+\s*){3}\)\s*)+)", re.DOTALL)
_CTP_TERM = re.compile(r"^(?P<field>\w+|\[[0-9A-Fa-f]{4},[0-9A-Fa-f]{4}\])\.(?:equals|contains|startsWith)(?:IgnoreCase)?"
                       r"\(\"(?P<value>[^\"]*)\"\)$")


def import_ctp(text: str, where: str) -> Imported:
    """Rectangles of a CTP DicomPixelAnonymizer script: (left, top, width, height) under a signature joined by * (and)."""
    out = Imported()
    plain = re.sub(r"(?m)^\s*(?:'|//|#).*$", "", text)
    for block in _CTP_BLOCK.finditer(plain):
        told: dict[str, Any] = {}
        for term in (part.strip() for part in re.split(r"[*\n]", block["signature"]) if part.strip()):
            found = _CTP_TERM.fullmatch(term)
            name = _ctp_keyword(found["field"]) if found else ""
            if found is None or name not in _CONDITIONS:
                out.left_out(where, " ".join(term.split())[:80])
                told = {}
                break
            told[_CONDITIONS[name]] = int(found["value"]) if name in ("Rows", "Columns") else found["value"]
        boxes = [tuple(map(int, re.findall(r"\d+", one))) for one in re.findall(r"\([^)]*\)", block["boxes"])]
        rectangles = tuple((x, y, x + width, y + height) for x, y, width, height in boxes if width and height)
        if told and rectangles:
            out.regions.append(Region(**told, boxes=rectangles))
    return out


def _ctp_keyword(word: str) -> str:
    if word.startswith("["):
        group, element = word[1:-1].split(",")
        return KEYWORD_OF.get(int(group, 16) << 16 | int(element, 16), "")
    return word


