"""The three services and the chassis they stand on."""
