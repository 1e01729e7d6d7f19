"""The customer's rights: a copy, being forgotten, and nothing kept too long."""

from aftercare.services.rights.export import export_customer
from aftercare.services.rights.forget import Forgotten, forget_customer
from aftercare.services.rights.purge import forget_again, purge

__all__ = ["Forgotten", "export_customer", "forget_again", "forget_customer", "purge"]
