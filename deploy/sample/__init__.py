"""A made-up population and what facilities typed of its doses, with the truth beside it."""
