"""Print one line that counts the tests of some JUnit reports.

python3 .ci/summary.py FILE_OR_FOLDER ...
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET


def count(reports: list[Path]) -> Counter[str]:
    """Add up what the reports say."""
    total: Counter[str] = Counter()
    for report in reports:
        for suite in ET.parse(report).iter("testsuite"):
            total.update(
                {key: int(suite.get(key, 0)) for key in ("tests", "skipped")}
                | {
                    "failed": int(suite.get("failures", 0))
                    + int(suite.get("errors", 0))
                }
            )
    return total


def main(arguments: list[str]) -> None:
    """Count, print."""
    paths = [Path(argument) for argument in arguments]
    folders = [path for path in paths if path.is_dir()]
    reports = [path for path in paths if path.is_file()]
    reports += [report for folder in folders for report in folder.glob("*.xml")]
    total = count(reports)
    passed = total["tests"] - total["failed"] - total["skipped"]
    print(f"{passed} passed, {total['failed']} failed, {total['skipped']} skipped")


if __name__ == "__main__":
    main(sys.argv[1:])
