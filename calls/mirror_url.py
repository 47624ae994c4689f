"""Where the tables may be mirrored to: an object store, or a folder."""

from __future__ import annotations

from urllib.parse import urlsplit

SCHEMES = ("s3", "gs", "az", "abfs")


def is_url(place: str) -> bool:
    """True for an object store, False for a folder."""
    return "://" in place


def mirror_url(place: str) -> str:
    """The place without a slash at its end, when it is one that tables can be mirrored to.

    Raises:
        ValueError: it is of another kind, names no bucket, or carries what looks like a key.
    """
    if not place.strip():
        raise ValueError("must be a URL like 's3://bucket/prefix', or a folder")
    if not is_url(place):
        return place
    parts = urlsplit(place)
    if parts.scheme not in SCHEMES:
        known = ", ".join(f"{scheme}://" for scheme in SCHEMES)
        raise ValueError(f"must begin with {known}, or be a folder")
    if not parts.netloc:
        raise ValueError(f"names no bucket; write it like '{parts.scheme}://bucket/prefix'")
    if parts.password is not None or parts.query or parts.fragment:
        raise ValueError(
            "carries a password, a '?' or a '#'; leave that out: keys are taken from the "
            "environment only"
        )
    return place.rstrip("/")
