"""Describes the machine on which a benchmark runs."""

import datetime
import os
import platform

BUSY_NOTE = ("\n**The machine was busy before the run: rates and latencies may be unreliable, CPU times slightly too "
             "high.**\n")


def describe():
    """The machine's hardware, the date, and the load average before the run."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        models = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "cpu": models[0] if models else platform.machine(),
        "cores": os.cpu_count(),
        "memory_gb": round(memory_gb),
        "kernel": platform.release().split("-")[0],
        "load_average_before": round(os.getloadavg()[0], 1),
        "date": datetime.datetime.now(datetime.timezone.utc).date().isoformat(),
    }


def busy_note(machine):
    """A warning for the report if the machine was busy before the run; otherwise empty."""
    return BUSY_NOTE if machine["load_average_before"] > machine["cores"] / 2 else ""
