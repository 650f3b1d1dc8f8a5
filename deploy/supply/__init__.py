"""What is in a release: its packages, their licences, and the faults that are known of them."""
