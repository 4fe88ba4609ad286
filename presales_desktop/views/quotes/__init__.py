"""The area quotes in the window."""
