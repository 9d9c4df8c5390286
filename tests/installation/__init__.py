"""The installation of today, and after later releases."""
