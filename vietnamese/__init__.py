"""Vietnamese text as people and programs leave it: dates, names, encodings, codes of places."""
