"""The panels around the canvas: images, regions, editor, chat, activity. Each takes a session and a parent."""
