"""Rasa's side of the gateway: the only code of ours inside the Rasa process."""
