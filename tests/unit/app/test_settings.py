"""Settings from the environment."""

from pathlib import Path

import pytest

from engine.app.settings import SettingsError, settings


def test_the_home_is_where_the_environment_says():
    assert settings({"SIGNALBOOK_HOME": "/srv/desk"}).store == Path("/srv/desk/runs.duckdb")


def test_the_home_is_beside_the_playbooks_when_nothing_is_said():
    assert settings({}).home == settings({"SIGNALBOOK_HOME": ""}).home == Path("signalbook-data")


def test_a_home_that_is_named_by_hand_wins(tmp_path: Path):
    """S-951."""
    file = tmp_path / "file"
    file.touch()

    assert settings({"SIGNALBOOK_HOME": str(file)}, home=tmp_path).home == tmp_path


@pytest.mark.parametrize("said", ["SIGNALBOOK_HOME", "--home"])
def test_a_home_that_is_a_file_is_refused(tmp_path: Path, said: str):
    file = tmp_path / "file"
    file.touch()

    with pytest.raises(SettingsError, match=f"{said} is ") as caught:
        settings({"SIGNALBOOK_HOME": str(file)}, home=file if said == "--home" else None)

    assert caught.value.code == "bad_setting"
    assert caught.value.remedy
