"""How every benchmark tells a figure: one JSON line. It measures; nobody is failed by the clock."""

import json
from typing import Literal


def tell(name: str, value: float, unit: str, goal: float, better: Literal["lower", "higher"] = "lower") -> None:
    print(json.dumps({"name": name, "value": round(value, 3), "unit": unit, "goal": goal, "better": better}), flush=True)
