"""A process that measures one system: it reads jobs and writes measurements, one line of JSON each.

    ENVIRONMENT/bin/python benchmarks/peers/work.py MODULE

MODULE has a function for each job. It takes the arguments of the job and returns a function without arguments. That
function is called once as a warm-up and then for each measurement, and returns a dict of measurements.
"""

import importlib
import json
import os
import sys


def main(module):
    # Output of libraries is redirected to stderr, so that stdout contains only measurements.
    output = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    jobs, measures = importlib.import_module(module), {}
    for line in sys.stdin:
        job, arguments = json.loads(line)
        key = json.dumps([job, arguments])
        if key not in measures:
            measures[key] = getattr(jobs, job)(**arguments)
            measures[key]()
        print(json.dumps(measures[key]()), file=output, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
