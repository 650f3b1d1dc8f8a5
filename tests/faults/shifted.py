"""`python -m tests.faults.shifted SECONDS MODULE ARGUMENT…`: runs a module as a process whose wall
clock is off; its others are not.
"""

import runpy
import sys
from datetime import UTC, datetime, timedelta

import time_machine

if __name__ == "__main__":
    seconds, module, *arguments = sys.argv[1:]
    sys.argv = [module, *arguments]
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=int(seconds)), tick=True):
        runpy.run_module(module, run_name="__main__", alter_sys=True)
