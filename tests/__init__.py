"""The tests, as a package: folders may repeat a name, and `from tests.servers import …` works everywhere."""
