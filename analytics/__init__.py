"""Pure analytics: arrays and frames in, results out."""
