"""The project itself: its sample builds, publishes and survives a killed build."""

import os
import re
import signal

SAMPLE = ("build", "--input", "sample")


def test_sample_build_is_published_and_survives_a_kill(command):
    output = command.succeed(*SAMPLE)
    assert "\nRows\n  table" in output
    assert " fitted in " in output
    suggested = re.findall(r'query "(.+)"', output)
    assert len(suggested) == 3
    assert all(command.query(sql) for sql in suggested)

    first = command.published.read_bytes()
    process = command.start(*SAMPLE)
    # The layer is told when it is built: by now the working file is half a build.
    while not process.stdout.readline().startswith("  features"):
        assert process.poll() is None
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert command.published.read_bytes() == first

    assert " fitted in " not in command.succeed(*SAMPLE), "the killed build left a mark"
    runs = "select count(distinct run_id) from model_runs"
    assert command.query(runs) == [(2,)]
