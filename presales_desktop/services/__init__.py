"""Use cases: functions f(work, …) with one transaction, one author and one clock. They return frozen rows, never records."""
