"""The rules one decision is made by."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.model.desk import HouseLimits
from engine.model.listen import AuthorRule
from engine.model.playbook import Playbook
from engine.model.rule import RefuseRule


@dataclass(frozen=True, slots=True)
class Terms:
    """
    What a playbook and its desk say.

    rules: the playbook's own conditions, ready to run. house: None when there is no desk.
    time_zone: of the desk, an IANA name.
    account: alias of the account openings are for: production's, else the sandbox's; "" when it only observes.
    """

    playbook: Playbook
    rules: tuple[RefuseRule, ...] = ()
    house: HouseLimits | None = None
    time_zone: str = "America/New_York"
    account: str = field(init=False, compare=False)
    _authors: Mapping[str, AuthorRule] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        stage = self.playbook.stages.production or self.playbook.stages.sandbox
        authors = {rule.id: rule for rule in reversed(self.playbook.listen.authors)}
        object.__setattr__(self, "account", "" if stage is None else stage.account)
        object.__setattr__(self, "_authors", authors)

    def author(self, author_id: str) -> AuthorRule | None:
        """Return the rule of an author; None for anybody the playbook does not listen to."""
        return self._authors.get(author_id)
