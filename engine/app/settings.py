"""What the environment says: read once, here and nowhere else."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from engine.model.errors import CodedError

DEFAULT_HOME: Final = Path("signalbook-data")
"""Where a program looks that is not told where to."""


class SettingsError(CodedError):
    """An environment variable that cannot be used."""


@dataclass(frozen=True, slots=True)
class Settings:
    """
    The settings of one process.

    home: the folder for what the program writes (SIGNALBOOK_HOME; by default ./signalbook-data).
    variables: the environment as it was; never shown, as it holds what signs in at the broker.
    """

    home: Path
    variables: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    @property
    def store(self) -> Path:
        """The DuckDB file runs are written to unless another is named."""
        return self.home / "runs.duckdb"

    @property
    def live(self) -> Path:
        """The DuckDB file made of the journal."""
        return self.home / "signalbook.duckdb"

    @property
    def journal(self) -> Path:
        """The folder of the journal unless another is named."""
        return self.home / "journal"

    @property
    def exports(self) -> Path:
        """The folder of what is exported unless another is named."""
        return self.home / "exports"

    @property
    def trading_state(self) -> Path:
        """The file of trading states."""
        return self.home / "trading-state.json"

    @property
    def control(self) -> Path:
        """The socket of the running engine."""
        return self.home / "control.sock"

    @property
    def certification(self) -> Path:
        """The folder of certificates and of the answers they rest on."""
        return self.home / "certification"


def settings(environment: Mapping[str, str] | None = None, *, home: Path | None = None) -> Settings:
    """
    Return the settings.

    environment: the process's own when None. home: the folder that was named by hand; it wins.
    Raises: SettingsError, when a variable, or that folder, cannot be used.
    """
    values = os.environ if environment is None else environment  # noqa: TID251 - this is the one place
    where = "SIGNALBOOK_HOME" if home is None else "--home"
    place = (home or Path(values.get("SIGNALBOOK_HOME") or DEFAULT_HOME)).expanduser()
    if place.exists() and not place.is_dir():
        message = f"{where} is {place}, which is not a folder"
        raise SettingsError("bad_setting", message, "name a folder, or leave it out")
    return Settings(place, dict(values))
