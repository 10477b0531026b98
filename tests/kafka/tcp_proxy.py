"""A TCP proxy that can be made to fail in the ways that networks do."""
import contextlib
import socket
import struct
import threading
import time

MODES = ("pass", "blackhole", "mute", "reset", "refuse", "delay", "drip")


class TcpProxy:
    """Listens on loopback and forwards to `target`, in the mode that `set_mode` chose last, open connections included:

    pass       as if it were not there
    blackhole  connections open and stay open, and nothing passes, not even an end (half-open); what was sent meanwhile
               passes when the mode changes, as TCP would send it again
    mute       what goes to the target passes, its answers do not (until the mode changes)
    reset      open connections are reset, new ones are too, as soon as they are made
    refuse     open connections are reset, new ones refused
    delay      every piece arrives `seconds` later
    drip       `rate` bytes a second in each direction

    Counts connections and the bytes that it forwarded up (to the target) and down; `heard` is what went up, if asked to
    keep it. Threads of its own; close() ends it.
    """

    def __init__(self, target=None, port=0, keep=False):
        self.target = target  # may be set later, before the first connection
        self.mode, self.seconds, self.rate = "pass", 0.0, 0
        self.connections, self.bytes_up, self.bytes_down = 0, 0, 0
        self.heard = bytearray() if keep else None
        self.lock = threading.Lock()
        self.changed = threading.Condition(self.lock)
        self.open = set()
        self.listener = None
        self.closed = False
        self._listen(port)
        self.port = self.listener.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"

    def _listen(self, port):
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", port))
        self.listener.listen(128)
        threading.Thread(target=self._accept, args=[self.listener], daemon=True).start()

    def set_mode(self, mode, seconds=0.0, rate=0):
        assert mode in MODES, mode
        with self.lock:
            was_refusing = self.mode == "refuse"
            self.mode, self.seconds, self.rate = mode, seconds, rate
            self.changed.notify_all()
        if mode == "refuse" and not was_refusing:
            self._shut_listener()
        elif mode != "refuse" and was_refusing:
            self._listen(self.port)
        if mode in ("reset", "refuse"):
            self.reset_all()

    def reset_all(self):
        """Resets every open connection."""
        with self.lock:
            sockets = list(self.open)
        for s in sockets:
            _reset(s)

    def close(self):
        with self.lock:
            self.closed = True
            self.changed.notify_all()
        self._shut_listener()
        self.reset_all()

    def _shut_listener(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
        self.listener.close()

    def _accept(self, listener):
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            with self.lock:
                self.connections += 1
                refused = self.closed or self.mode in ("reset", "refuse")
            if refused:
                _reset(near)
                continue
            try:
                far = socket.create_connection(self.target, timeout=5)
                far.settimeout(None)
            except OSError:
                _reset(near)
                continue
            for s in (near, far):
                s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.lock:
                self.open |= {near, far}
            for source, sink, up in ((near, far, True), (far, near, False)):
                threading.Thread(target=self._pump, args=[source, sink, up], daemon=True).start()

    def _pump(self, source, sink, up):
        try:
            while True:
                piece = source.recv(65536)
                if not piece:
                    break
                self._forward(piece, sink, up)
        except OSError:
            pass
        self._end(source, sink, up)

    def _forward(self, piece, sink, up):
        while piece:
            with self.lock:
                self._wait_while_held(up)
                if self.closed:
                    raise OSError("closed")
                mode, seconds, rate = self.mode, self.seconds, self.rate
            part = piece
            if mode == "delay":
                time.sleep(seconds)
            elif mode == "drip":
                part = piece[:max(1, rate // 20)]
                time.sleep(len(part) / rate)
            with self.lock:
                if up:
                    self.bytes_up += len(part)
                    if self.heard is not None:
                        self.heard += part
                else:
                    self.bytes_down += len(part)
            sink.sendall(part)
            piece = piece[len(part):]

    def _wait_while_held(self, up):
        while (self.mode == "blackhole" or self.mode == "mute" and not up) and not self.closed:
            self.changed.wait()

    def _end(self, source, sink, up):
        """One direction ended: so does the other."""
        with self.lock:
            self._wait_while_held(up)
            self.open -= {source, sink}
        for s in (source, sink):
            with contextlib.suppress(OSError):
                s.shutdown(socket.SHUT_RDWR)
            s.close()


def _reset(s):
    """RST instead of FIN; wakes whoever reads from it."""
    with contextlib.suppress(OSError):
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with contextlib.suppress(OSError):
        s.shutdown(socket.SHUT_RD)
    s.close()
