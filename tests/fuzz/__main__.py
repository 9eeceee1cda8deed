"""One target, for a number of inputs or of seconds: `python -m tests.fuzz frontdoor --seconds 60`.

Coverage leads it (atheris, libFuzzer), and a mutator that knows lines and words. The seed is printed; with the same seed and a number
of runs it does the same again. An input that breaks something is kept, and `--replay FILE` shows what it broke.
"""

import argparse
import importlib
import os
import random
import sys
from pathlib import Path

import atheris
import django

from tests.fuzz.target import Target

MODULES = {
    "frontdoor": ("frontdoor", "stream"),
    "trunks": ("registrar", "challenge", "offer"),
    "gateway": ("sdp", "phones"),
    "pages": ("page", "protocol"),
    "cell": ("invite",),
    "sounds": ("sounds",),
    "broken": ("broken",),
}
MODULE_OF = {name: module for module, names in MODULES.items() for name in names}
DJANGO = ("pages", "sounds")
INSTRUMENTED = ["sipmessage", "apps.telephony", "apps.live", "tests.fuzz"]
MEMORY_MB = 1_024
HANGS_SECONDS = 20


def mutator(target: Target):
    """Half the time bytes as libFuzzer changes them; else lines and words: doubled, left out, put in, repeated until the input is long."""

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        dice = random.Random(seed)
        if not data or dice.random() < 0.5:
            return atheris.Mutate(data, most)
        kind = dice.choice(("line", "less", "word", "pump"))
        begin = dice.randrange(len(data))
        if kind == "word" and target.words:
            return (data[:begin] + dice.choice(target.words) + data[begin + dice.randrange(2) :])[:most]
        if kind == "pump":
            piece = data[begin : begin + dice.randrange(1, 24)]
            return (data[:begin] + piece * dice.randrange(2, 1 + max(2, (most - len(data)) // len(piece))) + data[begin:])[:most]
        lines = data.split(b"\r\n")
        at = dice.randrange(len(lines))
        lines[at : at + 1] = [] if kind == "less" else [lines[at], dice.choice(lines)]
        return b"\r\n".join(lines)[:most]

    return mutate


def load(name: str) -> Target:
    """Instrumented. Errors: KeyError."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "contactcenter.settings")
    with atheris.instrument_imports(include=INSTRUMENTED):
        if MODULE_OF[name] in DJANGO:
            django.setup()
        return importlib.import_module(f"tests.fuzz.{MODULE_OF[name]}").TARGETS[name]


def fuzz(name: str, target: Target, folder: Path, seed: int, runs: int, seconds: int) -> None:
    """Ends the process; its status says whether something broke."""
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(target.seeds()):
        (corpus / f"seed-{number:04}").write_bytes(data)
    print(f"fuzz {name}: seed {seed}; what breaks it is kept in {folder}; see it again with --replay FILE", flush=True)
    limits = {"max_len": target.longest, "rss_limit_mb": MEMORY_MB, "timeout": HANGS_SECONDS}
    options = {"seed": seed, "runs": runs, "max_total_time": seconds, "artifact_prefix": f"{folder}/", **limits}
    arguments = [sys.argv[0], *(f"-{key}={value}" for key, value in options.items()), str(corpus)]
    atheris.Setup(arguments, target.confirm, custom_mutator=mutator(target))
    atheris.Fuzz()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", choices=sorted(MODULE_OF))
    parser.add_argument("--seconds", type=int, default=0)
    parser.add_argument("--runs", type=int, default=-1)
    parser.add_argument("--seed", type=int, default=random.randrange(1, 1 << 31))
    parser.add_argument("--folder", type=Path, default=Path("var/fuzz"))
    parser.add_argument("--replay", type=Path)
    given = parser.parse_args()
    target = load(given.target)
    if given.replay:
        target.check(given.replay.read_bytes())
        print("it bears this input")
        return
    fuzz(given.target, target, given.folder / given.target, given.seed, given.runs, given.seconds)


if __name__ == "__main__":
    main()
