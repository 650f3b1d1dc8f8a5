"""Makes the styles and scripts of the pages ready, from `web/assets/` into `web/static/`."""
