"""What all three services stand on; knows no dose, no person and no passport."""
