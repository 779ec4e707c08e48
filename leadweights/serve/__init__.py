"""A model behind HTTP: an API and a page (extra `serve`)."""
