"""GPT4RoI in torch as a captioner."""
