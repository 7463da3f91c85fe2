"""A job object of Windows: the processes in it end when its handle is closed, also by the death of who holds it.

It is what process groups, adopted orphans and the signal at a parent's death are for elsewhere.
"""

from __future__ import annotations

import ctypes
import sys

_EXTENDED_LIMITS = 9
_KILL_ON_CLOSE = 0x2000


class _BasicLimits(ctypes.Structure):
    """JOBOBJECT_BASIC_LIMIT_INFORMATION."""

    _fields_ = (
        ("per_process_user_time", ctypes.c_int64),
        ("per_job_user_time", ctypes.c_int64),
        ("flags", ctypes.c_uint32),
        ("minimum_working_set", ctypes.c_size_t),
        ("maximum_working_set", ctypes.c_size_t),
        ("active_processes", ctypes.c_uint32),
        ("affinity", ctypes.c_size_t),
        ("priority_class", ctypes.c_uint32),
        ("scheduling_class", ctypes.c_uint32),
    )


class _ExtendedLimits(ctypes.Structure):
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION."""

    _fields_ = (
        ("basic", _BasicLimits),
        ("io_counters", ctypes.c_uint64 * 6),
        ("process_memory", ctypes.c_size_t),
        ("job_memory", ctypes.c_size_t),
        ("peak_process_memory", ctypes.c_size_t),
        ("peak_job_memory", ctypes.c_size_t),
    )


class JobObject:
    """Ends ``process`` (a handle of Windows) and all that it starts when `close` is called or this process dies. Does
    nothing on other systems."""

    def __init__(self, process: int) -> None:
        """Raises: OSError, the system refuses it."""
        self._handle: int | None = None
        if sys.platform == "win32":
            self._kernel = ctypes.WinDLL("kernel32", use_last_error=True)
            self._kernel.CreateJobObjectW.restype = ctypes.c_void_p
            self._handle = self._kernel.CreateJobObjectW(None, None)
            limits = _ExtendedLimits()
            limits.basic.flags = _KILL_ON_CLOSE
            job, size = ctypes.c_void_p(self._handle), ctypes.sizeof(limits)
            if not (
                self._handle
                and self._kernel.SetInformationJobObject(job, _EXTENDED_LIMITS, ctypes.byref(limits), size)
                and self._kernel.AssignProcessToJobObject(job, ctypes.c_void_p(process))
            ):
                raise ctypes.WinError(ctypes.get_last_error())

    def close(self) -> None:
        """End what is left of the processes."""
        if sys.platform == "win32" and self._handle is not None:
            self._kernel.CloseHandle(ctypes.c_void_p(self._handle))
            self._handle = None
