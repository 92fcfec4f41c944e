"""Migrations of this project: python manage.py upgrade head"""

from pathlib import Path

from treering.command_line import main

if __name__ == "__main__":
    raise SystemExit(main(start=Path(__file__).parent, program="manage.py"))
