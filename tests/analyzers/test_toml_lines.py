"""Lines of TOML entries, on a text with everything that may mislead a line counter."""

import tomllib

import pytest

from analyzers.toml_lines import Location, TomlLines

TEXT = '''\
# [not] a = "table"
label = "x" # key = 1
words = [
  "one [two",  # a ] bracket
  "three = four",
]

[[family]]
id = "a"
why = """
[[family]]
id = "not me"
"""

[[family.rule]]
id = "a1"
hits = ["[it] is", 'it\\is', "say \\"so\\""]

  [[family.rule]]
  id = "a2"

[[family]]
"id" = "b"
inline = { id = "c", deep = [1, 2] }

[classes]
be = ["is"]
'''


@pytest.mark.parametrize(
    ("location", "line"),
    [
        (("label",), 2),
        (("words",), 3),
        (("family",), 8),
        (("family", 0), 8),
        (("family", 0, "id"), 9),
        (("family", 0, "why"), 10),
        (("family", 0, "rule", 0), 15),
        (("family", 0, "rule", 0, "id"), 16),
        (("family", 0, "rule", 1, "id"), 20),
        (("family", 1), 22),
        (("family", 1, "id"), 23),
        (("classes", "be"), 27),
        # What has no line of its own is shown at what holds it.
        (("family", 1, "inline", "deep"), 24),
        (("family", 1, "rule"), 22),
        (("nothing",), 1),
    ],
)
def test_line_of_a_place(location: Location, line: int) -> None:
    tomllib.loads(TEXT)
    assert TomlLines(TEXT).line_of(location) == line


@pytest.mark.parametrize(("text", "line"), [("one [two", 4), ("three = four", 5), ("not there", 3)])
def test_line_of_a_text_in_a_list(text: str, line: int) -> None:
    assert TomlLines(TEXT).line_of_text(("words",), text) == line


def test_text_is_looked_for_only_under_its_own_key() -> None:
    assert TomlLines(TEXT).line_of_text(("label",), "three = four") == 2
