"""`python -m drydock` is the command too."""

from drydock.cli import main

if __name__ == "__main__":
    main()
