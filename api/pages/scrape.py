"""`/metrics` for Prometheus, on a listener of its own (METRICS=address:port), which serves nothing else.

What is counted is nobody's secret one by one; together, minute by minute, it tells a competitor how a works is doing.
So it is off unless asked for, and then kept apart by the address that a request came in at: no header of the client's
says that, and a proxy before the public address can't reach it by mistake.
"""

import time

from flask import Blueprint, Flask, Response, g, request

from api import metrics
from api.access import Callers, open_to
from api.shell import current_shell
from keys.errors import RefusedError

blueprint = Blueprint("metrics", __name__)
PATH = "/metrics"


@blueprint.get(PATH)
@open_to(Callers.ANYONE)
def show_metrics() -> Response:
    """All metrics of all processes, now."""
    shell = current_shell()
    response = Response(metrics.tell_metrics(shell.database, shell.clock()), content_type=metrics.CONTENT_TYPE)
    response.headers["Cache-Control"] = "no-store"
    return response


def register_scrape(app: Flask, listener: str) -> None:
    """Count every request; keep `/metrics` and the rest apart. `listener` is address:port, or empty for none."""
    port = listener.rpartition(":")[2]

    @app.before_request
    def start_watch() -> None:
        g.started = time.perf_counter()
        is_scraper = bool(port) and request.environ.get("SERVER_PORT") == port
        if is_scraper != (request.path == PATH):
            raise RefusedError("not-found", got=request.path[:200])

    @app.after_request
    def stop_watch(response: Response) -> Response:
        # A request that never was let in to be timed has no start: rate limits and hosts are looked at before.
        seconds = time.perf_counter() - g.get("started", time.perf_counter())
        metrics.count_request(request.endpoint, response.status_code, seconds, g.get("problem"))
        return response
