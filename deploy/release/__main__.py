"""What `make` calls for a release.

python -m deploy.release notes v1.2.3        what CHANGELOG.md says of it
python -m deploy.release chart v1.2.3 dist   the chart's archive, for that version of syncd
python -m deploy.release licences            write docs/reference/licences.md anew
"""

from __future__ import annotations

import sys

from deploy.release.chart import package_chart
from deploy.release.licences import PAGE, Surprise, packages, page
from deploy.release.notes import CHANGELOG, Unfit, notes, version_of


def main(words: list[str]) -> int:
    """0, or 1 and a sentence on standard error."""
    try:
        match words:
            case ["notes", tag]:
                sys.stdout.write(notes(CHANGELOG.read_text(encoding="utf-8"), version_of(tag)))
            case ["chart", tag, folder]:
                sys.stdout.write(f"{package_chart(version_of(tag), folder)}\n")
            case ["licences"]:
                PAGE.write_text(page(packages()), encoding="utf-8")
            case _:
                sys.stderr.write(f"{__doc__}\n")
                return 1
    except (Unfit, Surprise) as error:
        sys.stderr.write(f"release: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
