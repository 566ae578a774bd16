"""Write everything that a broker has into a folder of plain JSON, through its API."""
