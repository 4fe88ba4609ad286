"""Sync, generic: it knows the tables handed to it, no customer and no quote. The protocol and replica come with the sync issue."""
