"""The domain: SQLAlchemy records and pure rules. No session, no input or output, no clock, no sentence for a person."""
