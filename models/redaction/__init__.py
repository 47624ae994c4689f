"""Redaction: what must not be kept is masked in texts, words and labels before it is written.

Card numbers, bank accounts and national ids, also read out digit by digit and over several
utterances; by setting, mail addresses, telephone numbers and dates of birth.
`benchmarks/redaction.py` shows how much of it is found.
"""

from models.redaction.masking import redact
from models.redaction.naming import (
    REDACTION_VERSION,
    covers,
    keeping,
    masks_more,
    redaction_name,
)

__all__ = ["REDACTION_VERSION", "covers", "keeping", "masks_more", "redact", "redaction_name"]
