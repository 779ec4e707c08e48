"""Text in, whole files out: the only room that writes to disk."""
