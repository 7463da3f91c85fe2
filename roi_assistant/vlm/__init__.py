"""Asking any vision-language model about regions: where the region is, what is asked, and what the answer says. Pure:
no torch, no Qt, no network."""
