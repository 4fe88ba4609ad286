"""工作台: the first page of the day."""
