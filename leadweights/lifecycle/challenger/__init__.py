"""Champion and challenger: in what they differ, which is better, and whether that is enough."""
