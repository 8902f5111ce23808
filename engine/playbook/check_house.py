"""Checks of a playbook against the desk: accounts and people that do not exist, limits over the house's."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from engine.model.desk import AccountKind, Desk, Permission, Person
from engine.model.errors import Issue
from engine.model.source import Span
from engine.playbook.checked import Checked, percent, unknown


def accounts(checked: Checked) -> Iterator[Issue]:
    """Stages name accounts of the desk, of the right kind."""
    stages = checked.playbook.stages
    for stage, kind in ((stages.sandbox, AccountKind.SANDBOX), (stages.production, AccountKind.PRODUCTION)):
        if stage is None:
            continue
        if checked.desk is None:
            yield Issue("no_desk", "stages need a desk", stage.account_span, "a desk.yaml without errors beside it")
        else:
            yield from _account(checked.desk, stage.account, kind, stage.account_span)


def _account(desk: Desk, name: str, kind: AccountKind, span: Span) -> Iterator[Issue]:
    account = desk.account(name)
    fitting = [account.name for account in desk.accounts if account.kind is kind]
    if account is None:
        yield unknown("unknown_account", f"{kind.value} account", name, fitting, span)
    elif account.kind is not kind:
        message = f"{name!r} is a {account.kind.value} account, not a {kind.value} one"
        expected = "one of " + ", ".join(fitting) if fitting else f"an account of kind {kind.value} in the desk"
        yield Issue("wrong_account_kind", message, span, expected)


def production_untested(checked: Checked) -> Iterator[Issue]:
    """Nothing reaches real money without passing the sandbox."""
    stages = checked.playbook.stages
    if stages.production is not None and stages.sandbox is None:
        message = "nothing reaches production without passing a sandbox"
        span = checked.written.section("stages").key_span("production")
        yield Issue("production_untested", message, span, "'sandbox' beside it")


def approvers(checked: Checked) -> Iterator[Issue]:
    """Those who approve are people of the desk who may, and never only the author himself."""
    production, desk = checked.playbook.stages.production, checked.desk
    approval = production.approval if production else None
    if approval is None or desk is None:
        return
    able = {person.id for person in desk.people if _may_approve(person, approval.by)}
    if approval.by and len(able) < len(approval.by):
        yield from _unable(checked, desk)
        return
    for author in checked.playbook.listen.authors:
        if author.may_open and able <= {author.id}:
            message = f"nobody is left to approve what {author.name!r} opens"
            yield Issue("nobody_approves", message, approval.by_span, "somebody other than the author")
            return


def _unable(checked: Checked, desk: Desk) -> Iterator[Issue]:
    for item in checked.written.section("stages").section("production").section("approval").items("by"):
        person = desk.person(str(item.value))
        if person is None:
            yield unknown("unknown_person", "person", str(item.value), (one.name for one in desk.people), item.span)
        elif Permission.APPROVE not in person.may:
            message = f"{person.name!r} may not approve"
            yield Issue("may_not_approve", message, item.span, "the permission 'approve' in the desk")


def _may_approve(person: Person, names: tuple[str, ...]) -> bool:
    return Permission.APPROVE in person.may and (not names or person.name in names)


@dataclass(frozen=True, slots=True)
class _Limit:
    """One number of a playbook beside the house's; None on either side: nothing to compare."""

    name: str
    own: Decimal | int | None
    house: Decimal | int | None
    span: Span
    is_share: bool = False

    def issue(self) -> Iterator[Issue]:
        if self.own is None or self.house is None or self.own <= self.house:
            return
        own, house = (_written(value, is_share=self.is_share) for value in (self.own, self.house))
        message = f"{self.name} of {own} is over the house limit of {house}"
        yield Issue("over_house_limit", message, self.span, f"at most {house}")


def _written(value: Decimal | int, *, is_share: bool) -> str:
    if isinstance(value, int):
        return str(value)
    return percent(value) if is_share else f"${value:,}"


def over_house_limits(checked: Checked) -> Iterator[Issue]:
    """No limit that a playbook writes is looser than the house's."""
    if checked.desk is None:
        return
    for limit in (*_sizes(checked, checked.desk), *_risks(checked, checked.desk)):
        yield from limit.issue()


def _sizes(checked: Checked, desk: Desk) -> Iterator[_Limit]:
    size, house = checked.playbook.size, desk.limits
    yield _Limit("size", size.percent, house.max_size, checked.at("size", "percent"), is_share=True)
    for symbol, share in size.by_symbol:
        yield _Limit(f"size of {symbol}", share, house.max_size, checked.at("size", "by_symbol", symbol), is_share=True)
    authors = checked.written.section("listen").section("authors")
    for author in checked.playbook.listen.authors:
        if "allocation" in authors.section(author.id):
            span = authors.section(author.id).span_of("allocation")
            yield _Limit(f"allocation of {author.name!r}", author.allocation, house.max_size, span, is_share=True)
    yield _Limit("size", size.most_contracts, house.max_contracts, checked.at("size", "at_most", "contracts"))
    yield _Limit("size", size.most_cost, house.max_order_value, checked.at("size", "at_most", "cost"))


def _risks(checked: Checked, desk: Desk) -> Iterator[_Limit]:
    risk, house, collar = checked.playbook.risk, desk.limits, checked.playbook.risk.price_collar
    for name in ("max_open_positions", "max_orders_per_day", "max_daily_loss"):
        own = getattr(risk, name)
        yield _Limit(name, own.most if own else None, getattr(house, name), checked.at("risk", name))
    spread = risk.max_spread.most if risk.max_spread else None
    yield _Limit("max_spread", spread, house.max_spread, checked.at("risk", "max_spread"), is_share=True)
    if collar is not None:
        at = ("risk", "price_collar")
        ours, theirs = collar.from_alert, house.price_collar.from_alert
        yield _Limit("collar from the alert", ours, theirs, checked.at(*at, "from_alert"), is_share=True)
        ours, theirs = collar.from_mid, house.price_collar.from_mid
        yield _Limit("collar from the mid", ours, theirs, checked.at(*at, "from_mid"), is_share=True)


HOUSE_CHECKS: Final = (accounts, production_untested, approvers, over_house_limits)
