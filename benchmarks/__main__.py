"""python -m benchmarks [NAME …] → JSON on standard output; progress on standard error."""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys
from pathlib import Path


def main() -> None:
    """Run the named benchmarks, all without a name."""
    wanted = sys.argv[1:]
    found = [m.name for m in pkgutil.iter_modules([str(Path(__file__).parent)]) if m.name.endswith("_bench")]
    figures = []
    for name in found:
        if wanted and name not in wanted and name.removesuffix("_bench") not in wanted:
            continue
        print(name, file=sys.stderr)
        figures += importlib.import_module(f"benchmarks.{name}").run()
    print(json.dumps(figures, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
