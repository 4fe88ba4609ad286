"""Sync, generic: many laptops are one company. It knows the tables handed to it, no customer and no quote. See docs/sync.md."""
