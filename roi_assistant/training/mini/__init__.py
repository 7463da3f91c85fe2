"""The stages of the embedded model gpt4roi-mini."""
