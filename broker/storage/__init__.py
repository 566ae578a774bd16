"""What is stored. No other package has SQL."""
