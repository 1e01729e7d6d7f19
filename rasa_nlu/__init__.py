"""Parts of Rasa's pipeline for Chinese customers; runs in Rasa's environment."""
