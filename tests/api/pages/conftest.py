"""A history for the registry's pages: the honest drum, and beside it what people get wrong or forge."""

import pytest
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import event

from api.access import SESSION_COOKIE
from tests import facts
from tests.factories import SISTER, PartyBody, RowBody, TimedRowBody, jwk_of_stranger, uri_of
from tests.pages import opened
from tests.world import HONEST, Act

FORGED, FAILING = "R-2015-666", "R-2015-FAIL"
SCRIPT = "<script>alert(1)</script>"
HOSTILE = facts.uscc(666)

MISUSED: tuple[Act, ...] = (
    # A paper that the lab never signed, and the lab's word on it.
    (
        "2015-05-21",
        "dealer",
        "paper.presented",
        {"number": FORGED, "lots": [uri_of(SISTER)], "seal": "ink", "pdf_sha256": "b" * 64},
    ),
    ("2015-05-28", "lab", "report.denied", {"number": FORGED, "lots": [uri_of(SISTER)]}),
    # A true number with other values printed on it.
    (
        "2015-05-29",
        "dealer",
        "paper.presented",
        {
            "pdf_sha256": "c" * 64,
            "rows": [{"parameter": "conductor_resistance", "value": "7.100", "unit": "ohm/km", "verdict": "pass"}],
        },
    ),
    # The lab says pass; what it read says otherwise.
    (
        "2015-06-02",
        "lab",
        "report.issued",
        {
            "number": FAILING,
            "lots": [uri_of(SISTER)],
            "sample": "S-2",
            "rows": [
                RowBody(value="7.300", resistance_ohm="0.8063", length_m="100", temperature_c="27.4", verdict="pass")
            ],
        },
    ),
    (
        "2015-06-03",
        "lab",
        "report.amended",
        {"number": FAILING, "lots": [uri_of(SISTER)], "reason": "a slip of pen", "rows": [TimedRowBody()]},
    ),
    (
        "2015-06-04",
        "supervisor",
        "drum.measured",
        {"lot": uri_of(SISTER), "measured_on": "2015-06-04", "resistance_ohm": "4.000"},
    ),
    ("2015-11-09", "regulator", "penalty.imposed", {"facts": f"three batches failed {SCRIPT}"}),
)


def signed_in(registry, alias):
    """A client that has proved possession of a party's key."""
    app, world = registry
    client = app.test_client()
    token = URLSafeTimedSerializer(app.config["SECRET_KEY"], salt="session").dumps(world.kid(alias))
    client.set_cookie(SESSION_COOKIE, token)
    return client


@pytest.fixture(scope="session")
def registry(tmp_path_factory, shared_folder):
    """(application, world) after the honest drum's life and the misuse."""
    with opened(tmp_path_factory.mktemp("registry"), shared_folder, HONEST + MISUSED) as (app, world):
        party = PartyBody(uscc=HOSTILE, name={"zh": f"名 {SCRIPT}", "en": f"Name {SCRIPT}"}, roles=["lab"])
        world.say("regulator", "party.admitted", party=party, key=jwk_of_stranger())
        app.extensions["suzheng"].refresh(1000)
        yield app, world


@pytest.fixture
def client(registry):
    return registry[0].test_client()


@pytest.fixture
def read(client):
    """A page in a language, with the status that it must have."""

    def get(path, language="en", status=200):
        mark = "&" if "?" in path else "?"
        response = client.get(f"{path}{mark}lang={language}", headers={"Accept": "text/html"})
        assert response.status_code == status, response.get_data(as_text=True)[-2000:]
        return response.get_data(as_text=True)

    return get


@pytest.fixture
def count_queries(registry):
    """How many statements an action sends to the database."""
    engine = registry[0].extensions["suzheng"].database.readers

    def count(action):
        seen = []

        def note(_connection, _cursor, statement, *_):
            seen.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        try:
            action()
        finally:
            event.remove(engine, "before_cursor_execute", note)
        return len(seen)

    return count
