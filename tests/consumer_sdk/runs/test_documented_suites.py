"""The tests that the page on pact files shows run as they are."""

from support.documented_code import python_of


def test_the_tests_of_the_page_record(suite):
    suite.file("conftest.py").unlink()
    for number, text in enumerate(python_of("pact-files.md")):
        suite.write(f"test_{number}.py", text)

    finished = suite.run()

    assert finished.returncode == 0, finished.stdout
    assert suite.recorded() == ["an order was cancelled", "an order was paid"]
