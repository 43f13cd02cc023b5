"""Packages of strangers, as pip leaves them: their files, and what is known of the installation."""

from pathlib import Path


def write(folder: Path, name: str, files: dict, entries: dict, version: str = "1.2") -> None:
    """Write an installed package.

    Args:
        folder: where packages lie.
        name: of the package; dots stand for packages without a file of their own.
        files: text by the name of the file, beside `__init__.py`, which is written where it lacks.
        entries: the value of each entry point by its name.
        version: of the distribution.
    """
    package = folder.joinpath(*name.split("."))
    for path, text in {"__init__.py": "", **files}.items():
        (package / path).parent.mkdir(parents=True, exist_ok=True)
        (package / path).write_text(text, encoding="utf-8")
    about = folder / f"{name.replace('.', '_')}-{version}.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    points = "".join(f"{key} = {value}\n" for key, value in entries.items())
    (about / "entry_points.txt").write_text(f"[ser_plugins]\n{points}")
