"""Making the assistant better: training, judging, choosing a model, testing talks."""
