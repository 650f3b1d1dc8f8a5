"""The design system: what the components need from Python, and the page that shows them."""
