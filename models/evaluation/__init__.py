"""Measuring how well calls are heard: transcripts against references.

`references` and `folder` read what was really said, `spoken` brings both sides into one shape,
`word_errors` and `diarization` count, `scores` makes a row of it. The libraries that count are the
optional extra `evaluation`; they are imported where they are used.
"""
