"""What came of scenarios over several services, under the versions that took part."""
