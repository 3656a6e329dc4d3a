"""The scan page's answer as JSON, for programs: codes and entry numbers, with the sentences that people read."""

from decimal import Decimal
from typing import Any

from api.answer import Answer
from api.naming import Names, lot_path
from api.sentences import Told
from labs.summary import Tested
from trace.epcis.events import Quantity


def write_answer(told: Answer, public_url: str) -> dict[str, Any]:
    """The answer as a JSON object; decimals are text, times ISO 8601."""
    facts = told.facts
    lot, path = facts.lot, lot_path(facts.lot_id)
    return {
        "lot": facts.lot_id,
        "uri": public_url + path,
        "at": told.at.isoformat(timespec="seconds"),
        "judged_at": facts.at.isoformat(timespec="seconds"),
        "verdict": facts.verdict.word,
        "reason": _write_told(told.reason),
        "other_reasons": [_write_told(reason) for reason in told.other_reasons],
        "product": lot
        and {
            "family": lot.family,
            "type": lot.type,
            "name": {"zh": lot.name_zh, "en": lot.name_en},
            "standard": lot.standard,
            "attributes": dict(lot.attributes),
            "maker": _write_party(lot.maker, told.names),
            "quantity": _write_quantity(lot.quantity),
            "made_at": lot.made_at.isoformat(),
            "entry": lot.entry,
        },
        "holder": facts.holder
        and {
            **_write_party(facts.holder.party, told.names),
            "since": facts.holder.since.isoformat(),
            "place": facts.holder.place,
            "sent_to": facts.holder.sent_to,
            "entry": facts.holder.entry,
        },
        "packed_in": [
            {"unit": one.parent, **_write_party(one.party, told.names)}
            | {"since": one.at.isoformat(), "entry": one.entry}
            for one in facts.packed_in
        ],
        "installed": [
            {"station": act.station, "circuit": act.circuit, "from_m": _text(act.from_m), "to_m": _text(act.to_m)}
            | {"at": act.at.isoformat(), "entry": act.entry}
            for act in facts.installed
        ],
        "reports": [_write_test(test, told.names) for test in facts.tests],
        "unsigned_papers": [
            {"claimed_body": _write_party(paper.claimed_body, told.names), "number": paper.number}
            | {"presenter": _write_party(paper.presenter, told.names), "entry": paper.entry}
            for paper in facts.papers
        ],
        "gates": [{"name": g.name, "is_passed": g.is_passed, "entries": list(g.entries)} for g in told.gates],
        "findings": [_write_told(finding) for finding in told.findings],
        "passed": [rule.code for rule in told.passed],
        "unchecked": [{"code": note.code, "says": note.sentence} for note in told.unchecked],
        "links": {"trace": public_url + lot_path(facts.lot_id, "/trace"), "mismatch": f"{public_url}/mismatch{path}"},
    }


def _write_told(told: Told) -> dict[str, Any]:
    return {
        "code": told.code or None,
        "severity": told.severity or None,
        "title": told.title,
        "says": told.sentence,
        "entries": list(told.entries),
    }


def _write_party(uscc: str, names: Names) -> dict[str, Any]:
    return {"party": uscc, "name": names.get(uscc)}


def _write_quantity(amount: Quantity | None) -> dict[str, str] | None:
    return None if amount is None else {"value": format(amount.value, "f"), "unit": amount.unit}


def _write_test(test: Tested, names: Names) -> dict[str, Any]:
    report, sample = test.report, test.sample
    return {
        "lab": _write_party(report.lab, names),
        "number": report.number,
        "conclusion": report.conclusion,
        "issued_on": report.issued_on.isoformat(),
        "is_denied": test.is_denied,
        "entry": report.entry,
        "sample": sample
        and {
            "sample": sample.sample,
            "lot": sample.lot,
            "sampler": _write_party(sample.sampler, names),
            "witness": sample.witness and _write_party(sample.witness, names),
            "position_m": _text(sample.position_m),
            "length_m": _text(sample.length_m),
            "drum_length_m": _text(sample.drum_length_m),
            "drawn_at": sample.drawn_at.isoformat(),
            "entry": sample.entry,
        },
    }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")
