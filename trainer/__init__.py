"""Training, evaluation and export of policies over the digital twin."""
