"""Limits of threads."""

import os
import subprocess
import sys


def test_the_limit_of_one_thread_reaches_what_is_loaded_for_it():
    """In a process of its own, where scikit-learn is not loaded yet."""
    code = (
        "from threadpoolctl import threadpool_info\n"
        "from mercato.threads import one_thread\n"
        "with one_thread():\n"
        "    print({pool['num_threads'] for pool in threadpool_info()})\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout == "{1}\n"
