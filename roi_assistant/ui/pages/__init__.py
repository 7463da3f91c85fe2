"""The pages that take the whole area: review, batch, export, overview, settings ..."""
