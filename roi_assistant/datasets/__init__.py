"""The region-text data sets that GPT4RoI learns from, as conversations about boxes."""
