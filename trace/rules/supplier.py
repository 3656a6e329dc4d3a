"""Is it the supplier that was bought from? Rules B01 (whose goods, whose papers, whose invoice) and B02 (the list)."""

from collections.abc import Collection, Iterator
from datetime import date

from trace.bidding.register import Contract, Qualified
from trace.days import civil_day
from trace.findings import Fact, Finding, Judgement, Severity, Unchecked, rule
from trace.history import History
from trace.rules.facts import HasHistory, covered_lots, list_codes


@rule("B01", Severity.CRITICAL)
def different_hands(facts: HasHistory) -> Judgement:
    """Winner, maker, shipper, invoicer and certificate holder are one, or act under the contract's authorisation.

    A certificate counts if it covers the lot's type
    on the day it was made; where none does, that pair is not compared here (rule L25 looks at certificates).
    """
    history = facts.history
    if history.lot is None:
        return
    contracts = _contracts(history)
    if not contracts:
        yield Unchecked("B01", "no_contract")
    for contract in contracts:
        yield from _compare_hands(history, contract)
    holders = _certificate_holders(history)
    if holders and history.lot.maker not in holders:
        # Without a contract this pair alone can be compared; with some, it is said once.
        shown = _codes(history, contracts[0] if contracts else None)
        entries = (*(entry for entries in holders.values() for entry in entries), history.lot.entry)
        yield Finding("B01", Severity.CRITICAL, shown, tuple(sorted(set(entries))), "maker_certificate")


def _compare_hands(history: History, contract: Contract) -> Iterator[Finding]:
    sellers = {contract.supplier, contract.maker, *contract.authorised}
    shippers, invoicers = _shippers(history, contract), _invoicers(history, contract)
    shown = _codes(history, contract)

    def differ(case: str, severity: Severity, *entries: int) -> Finding:
        return Finding("B01", severity, shown, tuple(sorted({contract.entry, *entries})), case)

    lot = history.lot
    if lot is not None and lot.maker != contract.maker:
        yield differ("maker_contract", Severity.CRITICAL, lot.entry)
    if contract.supplier not in (contract.maker, *contract.authorised):
        yield differ("winner_maker", Severity.MAJOR)
    strange = [entry for party, entry in shippers if party not in sellers]
    if strange:
        yield differ("winner_shipper", Severity.MAJOR, *strange)
    # Whoever is paid must be whom the contract is with: the maker's own invoice for a dealer's contract counts too.
    strange = [entry for party, entry in invoicers if party not in (contract.supplier, *contract.authorised)]
    if strange:
        yield differ("winner_invoicer", Severity.MAJOR, *strange)


def _contracts(history: History) -> list[Contract]:
    """The contracts under which this material was moved or delivered, not those of its parts below."""
    lots = covered_lots(history)
    named = {move.contract for move in history.movements if move.lot in lots}
    named |= {act.contract for act in history.site_acts if act.lot in lots}
    return [contract for contract in history.contracts if contract.number in named]


def _shippers(history: History, contract: Contract) -> list[tuple[str, int]]:
    """Who shipped under the contract, up to the delivery; what the buyer or the site moves about is no supply."""
    lots = covered_lots(history)
    delivered = [a.at for a in history.site_acts if a.act == "delivered" and a.contract == contract.number]
    return [
        (move.party, move.entry)
        for move in history.movements
        if move.kind == "shipped"
        and move.lot in lots
        and move.contract == contract.number
        and move.party != contract.buyer
        and not (delivered and move.at > min(delivered))
    ]


def _invoicers(history: History, contract: Contract) -> list[tuple[str, int]]:
    lots = covered_lots(history)
    return [
        (act.invoicer, act.entry)
        for act in history.site_acts
        if act.invoicer and act.lot in lots and act.contract == contract.number
    ]


def _certificate_holders(history: History) -> dict[str, list[int]]:
    """Who holds a certificate for goods of this maker and type on the day of making, with the entries."""
    lot = history.lot
    holders: dict[str, list[int]] = {}
    if lot is None:
        return holders
    made_on = civil_day(lot.made_at)
    for certificate in history.certificates:
        is_valid = certificate.valid_from <= made_on <= certificate.valid_to and (
            certificate.withdrawn_on is None or made_on < certificate.withdrawn_on
        )
        if is_valid and certificate.maker == lot.maker and lot.type in certificate.types:
            holders.setdefault(certificate.holder, []).append(certificate.entry)
    return holders


def _codes(history: History, contract: Contract | None) -> dict[str, Fact]:
    """The codes to compare, in the order of the matrix that people look at."""
    shippers = _shippers(history, contract) if contract else []
    invoicers = _invoicers(history, contract) if contract else []
    return {
        "contract": list_codes([contract.number] if contract else []),
        "winner": list_codes([contract.supplier] if contract else []),
        "maker": list_codes([contract.maker] if contract else []),
        "lot_maker": list_codes([history.lot.maker] if history.lot else []),
        "shipper": list_codes([party for party, _ in shippers]),
        "invoicer": list_codes([party for party, _ in invoicers]),
        "holder": list_codes(_certificate_holders(history)),
    }


@rule("B02", Severity.CRITICAL)
def not_on_list(facts: HasHistory) -> Judgement:
    """Maker and winner stood on the process's list of qualified suppliers on the day of award.

    A winner that the contract authorises to sell for the maker need not stand there itself. Without an award, the
    contract's own day counts.
    """
    history = facts.history
    for contract in _contracts(history):
        listed = [row for row in history.qualified if row.ocid == contract.ocid]
        if not listed:
            yield Unchecked("B02", "no_list", {"ocid": contract.ocid})
            continue
        awarded_on, award_entry = _award(history, contract)
        entries = (award_entry,) if award_entry is not None else ()
        needed = [contract.maker]
        if contract.supplier not in (contract.maker, *contract.authorised):
            needed.append(contract.supplier)
        for party in needed:
            yield from _judge_listing(party, contract, awarded_on, entries, listed)


def _award(history: History, contract: Contract) -> tuple[date, int | None]:
    """The last award of the process to the contract's supplier, else to anybody, else the contract itself."""
    awards = [award for award in history.awards if award.ocid == contract.ocid]
    to_supplier = [award for award in awards if award.winner == contract.supplier]
    for award in reversed(to_supplier or awards):
        return award.awarded_on, award.entry
    return contract.signed_on, None


def _judge_listing(
    party: str, contract: Contract, on: date, entries: tuple[int, ...], listed: Collection[Qualified]
) -> Iterator[Finding]:
    rows = [row for row in listed if row.party == party]
    in_time = [row for row in rows if row.listed_on <= on]
    shown: dict[str, Fact] = {
        "party": party,
        "ocid": contract.ocid,
        "contract": contract.number,
        "awarded_on": on,
    }
    if not rows:
        proof, case = [row.entry for row in listed], "not_listed"
    elif not in_time:
        first = min(rows, key=lambda row: row.listed_on)
        shown["listed_on"] = first.listed_on
        proof, case = [first.entry], "listed_after"
    else:
        # The last word counts: a list may be said again with a suspension.
        last = in_time[-1]
        if last.suspended_on is None or on < last.suspended_on:
            return
        shown["suspended_on"] = last.suspended_on
        proof, case = [last.entry], "suspended"
    yield Finding("B02", Severity.CRITICAL, shown, tuple(sorted({contract.entry, *entries, *proof})), case)
