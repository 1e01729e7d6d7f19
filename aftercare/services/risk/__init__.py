"""The risk desk: notes for a person to judge. Nothing here decides anything."""
