"""What the shell must give the engine: one small protocol each, in our own words."""
