"""The worklist: doses that people must put right."""
