"""Say what the static checks of a service cost: `python -m tools.static_costs`.

In seconds of processor time, over variants with each combination of three answers. The first round
makes environments and caches, the second is measured.
"""

import tempfile
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from tests.harness import static
from tests.harness.variants import array, render_in_series, snapshot


def measured() -> dict[str, list[float]]:
    """Check each of them twice, and give the seconds of each check in the second round."""
    costs: dict[str, list[float]] = {}
    variants = array(3)
    with tempfile.TemporaryDirectory() as folder:
        template = snapshot(Path(folder) / "template")
        for variant in variants:
            render_in_series(variant.data(), Path(folder) / str(variant), template)
            static.faults(variant, Path(folder) / str(variant))
        for variant in variants:
            taken: dict[str, float] = {}
            static.faults(variant, Path(folder) / str(variant), taken)
            for check, seconds in (taken | {"all": sum(taken.values())}).items():
                costs.setdefault(check, []).append(seconds)
    return costs


def main() -> None:
    table = Table("check", "median s", "most s")
    for check, seconds in measured().items():
        table.add_row(check, f"{median(seconds):.2f}", f"{max(seconds):.2f}")
    Console().print(table)


if __name__ == "__main__":
    main()
