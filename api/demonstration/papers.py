"""The PDF files of the demonstration's reports: what a lab printed, and what somebody printed in a lab's name."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn
import typst

FONTS = Path(pylopdf_fonts_zh_cn.__file__).parent
_TEMPLATE = Path(__file__).parent / "report.typ"
_VERDICTS = {"pass": "合格", "fail": "不合格", "none": "—"}
_PARAMETERS = {"conductor_resistance": "导体直流电阻 (20 °C)"}


def print_report(body: Mapping[str, Any], lab_name: str, item: str) -> bytes:
    """Set a report or presented paper as a PDF; the font is embedded."""
    content = body.get("content") or {}
    shown = {
        "number": body["number"],
        "lab": lab_name,
        "title": content.get("title", "检验报告"),
        "facts": _facts(body, content, item),
        "heads": ["检验项目", "方法", "结果", "标准值", "判定"],
        "rows": [_row(row) for row in body.get("rows", [])],
        "conclusion": f"检验结论：{_VERDICTS[body.get('conclusion') or 'none']}",
        "signed": f"授权签字人：{body.get('signatory', '——')}",
        "issued": f"签发日期：{body.get('issued_on') or '——'}",
        "footer": "演示文件 · Demonstration document — 本报告仅对来样负责",
    }
    inputs = {"report": json.dumps(shown, ensure_ascii=False)}
    return bytes(typst.compile(_TEMPLATE, sys_inputs=inputs, font_paths=[FONTS], ignore_system_fonts=True))


def _facts(body: Mapping[str, Any], content: Mapping[str, Any], item: str) -> list[list[str]]:
    return [
        ["样品", content.get("item", item)],
        ["样品编号", body.get("sample") or "——"],
        ["检验地点", content.get("location", "——")],
        ["样品状态", content.get("condition", "——")],
        ["抽样日期", body.get("sampled_on") or "——"],
        ["收样日期", body.get("received_on") or "——"],
    ]


def _row(row: Mapping[str, Any]) -> list[str]:
    value = f"{row['value']} {row['unit']}" if row.get("value") else f"{row.get('resistance_ohm', '—')} Ω"
    limit = f"≤ {row['limit']}" if row.get("limit") else "——"
    name = _PARAMETERS.get(row["parameter"], row["parameter"])
    return [name, row.get("method", "——"), value, limit, _VERDICTS[row.get("verdict", "none")]]
