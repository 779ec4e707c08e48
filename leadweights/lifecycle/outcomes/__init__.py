"""What became of leads, joined to what was scored."""
