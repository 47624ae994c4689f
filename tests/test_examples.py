"""The examples of docs/examples, run as their first lines say, on tables whose answer is known."""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.warehouse.a_quarter import land_quarter
from warehouse import Warehouse

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "docs" / "examples").glob("*.py"))

# Ben's calls could not be measured: nothing is said of him. Eve's first three are too short.
ANSWER = """\
rep\tcalls\twith_cliche\tshare
Ada Voss\t12\t0\t0.0
Cleo Dunn\t24\t12\t0.5
Dev Roy\t12\t0\t0.0
Eve Lund\t9\t0\t0.0
Robin Reed\t12\t7\t0.583
"""


@pytest.fixture(scope="module")
def quarter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = Warehouse.create(tmp_path_factory.mktemp("examples") / "warehouse")
    land_quarter(store)
    return store.path


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_gives_the_same_answer(example: Path, quarter: Path, tmp_path: Path) -> None:
    if example.stem == "with_spark":
        if find_spec("pyspark") is None:
            pytest.skip("pyspark is not installed (pip install pyspark)")
        if shutil.which("java") is None:
            pytest.skip("Spark needs Java, and there is none (apt install default-jre-headless)")
    done = subprocess.run(
        [sys.executable, str(example), str(quarter)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == ANSWER


def test_there_is_an_example_for_each_library_and_it_says_how_to_install_it() -> None:
    assert [path.stem for path in EXAMPLES] == [
        "with_duckdb",
        "with_pandas",
        "with_polars",
        "with_spark",
    ]
    for path in EXAMPLES:
        text = path.read_text(encoding="utf-8")
        assert "pip install" in text
        assert f"python docs/examples/{path.name} warehouse/" in text
