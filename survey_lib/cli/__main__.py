"""``python -m survey_lib.cli`` is ``trygg``."""

from survey_lib.cli import main

if __name__ == "__main__":
    main()
