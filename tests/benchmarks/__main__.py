"""``python -m tests.benchmarks [NAME …] [--json]``"""

from __future__ import annotations

import argparse
import json
import os
import sys
from importlib import import_module
from pathlib import Path

import django

from tests.benchmarks import MissingRequirementError

NAMES = sorted(path.stem.replace("_", "-") for path in Path(__file__).parent.glob("[a-z]*.py"))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"default: all of {', '.join(NAMES)}")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    unknown = set(options.names) - set(NAMES)
    if unknown:
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; known: {', '.join(NAMES)}")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop_demo.settings")
    os.environ["DEBUG"] = "0"  # Django's query log would slow the reference
    django.setup()
    results, failed = {}, False
    for name in options.names or NAMES:
        try:
            measured = import_module(f"tests.benchmarks.{name.replace('-', '_')}").measure()
        except MissingRequirementError as error:
            print(f"{name}: {error}", file=sys.stderr)
            failed = True
            continue
        print(f"{name}: {measured.workload}", file=sys.stderr)
        results[name] = {
            "ours": measured.ours,
            "reference": measured.reference,
            "ratio": measured.ratio,
            "unit": measured.unit,
        }
        if not options.json:
            print(
                f"{name}: {measured.ours:.4g} / {measured.reference:.4g} {measured.unit} = {measured.ratio:.3f}"
            )
    if options.json:
        print(json.dumps(results))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
