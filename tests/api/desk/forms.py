"""A filled-in form for every act but one: what is taken out has first to be built in."""

import json
from typing import Any

from tests import facts
from tests.factories import BATCH, CABLE_GTIN, DRUM, PALLET, ROD, SISTER, jwk_of_stranger, uscc_of

AT = "2015-05-06T09:00"
NOBODY = facts.uscc(7003)
PRODUCT = {
    "type": "BV 2.5",
    "name_zh": "BV 2.5 电线",
    "standard": "GB/T 3956-2008",
    "attribute.class": "2",
    "attribute.material": "Cu",
    "attribute.nominal_area_mm2": "2.5",
    "attribute.surface": "plain",
}
REGISTER = {
    **PRODUCT,
    "gtin": CABLE_GTIN,
    "batch": "B7",
    "at": AT,
    "inspected": "passed",
    "first": "D008",
    "count": "3",
    "metres": "480.5",
}
SHIP = {"lot": [DRUM, SISTER], "to": f"{uscc_of('contractor')} somebody", "contract": "HT-01", "at": AT}
FORMS: dict[str, tuple[str, dict[str, Any]]] = {
    "register": ("maker", REGISTER),
    "make": (
        "maker",
        {**REGISTER, "batch": "B8", "lot": ROD, f"used:{ROD}": "0.5"},
    ),
    "inspect": ("maker", {"lot": DRUM, "inspected": "failed", "at": AT}),
    "ship": ("maker", SHIP),
    "receive": ("contractor", {"lot": [DRUM, SISTER], "at": AT, f"found:{DRUM}": "499.5"}),
    "pack": ("maker", {"lot": [DRUM, SISTER], "unit": PALLET.replace("00/", "(00) "), "at": AT}),
    "unpack": ("maker", {"lot": PALLET, "at": AT}),
    "split": ("maker", {"lot": DRUM, "serial_1": "D001-1", "length_1": "120", "at": AT}),
    "join": ("maker", {"lot": [DRUM, SISTER], "serial": "D900", "at": AT, f"taken:{DRUM}": "120.5"}),
    "deliver": ("contractor", {"lot": DRUM, "contract": "HT-01", "invoicer": uscc_of("maker"), "at": AT}),
    "sample": (
        "contractor",
        {
            "lot": DRUM,
            "sample": "S-1",
            "sampler": "sampler-1",
            "witness": uscc_of("supervisor"),
            "witness_person": "witness-1",
            "courier": uscc_of("lab"),
            "position_m": "230",
            "length_m": "1.5",
            "at": AT,
        },
    ),
    "draw": ("supervisor", {"lot": DRUM, "plan": "GB/T 2828.1 S-3 c=0", "ahead": "50"}),
    "hand": ("contractor", {"lot": DRUM, "sample": "S-1", "to": uscc_of("lab"), "seal": "seal-1", "at": AT}),
    "destroy": ("maker", {"lot": DRUM, "from_m": "480", "to_m": "500", "at": AT}),
    "accept": ("supervisor", {"lot": DRUM, "decision": "accepted", "at": AT}),
    "install": ("contractor", {"lot": DRUM, "station": "S 3", "from_m": "0", "to_m": "100.5", "at": AT}),
    "recall": (
        "regulator",
        {"lot": BATCH, "number": "K-1", "reason": "thin", "ordered_on": "2015-06-01", "deadline_on": "2015-07-01"},
    ),
    "answer": (
        "maker",
        {"lot": BATCH, "number": "K-1", "action": "quarantined", "answered_on": "2015-06-02", "quantity": "1000"},
    ),
    "admit": (
        "regulator",
        {
            "uscc": NOBODY,
            "name_zh": "新厂",
            "role": ["producer", "dealer"],
            "key": json.dumps(jwk_of_stranger()),
        },
    ),
    "enrol": ("maker", {"key": json.dumps({"jwk": jwk_of_stranger(), "kid": "…"}), "valid_to": "2020-12-31"}),
}
