"""Results to read: text, JSON, Markdown, the HTML page."""
