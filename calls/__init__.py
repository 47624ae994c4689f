"""The shared vocabulary of Nightcall: calls, turns, moments, measures, settings, errors.

Every other room imports from here, and this room imports from none of them. It knows nothing of
audio libraries, spaCy, Parquet or Prefect.
"""
