"""SQL of histories: the search for contradictions, and the findings that it keeps."""
