"""A PostgreSQL server for tests: a cluster of its own in a temporary folder, on a free loopback port, ended with the tests.

Belongs here: finding the server's programs, starting and ending it. Needs Debian's ``postgresql`` (or ``initdb`` and ``pg_ctl`` on
PATH); the tests that ask for it say so where it is absent.
"""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Server:
    port: int

    def url(self, database: str = "postgres") -> str:
        return f"postgresql+psycopg2://gongkai@127.0.0.1:{self.port}/{database}"

    def conninfo(self, database: str = "postgres") -> str:
        return f"host=127.0.0.1 port={self.port} user=gongkai dbname={database}"


def programs() -> Path | None:
    """Return the folder with initdb and pg_ctl, None where PostgreSQL's server is not installed."""
    on_path = shutil.which("initdb")
    folders = [Path(on_path).parent] if on_path else sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


@contextlib.contextmanager
def running_server() -> Iterator[Server]:
    """Make a cluster, run it, and take it away again. The server refuses to run as root, so another user does."""
    folder = programs()
    assert folder is not None
    data = Path(tempfile.mkdtemp(prefix="gongkai-postgres-"))
    run_as: list[str] = []
    if os.geteuid() == 0:
        user = next(entry for name in ("postgres", "nobody") for entry in pwd.getpwall() if entry.pw_name == name)
        os.chown(data, user.pw_uid, user.pw_gid)
        run_as = ["setpriv", "--reuid", str(user.pw_uid), "--regid", str(user.pw_gid), "--clear-groups"]

    def run(program: str, *arguments: str) -> None:
        subprocess.run([*run_as, str(folder / program), *arguments], check=True, stdout=subprocess.DEVNULL, cwd=data)

    server = Server(_free_port())
    settings = f"-c listen_addresses=127.0.0.1 -c port={server.port} -c unix_socket_directories= -c fsync=off"
    try:
        run("initdb", "-D", str(data / "db"), "-U", "gongkai", "-A", "trust", "-E", "UTF8", "--no-sync")
        run("pg_ctl", "-D", str(data / "db"), "-l", str(data / "log"), "-w", "-o", settings, "start")
        try:
            yield server
        finally:
            run("pg_ctl", "-D", str(data / "db"), "-m", "immediate", "stop")
    finally:
        shutil.rmtree(data, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
