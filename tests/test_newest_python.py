"""`make check-newest` names what Python 3.14 would refuse."""

import pytest
from support import newest_python
from support.npm_packages import NoRegistryError

WARNED = "def f():\n    try:\n        pass\n    finally:\n        return 1\n"


def test_what_the_newest_python_has_no_more_is_named(tmp_path):
    (tmp_path / "tally").mkdir()
    (tmp_path / "tally" / "good.py").write_text("import os.path\nfrom asyncio import timeout\n")
    (tmp_path / "tally" / "gone.py").write_text("import imp\nfrom ast import Num\n")
    (tmp_path / "tally" / "warned.py").write_text(WARNED)

    try:
        version, modules, faults = newest_python.look(tmp_path)
    except NoRegistryError as error:
        pytest.skip(f"npm reaches no registry: {error}")

    assert version.startswith("3.14.")
    assert modules == 3
    assert [fault.split(":")[0] for fault in faults] == ["/source/tally/warned.py", "ast Num", "imp "]
