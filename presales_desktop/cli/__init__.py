"""`presales`: the program without a screen; it reaches the same services and rules as the window."""
