"""What screens ask of a lab, on its page and in the list: numbers, a histogram in text too, and no judgement."""

import re
from typing import Any

import pytest

from api.pages.questions import tell_chance
from tests import pages
from tests.factories import DRUM, SISTER, RowBody, uscc_of
from tests.pages import text_of
from tests.world import HONEST

LAB = uscc_of("lab")


@pytest.fixture(scope="module")
def asked(tmp_path_factory, shared_folder):
    """A lab that likes fives, and a client whose samples pass."""
    with pages.opened(tmp_path_factory.mktemp("asked"), shared_folder, HONEST) as (app, world):
        rows = [RowBody(value=f"7.{20 + place % 40}{'05'[place % 2]}") for place in range(150)]
        world.say("lab", "report.issued", rows=rows, number="R-1", lots=[f"/{SISTER}"], sample="S-7")
        for place in range(30):
            changes: dict[str, Any] = {"client": uscc_of("dealer"), "conclusion": "fail"} if place % 2 else {}
            world.say(
                "lab", "report.issued", number=f"R-2{place}", lots=[f"/{SISTER}"], sample=f"S-2{place}", **changes
            )
        for number, lot in (("R-A", DRUM), ("R-B", SISTER)):
            copied = [RowBody(value=value) for value in ("7.290", "7.312", "7.184", "7.526")]
            world.say("lab", "report.issued", rows=copied, number=number, lots=[f"/{lot}"], sample=number)
        app.extensions["suzheng"].screen()
        yield app.test_client()


def read(client, path, language):
    response = client.get(f"{path}{'&' if '?' in path else '?'}lang={language}", headers={"Accept": "text/html"})
    assert response.status_code == 200
    return response.get_data(as_text=True)


@pytest.mark.parametrize("path", [f"/labs/{LAB}", "/findings", "/findings?severity=screen", "/findings?rule=L11"])
@pytest.mark.parametrize(("language", "word"), [("en", "A question proves nothing"), ("zh", "疑问不是证明")])
def test_a_question_stands_with_its_numbers_and_proves_nothing(asked, path, language, word):
    html = read(asked, path, language)
    section = html[html.index('id="questions"') :]
    assert word in section
    assert "χ² = " in section
    assert 'role="img" aria-label="' in section
    assert re.search(r"(Last digit|末位数字): 0 \d+, 1 \d+", section)
    assert "Mosimann" in section
    assert not re.search("fabricat|forg|fraud|伪造|造假", text_of(section), re.IGNORECASE)


def test_a_client_is_named_and_compared_with_the_rest(asked):
    text = text_of(read(asked, "/findings?rule=L24", "en"))
    assert "Fisher's exact test" in text
    assert "L11 Uneven last digits: asks" not in text or "asks 0" in text


@pytest.mark.parametrize("query", ["severity=block", "rule=L03", f"maker={uscc_of('maker')}", "text=nothing"])
def test_a_filter_that_no_question_fits_leaves_them_out(asked, query):
    assert 'id="questions"' not in read(asked, f"/findings?{query}", "en")


def test_a_lab_of_which_nothing_was_looked_at_has_no_such_part(asked):
    assert 'id="questions"' not in read(asked, f"/labs/{uscc_of('other_lab')}", "en")


def test_a_small_chance_is_written_as_people_do():
    assert tell_chance("4.83e-41") == "4.83\u00a0×\u00a010⁻⁴¹"
    assert tell_chance("0.0533") == "0.0533"


@pytest.mark.parametrize(("number", "other"), [("R-A", "R-B"), ("R-B", "R-A")])
def test_a_report_stands_beside_the_one_that_has_its_values(asked, number, other):
    html = read(asked, f"/reports/{LAB}/{number}", "en")
    section = html[html.index('id="beside"') :]
    section = section[: section.index("</section>")]
    assert f"/reports/{LAB}/{other}" in section
    assert section.count(">=</strong>") == 4
    assert "Which of the two was measured, this does not tell" in section
    assert "/rules/L10" in section


def test_a_report_with_values_of_its_own_stands_alone(asked):
    assert 'id="beside"' not in read(asked, f"/reports/{LAB}/R-2015-001", "en")


def test_rules_name_the_screens(asked):
    html = read(asked, "/rules", "zh")
    for code in ("L11", "L12", "L13", "L14", "L24"):
        assert f'id="{code}"' in html
