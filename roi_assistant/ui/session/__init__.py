"""What views talk to: the open project, edits, jobs, chat, and the threads behind them."""
