"""The demo company: believable data made through the same services that people use, the same every time (seeded)."""
