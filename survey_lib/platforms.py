"""All that differs between Windows and other systems, each thing in one function for both.

Nothing else in the project asks which system it runs on. The Windows branches can be tested on any
machine because they are chosen by :func:`on_windows`, which a test may replace.
"""

from __future__ import annotations

import errno
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import TextIO

# Windows' own error numbers: the file is open in a program that shares it with nobody.
SHARING_VIOLATION, LOCK_VIOLATION, ACCESS_DENIED = 32, 33, 5


LOCKED_BYTE = 1 << 20  # far from what is written in a lock file, so that others can read it
KERNELS = "TRYGG_KERNELS"  # environment variable: "warm" for notebooks' kernels as on Windows
BROWSERS = ("Chromium", "Google Chrome", "Microsoft Edge")
BROWSER_COMMANDS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
    "microsoft-edge-stable",
)
BROWSER_PLACES = (  # Windows' first, then macOS'
    "Google/Chrome/Application/chrome.exe",
    "Microsoft/Edge/Application/msedge.exe",
    "Chromium/Application/chrome.exe",
    "Chromium.app/Contents/MacOS/Chromium",
    "Google Chrome.app/Contents/MacOS/Google Chrome",
    "Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)


def on_windows() -> bool:
    """Whether this is Windows."""
    return sys.platform == "win32"


def make_private(path: Path) -> None:
    """Let only the person who runs the program read a file or folder (prepared microdata).

    POSIX permission bits, or on Windows an access list with one entry, inherited by what is
    created inside the folder.
    """
    if on_windows():
        inherit = "(OI)(CI)" if path.is_dir() else ""
        grant = f"{os.environ['USERNAME']}:{inherit}F"
        subprocess.run(
            ["icacls", str(path), "/inheritance:r", "/grant:r", grant],
            check=True,
            capture_output=True,
        )
    else:
        path.chmod(0o700 if path.is_dir() else 0o600)


def held_open(error: OSError) -> bool:
    """Whether writing failed because another program, such as Excel, has the file open.

    Only Windows stops a program from replacing an open file, and it does not always say why:
    replacing a file that Excel holds may come as plain "access denied".
    """
    code = getattr(error, "winerror", None)
    return code in (SHARING_VIOLATION, LOCK_VIOLATION, ACCESS_DENIED)


def sync_file(path: Path) -> None:
    """Have a written file on the disk before it is moved into place."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Make a finished rename survive a power cut. Windows does this by itself, and cannot open
    folders."""
    if on_windows():
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:  # some network file systems cannot
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)


def lock(descriptor: int) -> bool:
    """Lock an open file for this process alone; whether nobody else has it. The lock ends with the
    process. Where a network file system knows no locks there is none, and all go in.
    """
    try:
        if on_windows():
            import msvcrt

            os.lseek(descriptor, LOCKED_BYTE, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
            os.lseek(descriptor, 0, os.SEEK_SET)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno in (errno.ENOTSUP, errno.ENOLCK, errno.ENOSYS)
    return True


def is_still(descriptor: int, file: Path) -> bool:
    """Whether an open file is the one of that name, and not one that has been taken away. On
    Windows an open file can't be taken away."""
    if on_windows():
        return True
    try:
        return os.path.samestat(os.fstat(descriptor), file.stat())
    except FileNotFoundError:
        return False


def release(descriptor: int, file: Path) -> None:
    """End a lock and take its file away: before it is free, so that nobody locks a file that then
    goes; on Windows after, since before it can't be done, and only when nobody has it by then."""
    if not on_windows():
        file.unlink(missing_ok=True)
    os.close(descriptor)
    if on_windows():
        with suppress(OSError):
            file.unlink()


def browsers() -> Iterator[str]:
    """The programs that can print a page, of those that the computer has: by name where programs
    are found by name, else where their installers put them."""
    for command in BROWSER_COMMANDS:
        if found := shutil.which(command):
            yield found
    for folder in _program_folders():
        for place in BROWSER_PLACES:
            if (folder / place).is_file():
                yield str(folder / place)


def _program_folders() -> list[Path]:
    if on_windows():
        names = ("ProgramFiles", "ProgramFiles(x86)", "LocalAppData")
        return [Path(os.environ[name]) for name in names if name in os.environ]
    return [Path("/Applications"), Path.home() / "Applications"]


def browser_options() -> list[str]:
    """What a browser must be told to start here: for the administrator of a container it doesn't
    start inside its sandbox."""
    user = getattr(os, "geteuid", None)
    return ["--no-sandbox"] if user and user() == 0 else []


def processors() -> int:
    """How many processors this program may use; in a container often fewer than the machine has."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1


def start_method(loaded: str = "") -> str:
    """How worker processes are started: as copies of a process that has done nothing but import
    ``loaded``, a module, where there is one and processes can be copied. Otherwise "spawn": the
    only way there is on Windows, and one that inherits nothing by accident either.
    """
    return "forkserver" if loaded and can_fork() else "spawn"


def can_fork() -> bool:
    """Whether a process with everything loaded can be copied, and the copy be followed.

    Linux only: Windows copies no processes, and the system libraries of macOS don't survive it.
    ``TRYGG_KERNELS=warm`` makes it as there, so that the other way can be run on any machine.
    """
    if sys.platform != "linux" or os.environ.get(KERNELS) == "warm":
        return False
    try:
        os.close(os.pidfd_open(os.getpid()))
    except OSError:  # an old Linux, or a container that forbids it
        return False
    return True


def utf8_console(streams: Iterable[TextIO] | None = None) -> None:
    """Print å, ä, ö and − whatever the console's code page is; what it can't show becomes "?".

    Windows gives a redirected stream the old ANSI code page, so ``trygg check > log.txt`` would
    stop at the first minus sign.
    """
    for stream in (sys.stdout, sys.stderr) if streams is None else streams:
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is None:  # replaced by a test or a notebook: already text
            continue
        if on_windows():
            reconfigure(encoding="utf-8", errors="replace")
        else:
            reconfigure(errors="replace")


def kill_with_all_started(pid: int) -> None:
    """End a process and every process that it has started, also those in sessions of their own
    (a kernel is), at once. Gone already: nothing."""
    import psutil

    with suppress(psutil.NoSuchProcess):
        parent = psutil.Process(pid)
        kill_all_started(pid)
        parent.kill()


def kill_all_started(pid: int) -> None:
    """End every process that a process has started, and what those have."""
    import psutil

    with suppress(psutil.NoSuchProcess):
        for one in psutil.Process(pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                one.kill()


def memory_of_all(pid: int) -> float:
    """Bytes of memory of a process and all that it has started; 0 when it is gone.

    What they share is counted once for each, so a forked kernel looks larger than it is. Looked at
    from outside because that is the same on all systems: Windows has no limit that a process can
    set for itself, and Linux' (``RLIMIT_AS``) counts addresses, not memory.
    """
    import psutil

    try:
        family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0.0
    used = 0.0
    for one in family:
        with suppress(psutil.NoSuchProcess):
            used += one.memory_info().rss
    return used


@contextmanager
def ended_after_interrupt(seconds: float, farewell: str, code: int) -> Iterator[None]:
    """End the program and all that it has started some seconds after a Ctrl-C that it hasn't heard:
    Python hears one only between two steps of its own, and a library may be busy for long in one.
    For programs whose files are whole at every moment. Only in the main thread, and not where
    Ctrl-C means something else.
    """
    in_main = threading.current_thread() is threading.main_thread()
    if not in_main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    here, there = socket.socketpair()
    there.setblocking(False)
    heard = threading.Event()

    def interrupt(number: int, frame: FrameType | None) -> None:
        heard.set()
        signal.default_int_handler(number, frame)

    def watch() -> None:
        while sent := here.recv(1):  # nothing when the other end is closed
            if sent[0] == signal.SIGINT and not heard.wait(seconds):
                os.write(2, f"{farewell}\n".encode())
                kill_all_started(os.getpid())
                os._exit(code)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    before = signal.set_wakeup_fd(there.fileno(), warn_on_full_buffer=False)
    signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.set_wakeup_fd(before)
        heard.set()
        there.close()
        watcher.join()
        here.close()


@contextmanager
def interrupts_ignored() -> Iterator[None]:
    """Ignore Ctrl-C for a moment, so that a process started in it goes on ignoring it.

    A Ctrl-C in a terminal reaches every process there; workers must leave it to the program that
    started them, also before their first line of Python. Outside the main thread signals can't be
    set and nothing is done; on Windows nothing is inherited and workers set it themselves.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
