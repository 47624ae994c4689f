"""What was said, found and counted: turns in, moments and measures out.

Text analyzers are spaCy components over one turn; call analyzers are plain functions over a call.
Both plug in through `analyzers.registry.ANALYZERS`. spaCy objects never leave this room, and
phrases are data in `playbook/`, never in code.
"""
