"""What is worth a signal. Plain functions of plain values; nothing here reads or writes a row."""
