"""How gunicorn serves the product, read by `bin/run`: each setting with why it is not the default."""

import os
import sys
from pathlib import Path
from typing import Any

# Read before gunicorn goes where the application is: this file may be named from anywhere.
if (_root := str(Path(__file__).resolve().parent.parent)) not in sys.path:
    sys.path.insert(0, _root)

from api.logs import gunicorn_config
from api.settings import read_settings

_host = os.environ.get("HOST", "127.0.0.1")
_port = os.environ.get("PORT", "8000")
bind: Any = f"[{_host}]:{_port}" if ":" in _host else f"{_host}:{_port}"

# Prometheus' own listener: no other address serves /metrics, and it serves nothing else (api/pages/scrape.py).
_metrics = os.environ.get("METRICS", "")
_numbers = read_settings(os.environ).var_dir / "metrics"
if _metrics:
    bind = [bind, _metrics]
    # Read by prometheus_client when it is imported: every process writes its numbers to a file there.
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(_numbers)
    _numbers.mkdir(parents=True, exist_ok=True)

# Two processes check signatures at the same time, and no long page holds up all others. Each gathers what its threads
# bring into one commit (api/sequencer.py), so that there are as many threads as statements worth gathering.
workers = 2
worker_class = "gthread"
threads = 16
# Of one process only one thread runs Python at a time. Where its threads wake on another CPU each time, handing on
# costs a fifth to a third of all work (trace/DECISIONS.md): so each worker stays on a CPU of its own.
_stay = os.environ.get("WORKERS_STAY", "yes") != "no" and hasattr(os, "sched_setaffinity")

# Imported and made ready once, before the first worker is forked: a start costs one import instead of three.
preload_app = True
# On a slow disk a worker must not be taken for dead because of its heartbeat file.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108, PTH112
timeout = 60
graceful_timeout = 20
keepalive = 5

# A public registry: bounds on what is read before the application sees a request.
limit_request_line = 4094
limit_request_fields = 64
limit_request_field_size = 8190

# Only a proxy named here may say who the client was; rate limits go by that address.
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1,::1")

# Off: a scan's address and time are a person's movements. Errors still go to stderr.
accesslog = None
errorlog = "-"
loglevel = os.environ.get("LOG_LEVEL") or "warning"
if os.environ.get("LOG_FORMAT") == "json":
    logconfig_dict = gunicorn_config(loglevel)
# Nobody steers workers through a socket in the home folder.
control_socket_disable = True


def on_starting(server: Any) -> None:
    """Make ready to serve (`flask prepare`). What that refuses ends the start, with its one line and exit code."""
    from flask.cli import ScriptInfo

    from api.commands.prepare import prepare

    if _metrics:
        # Numbers of processes that are no more, of which a new one could bear the id.
        for path in _numbers.glob("*.db"):
            path.unlink()
    app = server.app.wsgi()
    try:
        prepare.main(args=[], prog_name="prepare", obj=ScriptInfo(create_app=lambda: app))
    except SystemExit as done:
        if done.code:
            raise
    # Workers open connections of their own: none survives a fork.
    app.extensions["suzheng"].database.close()


def pre_fork(server: Any, worker: Any) -> None:
    """In the master, before a worker begins: which CPU is to be its own, among those that this service may use."""
    allowed = sorted(os.sched_getaffinity(0)) if _stay else []
    # The one that fewest have: none, but while a reload has the old workers and the new ones side by side.
    taken = [getattr(other, "cpu", None) for other in server.WORKERS.values()]
    # From another one on in each service, lest several on one machine all choose the first.
    start = os.getpid() % max(len(allowed), 1)
    in_turn = (*allowed[start:], *allowed[:start])
    worker.cpu = min(in_turn, key=taken.count) if len(allowed) >= workers else None


def post_fork(server: Any, worker: Any) -> None:
    """In each worker, when it begins."""
    import gc

    if worker.cpu is not None:
        os.sched_setaffinity(0, {worker.cpu})
    # All that was loaded before the fork stays: nobody need look through it again for what can go. And a batch makes
    # many objects that all live until its commit: looking through them at every 700 costs a third of its time.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    worker.app.wsgi().extensions["suzheng"].start_judging()


def post_worker_init(worker: Any) -> None:
    """Each worker keeps the ledger witnessed (`api/witnessing/background.py`): threads do not survive the fork."""
    from api.witnessing.background import Collector

    Collector(worker.app.wsgi().extensions["suzheng"]).start()


def child_exit(server: Any, worker: Any) -> None:
    """A worker that is gone has no queue; what it counted still counts."""
    if _metrics:
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
