"""Everything that is counted, by its name at /metrics. docs/operating.md explains them; a test compares."""

from comments.seen.meters import SLOW, Counter, Gauge, Histogram

# Requests. `endpoint`: the template of the URL map, or which kind of prepared answer; `status`: 2xx, 3xx, …
REQUESTS = Counter("comments_requests", "Requests answered.", "endpoint", "method", "status")
REQUEST_SECONDS = Histogram("comments_request_seconds", "Time of a request in the application.", "endpoint")
PREPARED_MADE = Counter("comments_prepared_made", "Prepared answers made anew: the misses.")
PREPARED_COMPARED = Counter("comments_prepared_compared", "Prepared answers found to be still right.")
PREPARED_BYTES = Gauge("comments_prepared_bytes", "Memory taken by prepared answers.")
LIMITED = Counter("comments_limited", "Requests refused by a limit.", "limit")
LIMITER_ALONE = Counter("comments_limiter_alone", "Requests counted in one process because Redis did not answer.")

# Comments
POSTS = Counter("comments_posts", "Comments sent, by what became of them.", "verdict")
QUEUE_LENGTH = Gauge(
    "comments_queue_length", "Comments in a queue of all sites, counted to 10000.", "queue", is_shared=True
)
QUEUE_OLDEST = Gauge("comments_queue_oldest_seconds", "Age of the oldest in a queue.", "queue", is_shared=True)

# Sockets
SOCKETS = Gauge("comments_sockets", "Sockets open.")
SOCKETS_MOST = Gauge("comments_sockets_limit", "Sockets that these processes let in.")
CONNECTS = Counter("comments_socket_connects", "Sockets let in.")
REFUSALS = Counter("comments_socket_refusals", "Sockets refused at the door.", "reason")
CUTS = Counter("comments_socket_cuts", "Sockets cut by us.", "reason")
FRAMES = Counter("comments_socket_frames", "Frames sent.")
FANOUT_SECONDS = Histogram("comments_fanout_seconds", "From hearing of a change until its batch is at the last socket.")
REDIS_HEARD = Gauge("comments_redis_heard", "Processes that hear the others over Redis.")
REDIS_WANTED = Gauge("comments_redis_wanted", "Processes that are to hear the others over Redis.")

# Jobs
JOBS = Counter("comments_jobs", "Jobs, by how they ended.", "kind", "result")
JOB_SECONDS = Histogram("comments_job_seconds", "Time of a job.", "kind", buckets=SLOW)
JOBS_DUE = Gauge("comments_jobs_due", "Jobs that are due, counted to 5000.", "kind", is_shared=True)
JOBS_OLDEST = Gauge("comments_jobs_oldest_due_seconds", "How late the oldest due job is.", is_shared=True)
JOBS_PARKED = Gauge("comments_jobs_parked", "Jobs that were given up and wait for the operator.", is_shared=True)

# Database
DATABASE_UP = Gauge("comments_database_up", "Whether the database answered this scrape.", is_shared=True)
POOL_SIZE = Gauge("comments_database_connections_limit", "Connections that these processes may have.")
POOL_USED = Gauge("comments_database_connections_used", "Connections in use.")
POOL_SECONDS = Histogram("comments_database_wait_seconds", "Time until a connection was there.")
TRANSACTION_SECONDS = Histogram("comments_transaction_seconds", "Time of a writing transaction, with its commit.")
LOCK_SECONDS = Histogram("comments_sqlite_lock_seconds", "Time that a writer waited for its turn on SQLite.")
DATABASE_ERRORS = Counter("comments_database_errors", "Times that the database did not answer.")
DISK_FREE = Gauge("comments_disk_free_bytes", "Free bytes of the disk with the SQLite database.", is_shared=True)
DISK_SIZE = Gauge("comments_disk_size_bytes", "Bytes of that disk.", is_shared=True)

# The outside, and the processes themselves
OUTGOING = Counter("comments_outgoing", "Requests to the outside.", "result")
OUTGOING_SECONDS = Histogram("comments_outgoing_seconds", "Time of a request to the outside.")
PROCESSES = Gauge("comments_processes", "Processes that live.", "kind")
RESIDENT = Gauge("comments_process_resident_bytes", "Memory of the processes.", "kind")
FILES = Gauge("comments_process_open_files", "Open files of the processes.", "kind")
FILES_MOST = Gauge("comments_process_open_files_limit", "Files that they may have open.", "kind")
CPU = Counter("comments_process_cpu_seconds", "Processor time.", "kind")
COLLECTIONS = Counter("comments_process_collections", "Runs of the garbage collector.", "generation")
BUILD = Gauge("comments_build_info", "Which version this is.", "version", is_shared=True)


class Tally:
    """Prepared answers of one kind: plain numbers, because reading is to cost nothing more."""

    __slots__ = ("unchanged", "whole")

    def __init__(self) -> None:
        self.whole = self.unchanged = 0


PREPARED = {kind: Tally() for kind in ("page", "counts", "html", "fragment", "feed", "teaser", "file")}


class Frames:
    """Frames sent by this process."""

    sent = 0


REQUESTS.collect = lambda: [
    ((f"prepared {kind}", "GET", status), number)
    for kind, tally in PREPARED.items()
    for status, number in (("2xx", tally.whole), ("3xx", tally.unchanged))
]
FRAMES.collect = lambda: [((), Frames.sent)]
