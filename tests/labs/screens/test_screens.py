"""Each screen asks where it should, keeps silent where it should, and changes its mind at its bound."""

import random
from decimal import Decimal

import pytest

from labs.screens import SCREENS, centrality, clients, heaping, spread, terminal_digits
from labs.screens.centrality import central_share, count_triple, judge_triples
from labs.screens.screen import add_counts
from labs.screens.terminal_digits import judge_digits, last_digit
from tests.facts import CONTRACTOR, DEALER, LAB, MAKER, OTHER_LAB, uscc
from tests.labs.screens.making import ask, issued, row

LABS = [LAB, OTHER_LAB, *map(uscc, range(301, 304))]


@pytest.fixture
def chance():
    return random.Random(7)


# --- L11 ---


def values(chance, count, last=lambda chance: chance.randrange(10)):
    return [f"7.{chance.randrange(20, 60)}{last(chance)}" for _ in range(count)]


def test_digits_of_chance_raise_no_question(chance):
    (said,) = ask(terminal_digits.SCREEN, [issued(*map(row, values(chance, 400)))])
    assert (said.lab, said.n, said.is_open) == (LAB, 400, False)


def test_digits_that_somebody_likes_do(chance):
    liked = values(chance, 400, lambda chance: chance.choice("0055123456789"))
    (said,) = ask(terminal_digits.SCREEN, [issued(*map(row, liked))])
    assert said.is_open
    assert said.p < 1e-4
    assert [bar.label for bar in said.bins] == list("0123456789")


def test_fewer_than_a_hundred_values_say_nothing(chance):
    assert ask(terminal_digits.SCREEN, [issued(*map(row, values(chance, 99)))]) == []


def test_values_that_hardly_vary_against_their_last_digit_are_left_out(chance):
    """0.80 to 0.83 mm: of course the last digits are 0 to 3."""
    narrow = [row(f"0.8{chance.randrange(4)}", unit="mm") for _ in range(400)]
    assert ask(terminal_digits.SCREEN, [issued(*narrow)]) == []


def test_two_products_that_hardly_vary_do_not_seem_to_when_mixed(chance):
    mixed = [row(f"0.8{chance.randrange(4)}", limit=Decimal(1)) for _ in range(200)]
    mixed += [row(f"5.8{chance.randrange(4)}", limit=Decimal(6)) for _ in range(200)]
    assert ask(terminal_digits.SCREEN, [issued(*mixed)]) == []


def test_a_small_unevenness_among_many_is_no_question():
    """Improbable (p < 1e-4), and a trifle: w below 0.1."""
    said = judge_digits(LAB, [10_500, 9_500, *[10_000] * 8])
    assert said.p < 1e-4
    assert not said.is_open
    assert judge_digits(LAB, [1500, 500, *[1000] * 8]).is_open


@pytest.mark.parametrize(
    ("value", "read"), [("7.290", (7290, 3)), ("0.8", None), ("-12", (12, 0)), ("1.5E+2", (150, 0)), ("0.10", (10, 2))]
)
def test_the_last_digit_is_the_last_that_was_recorded(value, read):
    assert last_digit(Decimal(value)) == read


# --- L12 ---


def replicated(chance, lab, deviation, sets=40):
    for _ in range(sets):
        mean = chance.uniform(40, 60)
        yield issued(*(row(f"{chance.gauss(mean, deviation * mean):.3f}") for _ in range(3)), lab=lab)


def test_replicates_that_vary_like_everybodys_raise_no_question(chance):
    said = ask(spread.SCREEN, [one for lab in LABS for one in replicated(chance, lab, 0.01)])
    assert len(said) == 5
    assert not any(one.is_open for one in said)


def test_replicates_that_hardly_vary_do(chance):
    reports = [one for lab in LABS for one in replicated(chance, lab, 0.002 if lab == LAB else 0.01)]
    assert [one.lab for one in ask(spread.SCREEN, reports) if one.is_open] == [LAB]


def test_a_lab_that_is_somewhat_better_is_none_to_ask(chance):
    """p is tiny; its spread is above half of the others'."""
    reports = [one for lab in LABS for one in replicated(chance, lab, 0.006 if lab == LAB else 0.01)]
    own = next(one for one in ask(spread.SCREEN, reports) if one.lab == LAB)
    assert own.p < 1e-3
    assert not own.is_open


def test_three_labs_have_too_few_others(chance):
    assert ask(spread.SCREEN, [one for lab in LABS[:3] for one in replicated(chance, lab, 0.002)]) == []


# --- L13 ---


def triples(chance, count, middle=None):
    for _ in range(count):
        drawn = [chance.gauss(100, 5) for _ in range(3)]
        if middle:
            drawn[2] = sum(drawn[:2]) / 2 + chance.gauss(0, 0.4)
        yield issued(*(row(f"{value:.1f}") for value in drawn))


def test_middles_of_chance_raise_no_question(chance):
    (said,) = ask(centrality.SCREEN, triples(chance, 300))
    assert not said.is_open
    assert 0.15 < float(said.facts["share_pct"]) / 100 < 0.30


def test_middles_in_the_middle_do(chance):
    (said,) = ask(centrality.SCREEN, triples(chance, 300, middle=True))
    assert said.is_open
    assert sum(bar.count for bar in said.bins) == said.n


def test_sets_of_two_or_four_are_no_triples():
    four, two = issued(*map(row, ("1.10", "1.20", "1.30", "1.40"))), issued(row("1.10"), row("1.20"))
    assert ask(centrality.SCREEN, [four, two] * 100) == []


@pytest.mark.parametrize(
    ("triple", "central"), [((10, 14, 20), True), ((10, 16, 20), True), ((0, 39, 100), False), ((0, 61, 100), False)]
)
def test_the_middle_fifth_includes_its_ends(triple, central):
    assert ("central" in count_triple(triple)) == central


def test_a_range_of_one_has_no_middle():
    assert count_triple((7, 8, 8)) == {}
    assert count_triple((7, 7, 9))["n"] == 1


@pytest.mark.parametrize("width", [4, 9, 25, 1000])
def test_the_share_by_chance_is_that_of_drawn_triples(width, chance):
    """Integers drawn from one normal distribution: those of a range, or of any where it is large."""
    central = seen = 0
    for _ in range(60_000 if width < 1000 else 20_000):
        counts = count_triple(round(chance.gauss(500, width * 0.6)) for _ in range(3))
        if counts and (f"r{width}" in counts or width == 1000):
            seen, central = seen + 1, central + counts.get("central", 0)
    assert central / seen == pytest.approx(central_share(width), abs=4 * (0.25 / seen) ** 0.5)


def test_the_question_begins_at_its_p():
    def said(central):
        return judge_triples(LAB, "", {"n": 200, "central": central, "r60": 200, "m4": 200})

    assert [said(central).is_open for central in (66, 67, 68)] == [said(central).p < 1e-4 for central in (66, 67, 68)]
    assert (said(60).is_open, said(80).is_open) == (False, True)


# --- L14 ---


def near(inside, outside, **changes):
    """Values of a limit of 7.41, just inside and just outside, and others far inside so that none are normal."""
    rows = [row("7.40", **changes)] * inside + [row("7.42", **changes)] * outside
    return issued(*rows, *[row("6.5", **changes)] * 20, *[row("8.3", **changes)] * 20)


def test_values_on_both_sides_raise_no_question():
    (said,) = ask(heaping.SCREEN, [near(25, 20)])
    assert (said.n, said.is_open) == (45, False)


def test_values_inside_alone_do():
    (said,) = ask(heaping.SCREEN, [near(30, 2)])
    assert said.is_open
    assert (said.facts["inside"], said.facts["outside"]) == (30, 2)


def test_the_bound_is_a_thousandth():
    """Of 20 values near the limit with chance at one half: 17 inside have p = 0.0013, 18 have 0.0002."""
    assert [ask(heaping.SCREEN, [near(inside, 20 - inside)])[0].is_open for inside in (17, 18)] == [False, True]
    assert ask(heaping.SCREEN, [near(17, 2)]) == []


def test_the_limit_itself_is_inside_and_half_a_per_cent_belongs_to_the_step():
    rows = [row("7.41"), row("7.373"), row("7.372"), row("7.447"), row("7.448")]
    (((_, _, _), counts), *others) = heaping.SCREEN.count(issued(*rows))
    for _, more in others:
        add_counts(counts, more)
    assert {name: counts[name] for name in counts if name[0] == "s" and name[1:].lstrip("-").isdigit()} == {
        "s0": 2,
        "s1": 1,
        "s-1": 1,
        "s-2": 1,
    }


def test_of_a_least_value_inside_is_above():
    rows = [row("7.42", limit_kind="min")] * 30 + [row("5", limit_kind="min"), row("9.5", limit_kind="min")] * 20
    (said,) = ask(heaping.SCREEN, [issued(*rows)])
    assert said.facts["inside"] == 30


def test_what_other_labs_have_as_well_is_no_question():
    """Makers aim at the limit: every lab sees it."""
    others = [near(300, 20), near(30, 2)]
    others[0] = others[0].__class__(OTHER_LAB, CONTRACTOR, "pass", others[0].rows)
    assert not any(said.is_open for said in ask(heaping.SCREEN, others) if said.lab == LAB)


def test_a_falling_tail_is_no_question(chance):
    """Honest goods whose mean lies two standard deviations inside: 2.7 times as many inside as outside."""
    rows = [row(f"{7.41 * chance.gauss(0.98, 0.01):.3f}") for _ in range(2000)]
    (said,) = ask(heaping.SCREEN, [issued(*rows)])
    assert int(said.facts["inside"]) > 2 * int(said.facts["outside"])
    assert not said.is_open


# --- L24 ---


def test_a_client_who_passes_like_the_rest_raises_no_question():
    reports = [issued(client=client, conclusion=word) for client in (MAKER, DEALER) for word in ("pass", "fail") * 20]
    assert not any(said.is_open for said in ask(clients.SCREEN, reports))


def test_a_client_who_always_passes_where_others_fail_does():
    reports = [issued(client=MAKER, conclusion="pass")] * 40
    reports += [issued(client=DEALER, conclusion=word) for word in ("pass", "fail") * 40]
    said = {one.about: one for one in ask(clients.SCREEN, reports)}
    assert (said[MAKER].is_open, said[DEALER].is_open) == (True, False)
    assert (said[MAKER].facts["passed"], said[MAKER].facts["others_failed"]) == (40, 40)


def test_other_labs_clients_and_no_conclusion_are_left_out():
    reports = [issued(client=MAKER, conclusion="pass")] * 40 + [issued(client=DEALER, conclusion="none")] * 40
    reports += [issued(client=DEALER, conclusion="fail", lab=OTHER_LAB)] * 40
    assert ask(clients.SCREEN, reports) == []


def test_nine_reports_are_too_few():
    rest = [issued(client=None, conclusion="fail")] * 40
    assert ask(clients.SCREEN, [issued(client=MAKER, conclusion="pass")] * 9 + rest) == []
    assert ask(clients.SCREEN, [issued(client=MAKER, conclusion="pass")] * 10 + rest)[0].is_open


# --- all ---


def test_what_is_added_can_be_taken_back(chance):
    reports = [*triples(chance, 20), near(3, 2), issued(row(None, resistance_ohm=Decimal("0.8")))]
    for screen in SCREENS:
        held: dict = {}
        for times in (1, -1):
            for report in reports:
                for key, counts in screen.count(report):
                    add_counts(held.setdefault(key, {}), counts, times)
        assert not any(held.values())
