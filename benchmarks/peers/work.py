"""A system that is timed, as a process that waits for work: a line of JSON in, a line of JSON out.

    ENVIRONMENT/bin/python benchmarks/peers/work.py MODULE

MODULE has functions whose names are the jobs. Each takes the arguments of the line and gives a function without
arguments, which is called once to warm up and again for every measurement, and gives a dict of figures.
"""

import importlib
import json
import os
import sys


def main(module):
    # What libraries print must not come between the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    jobs, ready = importlib.import_module(module), {}
    for line in sys.stdin:
        job, arguments = json.loads(line)
        key = json.dumps([job, arguments])
        if key not in ready:
            ready[key] = getattr(jobs, job)(**arguments)
            ready[key]()
        print(json.dumps(ready[key]()), file=answers, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
