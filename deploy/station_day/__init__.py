"""A station's day: 15,000 wrong rows, one clerk and two officers, on a really running system."""
