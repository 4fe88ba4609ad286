"""The area designs in the window."""
