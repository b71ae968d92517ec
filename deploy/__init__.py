"""What syncd is installed with. Not part of the product: `make deploy` runs what is here."""
