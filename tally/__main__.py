"""The program `tally`."""

from tally.loading import loading

with loading():
    from tally.cli import main

if __name__ == "__main__":
    main()
