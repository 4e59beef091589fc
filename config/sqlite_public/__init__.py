"""SQLite for public reads: a connection that can read nothing private and write nothing."""
