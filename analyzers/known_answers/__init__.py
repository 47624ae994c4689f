"""Questions whose answer was known before they were asked, with the answer and where it stood.

A question is brought down to its subject (size, place, owner, competitors, trade, role ...), and
the subject is looked up in the account brief, the sidecar and the earlier calls with the customer.
Whoever says the answer himself ("so that's fourteen hotels now?") verifies, which is good practice.
"""
