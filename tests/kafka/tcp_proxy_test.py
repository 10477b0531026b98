"""Every way in which the proxy fails is the way that it says."""
import contextlib
import socket
import threading
import time
import unittest

from tcp_proxy import TcpProxy


class Echo:
    """Answers every byte with itself."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = self.listener.getsockname()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
        self.listener.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._echo, args=[connection], daemon=True).start()

    @staticmethod
    def _echo(connection):
        with connection, contextlib.suppress(OSError):
            while piece := connection.recv(65536):
                connection.sendall(piece)


class TcpProxyTest(unittest.TestCase):
    def setUp(self):
        self.echo = Echo()
        self.addCleanup(self.echo.close)
        self.proxy = TcpProxy(self.echo.address)
        self.addCleanup(self.proxy.close)

    def connect(self):
        s = socket.create_connection(("127.0.0.1", self.proxy.port), timeout=10)
        self.addCleanup(s.close)
        return s

    def ask(self, s, text=b"hello"):
        s.sendall(text)
        got = b""
        while len(got) < len(text):
            piece = s.recv(65536)
            if not piece:
                raise EOFError
            got += piece
        self.assertEqual(got, text)

    def test_passes_and_counts(self):
        s = self.connect()
        self.ask(s, b"x" * 300_000)
        self.assertEqual((self.proxy.connections, self.proxy.bytes_up, self.proxy.bytes_down), (1, 300_000, 300_000))

    def test_an_end_is_passed_on(self):
        s = self.connect()
        self.ask(s)
        s.shutdown(socket.SHUT_WR)
        self.assertEqual(s.recv(1), b"")

    def test_in_a_blackhole_nothing_passes_and_later_everything(self):
        old = self.connect()
        self.ask(old)
        self.proxy.set_mode("blackhole")
        new = self.connect()
        for s in (old, new):
            s.settimeout(0.2)
            s.sendall(b"lost?")
            with self.assertRaises(TimeoutError):
                s.recv(1)
        self.proxy.set_mode("pass")
        for s in (old, new):
            s.settimeout(10)
            self.assertEqual(s.recv(100), b"lost?")

    def test_keeps_what_went_up(self):
        self.proxy.heard = bytearray()
        self.ask(self.connect())
        self.assertEqual(len(self.proxy.heard), self.proxy.bytes_up)
        self.assertIn(b"hello", self.proxy.heard)

    def test_mute_passes_questions_and_keeps_answers(self):
        s = self.connect()
        self.ask(s)
        self.proxy.set_mode("mute")
        s.sendall(b"heard")
        end = time.monotonic() + 10
        while self.proxy.bytes_up < 10 and time.monotonic() < end:
            time.sleep(0.01)
        s.settimeout(0.2)
        with self.assertRaises(TimeoutError):
            s.recv(1)
        self.assertEqual((self.proxy.bytes_up, self.proxy.bytes_down), (10, 5))
        self.proxy.set_mode("pass")
        s.settimeout(10)
        self.assertEqual(s.recv(100), b"heard")

    def test_resets_old_and_new_connections(self):
        old = self.connect()
        self.ask(old)
        self.proxy.set_mode("reset")
        with self.assertRaises(ConnectionError):
            self.ask(old)
        with self.assertRaises((ConnectionError, EOFError)):
            self.ask(self.connect())
        self.proxy.set_mode("pass")
        self.ask(self.connect())

    def test_refuses_and_comes_back_on_the_same_port(self):
        old = self.connect()
        self.ask(old)
        self.proxy.set_mode("refuse")
        with self.assertRaises(ConnectionError):
            self.ask(old)
        with self.assertRaises(ConnectionRefusedError):
            self.connect()
        self.proxy.set_mode("pass")
        self.ask(self.connect())

    def test_delays(self):
        s = self.connect()
        self.proxy.set_mode("delay", seconds=0.2)
        began = time.monotonic()
        self.ask(s)
        self.assertGreaterEqual(time.monotonic() - began, 0.4)

    def test_drips(self):
        s = self.connect()
        self.proxy.set_mode("drip", rate=10_000)
        began = time.monotonic()
        self.ask(s, b"x" * 3000)
        self.assertGreaterEqual(time.monotonic() - began, 0.3)

    def test_a_target_that_is_down_looks_so(self):
        self.echo.close()
        with self.assertRaises((ConnectionError, EOFError)):
            self.ask(self.connect())


if __name__ == "__main__":
    unittest.main()
