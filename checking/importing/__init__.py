"""History from files of other programmes: read, joined, checked row by row, stored once."""
