"""A token endpoint for one client: OAuth 2, Entra ID and managed identities, as far as feedcast asks them."""
import base64
import http.server
import json
import threading
import urllib.parse


class Issuer:
    """Answers every request for which `wanted` (of method, path, headers, form) holds with a token of `make()`, which lives
    for `lifetime` seconds; all others with 401. `tokens` are those that were given out, `refused` counts the rest."""

    def __init__(self, test, wanted, make, lifetime=3600):
        self.tokens, self.refused = [], 0
        issuer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                size = int(self.headers.get("content-length", 0))
                form = {k: v[0] for k, v in urllib.parse.parse_qs(self.rfile.read(size).decode()).items()}
                if wanted(self.command, self.path, self.headers, form):
                    issuer.tokens.append(make())
                    status, body = 200, {"access_token": issuer.tokens[-1], "expires_in": lifetime,
                                         "token_type": "Bearer"}
                else:
                    issuer.refused += 1
                    status, body = 401, {"error": "invalid_client",
                                         "error_description": "AADSTS7000215: Invalid client secret provided."}
                text = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        test.addCleanup(self.close)

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def basic(client, secret):
    """The header of a client that says who it is."""
    return "Basic " + base64.b64encode(f"{client}:{secret}".encode()).decode()
