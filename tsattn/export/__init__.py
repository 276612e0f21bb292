"""Export of a fitted network as one graph that runs without tsattn."""
