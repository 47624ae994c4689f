"""A bucket on a real server that speaks S3's protocol, on this machine."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

NAME = "acme"


@dataclass(frozen=True)
class Bucket:
    """One bucket, looked at by other means than those under test."""

    fs: Any
    url: str = f"s3://{NAME}"

    def names(self, prefix: str = "") -> list[str]:
        self.fs.invalidate_cache()
        found = self.fs.find(f"{NAME}/{prefix}")
        return sorted(path.removeprefix(f"{NAME}/") for path in found)

    def read(self, name: str) -> bytes:
        return bytes(self.fs.cat_file(f"{NAME}/{name}"))

    def write(self, name: str, data: bytes) -> None:
        self.fs.pipe_file(f"{NAME}/{name}", data)

    def remove(self, name: str) -> None:
        self.fs.rm_file(f"{NAME}/{name}")

    def keep_versions(self, status: str = "Enabled") -> None:
        self.fs.call_s3(
            "put_bucket_versioning", Bucket=NAME, VersioningConfiguration={"Status": status}
        )

    def puts(self, prefix: str = "") -> dict[str, int]:
        """How often each object has been put since versions are kept."""
        found = self.fs.call_s3("list_object_versions", Bucket=NAME, Prefix=prefix)
        counts: dict[str, int] = {}
        for one in found.get("Versions", ()):
            counts[one["Key"]] = counts.get(one["Key"], 0) + 1
        return counts


@contextmanager
def serving() -> Iterator[str]:
    """The address of the server, while it runs."""
    # Imported here: most tests need neither.
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        _, port = server.get_host_and_port()
        yield f"http://127.0.0.1:{port}"
    finally:
        server.stop()


@contextmanager
def fresh_bucket(address: str) -> Iterator[Bucket]:
    """An empty bucket on that server, which forgets everything at the end."""
    from s3fs import S3FileSystem

    S3FileSystem.clear_instance_cache()  # one of another test knows another address
    made = Bucket(S3FileSystem(skip_instance_cache=True))
    made.fs.mkdir(NAME)
    try:
        yield made
    finally:
        S3FileSystem.clear_instance_cache()
        reset = urllib.request.Request(f"{address}/moto-api/reset", data=b"", method="POST")
        with urllib.request.urlopen(reset):
            pass


def environment(address: str) -> dict[str, str]:
    """The variables that lead every S3 library to the server, and to nothing else."""
    return {
        "AWS_ENDPOINT_URL": address,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    }
