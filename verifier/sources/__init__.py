"""Where contracts are read from: files, folders, URLs and a broker."""
