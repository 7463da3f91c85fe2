"""GPT4RoI (arXiv 2307.03601): spatial instruction tuning, at any size."""
