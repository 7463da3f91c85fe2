"""One module per group of commands. A module is imported when one of its commands runs, so ``--help`` stays fast."""
