# A host site that tells Eloquent who is logged in. What a site adds for Eloquent is the marked
# region; the rest is the site itself, with a log-in that is a toy.

# docs:begin
import os
import time

import jwt  # pip install pyjwt

SECRET = os.environ["ELOQUENT_SECRET"]


def eloquent_token(user):
    claims = {
        "user_id": str(user["id"]),  # a string, also where your ids are numbers
        "email": user["email"],
        "name": user["name"],
        "plan": user["plan"],
        "exp": int(time.time()) + 3600,
    }
    return jwt.encode(claims, SECRET, algorithm="HS256")
# docs:end


# From here on, the site itself.
import json
import secrets
import sys
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

sessions = {}
if not SECRET:
    sys.exit("ELOQUENT_SECRET is not set")


class Site(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.path == "/api/login":
            self.log_in(dict(parse_qsl(body.decode(), keep_blank_values=True)))
        elif self.path == "/api/eloquent-token":
            self.token()
        else:
            self.send_error(404)

    def log_in(self, form):
        """Toy: whoever asks is logged in as whoever they say they are."""
        session = secrets.token_hex(16)
        sessions[session] = form
        self.send_response(204)
        self.send_header("set-cookie", f"session={session}; HttpOnly; SameSite=Lax; Path=/")
        self.end_headers()

    def token(self):
        cookie = SimpleCookie(self.headers.get("cookie", "")).get("session")
        user = sessions.get(cookie and cookie.value)
        if user is None:
            return self.answer(401, {"error": "not_logged_in"})
        self.answer(200, {"token": eloquent_token(user)})

    def answer(self, status, content):
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("cache-control", "no-store")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        """Silent."""


server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "3000"))), Site)
print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
