"""The secrets kept in files."""

from pathlib import Path

from graphql_api.composition.kept_secrets import kept


def test_a_secret_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    """Whoever comes second reads the first one's; nothing else is left in the directory."""
    file = tmp_path / "made" / "secret"
    assert kept(file, made=lambda: "first") == "first"
    assert kept(file, made=lambda: "second") == "first"
    assert [(one.name, oct(one.stat().st_mode)[-3:]) for one in file.parent.iterdir()] == [("secret", "600")]
