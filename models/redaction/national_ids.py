"""National ids and bank accounts that are known by their own form and check digits.

Only numbers whose check lets few others pass are taken without a word about what they are; a nine
digit number with one check digit is not. After such a word ("my passport number") any number is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module

from stdnum import iban

from models.redaction.kinds import Kind

LONGEST = 34
"""Characters of the longest IBAN; no national id is longer."""

_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z\d]{11,30}")
# HMRC, "National Insurance Manual", NIM39110: letters and prefixes that are never given out.
_NINO = re.compile(r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]")
# Written with its dashes nothing else has this form.
_SSN_WRITTEN = re.compile(r"\d{3}-\d{2}-\d{4}")


@dataclass(frozen=True, slots=True)
class _IdNumber:
    """The form of an id without signs, and the module of `stdnum` that knows its check digits."""

    form: re.Pattern[str]
    module: str


def _ids(*ids: tuple[str, str]) -> tuple[_IdNumber, ...]:
    return tuple(_IdNumber(re.compile(form), module) for form, module in ids)


_BY_REGION: Mapping[str, tuple[_IdNumber, ...]] = {
    "BE": _ids((r"\d{11}", "be.nn")),
    "BR": _ids((r"\d{11}", "br.cpf")),
    "CH": _ids((r"756\d{10}", "ch.ssn")),
    "CN": _ids((r"\d{17}[\dX]", "cn.ric")),
    "ES": _ids((r"\d{8}[A-Z]", "es.dni"), (r"[XYZ]\d{7}[A-Z]", "es.nie")),
    "FI": _ids((r"\d{6}\d{3}[\dA-Z]", "fi.hetu")),
    "FR": _ids((r"[12]\d{14}", "fr.nir")),
    "IE": _ids((r"\d{7}[A-W][A-IW]?", "ie.pps")),
    "IN": _ids((r"[A-Z]{5}\d{4}[A-Z]", "in_.pan")),
    "IT": _ids((r"[A-Z]{6}[\dA-Z]{2}[A-Z][\dA-Z]{2}[A-Z][\dA-Z]{3}[A-Z]", "it.codicefiscale")),
    "KR": _ids((r"\d{13}", "kr.rrn")),
    "MX": _ids((r"[A-Z]{4}\d{6}[HM][A-Z]{5}[\dA-Z]\d", "mx.curp")),
    "NO": _ids((r"\d{11}", "no.fodselsnummer")),
    "PL": _ids((r"\d{11}", "pl.pesel")),
    "RO": _ids((r"[1-9]\d{12}", "ro.cnp")),
    "TR": _ids((r"[1-9]\d{10}", "tr.tckimlik")),
    "ZA": _ids((r"\d{13}", "za.idnr")),
}


def regions() -> tuple[str, ...]:
    """Regions with an id that is found by its form alone."""
    return tuple(sorted({*_BY_REGION, "GB", "US"}))


def known_form(characters: str, region: str) -> Kind | None:
    """What these capital letters and digits, without signs, can only be; None if anything."""
    if not 8 <= len(characters) <= LONGEST:
        return None
    if _IBAN.fullmatch(characters) and iban.is_valid(characters):
        return Kind.ACCOUNT
    if region == "GB" and _NINO.fullmatch(characters):
        return Kind.ID
    for one in _BY_REGION.get(region, ()):
        if one.form.fullmatch(characters) and _checker(one.module)(characters):
            return Kind.ID
    return None


def is_written_ssn(text: str, region: str) -> bool:
    """True of a US social security number with its dashes."""
    return (
        region == "US"
        and _SSN_WRITTEN.fullmatch(text) is not None
        and (_checker("us.ssn")(text) or _checker("us.itin")(text))
    )


@lru_cache(maxsize=64)
def _checker(module: str) -> Callable[[str], bool]:
    found: Callable[[str], bool] = import_module(f"stdnum.{module}").is_valid
    return found
