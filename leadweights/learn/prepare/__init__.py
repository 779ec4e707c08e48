"""What becomes of each column, and what they give away."""
