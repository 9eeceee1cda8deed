"""`make smoke`: one real call through the whole product. The last line is one JSON object; exit status 0 only if all is right."""

import json
import sys
import tempfile
from pathlib import Path

from tests.browser.chromium import Chromium
from tests.main_path.one_call import AGENT_HZ, OneCall
from tests.product import Product


def main() -> int:
    product = Product()
    figures: dict = {}
    try:
        with product, tempfile.TemporaryDirectory(prefix="cc-smoke-") as folder, Chromium(microphone_hz=AGENT_HZ) as chromium:
            call = OneCall(product, chromium, Path(folder))
            figures = call.figures
            figures["problems"] = call.run()["problems"]
    except Exception as error:  # whatever it is, the last line must tell it
        figures.setdefault("problems", []).append(f"{type(error).__name__}: {error}")
        sys.stderr.write("\n".join([*list(product.lines)[-60:], ""]))
    figures["left_over"] = product.left_over()
    right = not figures["problems"] and not figures["left_over"]
    sys.stdout.write(json.dumps({"ok": right, **figures}) + "\n")
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
