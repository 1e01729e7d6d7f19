"""Run by the jobs process in Rasa's environment: what a trained model would do."""
