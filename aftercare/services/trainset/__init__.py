"""The assistant's training data: read, changed, checked, and kept on a branch."""

from aftercare.services.trainset.branch import Branch, Commit
from aftercare.services.trainset.opening import open_branch

__all__ = ["Branch", "Commit", "open_branch"]
