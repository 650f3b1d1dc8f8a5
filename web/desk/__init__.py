"""The desk of clinics and stations: files going in, wrong rows mended by keyboard."""
