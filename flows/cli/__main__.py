"""`python -m flows.cli` is `nightcall`."""

from flows.cli import main

main()
