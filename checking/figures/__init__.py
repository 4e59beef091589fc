"""The figures everyone may see besides shares over time: each is asked, answered and put into words in one file."""
