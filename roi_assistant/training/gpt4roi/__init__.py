"""Training of the full GPT4RoI in the two stages of arXiv 2307.03601: see docs/training.md."""
