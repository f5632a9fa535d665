"""A strict look-alike of FranceConnect v2: what the real one refuses, it refuses."""
