"""Learning from the shop's own data: each model trained, weighed, kept, served.

Nothing is imported here: `serving` is in the way of every turn, and must not
bring along what only training needs.
"""
