"""Mirrors one warehouse and is killed after so many files. Arguments: folder, URL, files."""

from __future__ import annotations

import os
import signal
import sys

from warehouse import open_warehouse
from warehouse.mirror import mirror


def main() -> None:
    folder, url, last = sys.argv[1], sys.argv[2], int(sys.argv[3])

    def each(done: int, total: int) -> None:
        if done == last:
            os.kill(os.getpid(), signal.SIGKILL)

    mirror(open_warehouse(folder), url, each=each)


if __name__ == "__main__":
    main()
