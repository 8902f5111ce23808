"""The rules one decision is made by."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Self

from engine.model.desk import HouseLimits
from engine.model.listen import AuthorRule
from engine.model.playbook import Playbook
from engine.model.rule import RefuseRule
from engine.model.stages import Stage

CANARY_BOUND: Final = "stages.promote.canary"


@dataclass(frozen=True, slots=True)
class Terms:
    """
    What a playbook and its desk say.

    rules: the playbook's own conditions, ready to run. house: None when there is no desk.
    time_zone: of the desk, an IANA name.
    stage: how far this version has come; None where nobody asks, as in a replay.
    account: alias of the account openings are for: that of the stage; without one production's, else the sandbox's; ""
    when it only observes, or has no account of its stage.
    """

    playbook: Playbook
    rules: tuple[RefuseRule, ...] = ()
    house: HouseLimits | None = None
    time_zone: str = "America/New_York"
    stage: Stage | None = None
    account: str = field(init=False, compare=False)
    _authors: Mapping[str, AuthorRule] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        authors = {rule.id: rule for rule in reversed(self.playbook.listen.authors)}
        object.__setattr__(self, "account", self._account_of_stage())
        object.__setattr__(self, "_authors", authors)

    def at(self, stage: Stage | None) -> Self:
        """Return the terms of a stage: its account, and its bound of the size."""
        return self if stage is self.stage else replace(self, stage=stage)

    @property
    def accounts(self) -> tuple[str, ...]:
        """The aliases of every account that openings of this playbook are for at some stage."""
        stages = self.playbook.stages
        named = [stage.account for stage in (stages.production, stages.sandbox) if stage is not None]
        return tuple(dict.fromkeys([self.account, *named, ""]))

    @property
    def most_units(self) -> int | None:
        """How many units one opening may have at this stage; None when the stage does not bound it."""
        return 1 if self.stage is Stage.CANARY else None

    def is_sandbox(self, account: str) -> bool:
        """Whether an account is the one this playbook tries its openings in."""
        sandbox = self.playbook.stages.sandbox
        return sandbox is not None and sandbox.account == account

    def _account_of_stage(self) -> str:
        stages = self.playbook.stages
        if self.stage is None:
            place = stages.production or stages.sandbox
        elif self.stage.is_real:
            place = stages.production
        else:
            place = stages.sandbox if self.stage is Stage.SANDBOX else None
        return "" if place is None else place.account

    def author(self, author_id: str) -> AuthorRule | None:
        """Return the rule of an author; None for anybody the playbook does not listen to."""
        return self._authors.get(author_id)
