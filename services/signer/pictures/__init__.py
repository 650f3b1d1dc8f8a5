"""Pictures and documents from strangers, made into grey pictures that the reader of codes takes;
each kind within its bounds.
"""
