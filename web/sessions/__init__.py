"""Who is signed in at which browser: the tokens stay here, the browser has an opaque cookie."""
