"""A month of service life for the demo shop, so that no page of the console is empty.

What happened is told as steps on one clock (`clock`), each written by the services
that a running shop uses, with the moment handed in: so cases keep their rules,
refunds their sums, and surveys, audits and alerts come about as they would.
"""
