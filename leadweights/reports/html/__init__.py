"""The report as one HTML page: what it says, how it is drawn and written."""
