"""Figures as pictures. Plain values in, bytes out; no Django, and matplotlib is loaded with the first picture."""
