"""Erasing calls: what is asked for, what lies in the recordings location, and doing it.

`warehouse.erasure` removes calls from a warehouse; here is what it can't know: settings, sidecars
and the recordings themselves.
"""
