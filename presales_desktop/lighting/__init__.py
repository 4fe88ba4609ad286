"""Photometry and illuminance: numpy in, numpy out; knows no window, no record and no database."""
