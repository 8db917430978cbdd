"""`python -m ranktrust` is `ranktrust`."""

from ranktrust.cli import script

if __name__ == "__main__":
    script()
