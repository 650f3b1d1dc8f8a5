"""A made-up population and what facilities typed of its doses, with the truth beside it."""

from deploy.sample.files import Summary, generate

__all__ = ["Summary", "generate"]
