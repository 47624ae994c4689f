"""Claims held against the agreed messaging: what is said near an entry, and what differs.

Nearness is measured on the words of the entries, brought to one form (stems, synonyms, numbers) and
weighed by how much a word tells one entry from the others. What differs is found apart from that,
as facts with names: figures, scope, absoluteness, negation. So a verdict can always say why.
"""
