"""A folder for another launch."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from corpus.errors import CorpusError
from corpus.library import Library
from corpus.new_launch import begin_launch
from ui.cli import app


@pytest.mark.parametrize(
    ("name", "slug"),
    [("Kestrel 2", "kestrel-2"), ("  Ærø\nÉlan ", "ærø-elan"), ("../../etc: x", "etc-x"), ("新型", "新型")],
)
def test_the_folder_is_called_after_the_launch(tmp_path: Path, name: str, slug: str) -> None:
    folder = begin_launch(name, company='Hollin "Ridge" \\ Sons', parent=tmp_path)
    assert folder == tmp_path / slug
    launch = Library(folder).launch()
    assert launch.name == " ".join(name.split())
    assert launch.company == 'Hollin "Ridge" \\ Sons'
    assert launch.company_names == (launch.company,)
    assert launch.name in launch.tagline


@pytest.mark.parametrize("name", ["", "  ", "?!"])
def test_a_name_without_letters_makes_nothing(tmp_path: Path, name: str) -> None:
    with pytest.raises(CorpusError, match="Give the launch's name"):
        begin_launch(name, parent=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_there_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "kestrel-2").mkdir()
    (tmp_path / "kestrel-2" / "launch.toml").write_text('name = "Mine"', "utf-8")
    with pytest.raises(CorpusError, match="there already"):
        begin_launch("Kestrel 2", parent=tmp_path)
    assert (tmp_path / "kestrel-2" / "launch.toml").read_text("utf-8") == 'name = "Mine"'


def test_the_command_says_how_to_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["new", "Kestrel 2", "--company", "Hollin Ridge"])
    assert done.exit_code == 0
    assert done.stdout == "kestrel-2\n"
    assert "LAUNCH_CORPUS=kestrel-2 launch-assistant chat" in done.stderr
    (tmp_path / "kestrel-2" / "first.md").write_text("The Kestrel 2 costs 12 euros in Leeds.\n", "utf-8")
    monkeypatch.setenv("LAUNCH_CORPUS", "kestrel-2")
    monkeypatch.setenv("LAUNCH_HOME", str(tmp_path / "home"))
    asked = CliRunner().invoke(app, ["ask", "How much does the Kestrel 2 cost?"])
    assert "12 euros" in asked.stdout
