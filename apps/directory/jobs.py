"""What workers do for the directory."""

from apps.directory import imports


def work(import_id: int) -> None:
    imports.work(import_id)
