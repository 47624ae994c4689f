"""How well calls are read: labelled data in, figures out. `nightcall evaluate` shows them.

`data` finds and checks the files, `cases` makes calls of them as the pipeline would, `evaluate` has
them read and compares, `scores` counts. What the labels mean: docs/labels.md.
"""
