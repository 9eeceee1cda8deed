"""Asks the running product whether it is ready."""

import asyncio
import json
import time
import urllib.error
import urllib.request
from pathlib import Path

TIMEOUT = 2.0  # seconds


def _ask(url: str) -> list[str]:
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT) as answer:  # noqa: S310  # our own address
            return json.load(answer)["missing"]
    except urllib.error.HTTPError as refusal:
        return json.load(refusal)["missing"]
    except (OSError, ValueError, KeyError):
        return ["web"]


async def missing(address: str, port: int) -> list[str]:
    """Names of the parts that are not ready; empty: everything is."""
    return await asyncio.to_thread(_ask, f"http://{address}:{port}/health/ready")


async def until_socket(path: Path, seconds: float) -> bool:
    """Wait until somebody listens on the UNIX socket; False: nobody did in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            _, writer = await asyncio.open_unix_connection(path)
        except OSError:
            await asyncio.sleep(0.02)
            continue
        writer.close()
        return True
    return False
