"""收件箱: what sync could not settle by itself, to be decided by a person."""
