"""What speaks about regions: the embedded model, GPT4RoI, and what they share. No Qt."""
