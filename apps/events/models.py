"""Facts as rows, and how far each reader has come."""

import logging

import redis
from django.db import models, transaction

from contactcenter.lib import bus

log = logging.getLogger(__name__)


class Event(models.Model):
    """One fact of the journal, append-only (see vocabulary.py)."""

    seq = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    kind = models.CharField(max_length=40, db_index=True)
    call = models.CharField(max_length=64, blank=True, db_index=True)
    agent = models.BigIntegerField(null=True, db_index=True)
    data = models.JSONField()

    class Meta:
        ordering = ["seq"]

    def __str__(self) -> str:
        return f"{self.kind} {self.seq}"


class ReaderCursor(models.Model):
    """The last event that a reader has taken in; moved in the transaction that writes what it made of it."""

    name = models.CharField(max_length=40, primary_key=True)
    seq = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} {self.seq}"


class ConfigurationModel(models.Model):
    """What the switch reads as configuration: saving or deleting it tells the switch, after the commit (QU-17)."""

    class Meta:
        abstract = True

    def save(self, *args, **kwargs) -> None:
        super().save(*args, **kwargs)
        announce_after_commit()

    def delete(self, *args, **kwargs) -> tuple[int, dict[str, int]]:
        answer = super().delete(*args, **kwargs)
        announce_after_commit()
        return answer


def announce_after_commit() -> None:
    """Once per transaction, however many rows it saves."""
    waiting = transaction.get_connection().run_on_commit
    if not any(call[1] is announce_configuration for call in waiting):
        transaction.on_commit(announce_configuration)


def announce_configuration() -> None:
    """Wake the switch, which then reads the configuration anew. Redis away: it reads it when it starts or is told next."""
    try:
        bus.client().publish(bus.CONFIGURATION, b"changed")
    except redis.RedisError:
        log.warning("the switch could not be told of the new configuration")
