"""`python -m deploy.pages`: builds the pages' styles and scripts, unless nothing has changed.

Node comes from the wheel in this environment. Ends with 1, and one sentence, where that cannot be.
"""

import sys

from deploy.pages.built import CannotBuildError, build

if __name__ == "__main__":
    try:
        print(build())
    except CannotBuildError as error:
        sys.exit(str(error))
