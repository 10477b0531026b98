"""A broker that wants tokens (SASL OAUTHBEARER), and an issuer that refuses at first and is asked again in time."""
import base64
import json
import os
import time
import unittest

from brokers import Listener
from service import Cluster, KafkaTest, eventually, harness
from issuer import Issuer, basic

CLIENT, SECRET, WRONG, LIFETIME = "feedcast", "client-secret-5", "wrong-secret-4", 12


def unsecured_token():
    """What Kafka's own validator for tests takes: a token that nobody signed."""
    now = int(time.time())
    parts = [{"alg": "none"}, {"sub": "feedcast", "iat": now, "exp": now + LIFETIME}]
    return ".".join(base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts) + "."


class Tokens(KafkaTest):
    @classmethod
    def setUpClass(cls):
        name = "listener.name.tokens."
        cls.cluster = Cluster(listeners={"TOKENS": Listener("SASL_PLAINTEXT")}, acls=True, settings={
            name + "sasl.enabled.mechanisms": "OAUTHBEARER",
            name + "oauthbearer.sasl.jaas.config":
                "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required "
                "unsecuredLoginStringClaim_sub=\"broker\";"})
        cls.addClassCleanup(cls.cluster.close)

    def write_secret(self, text):
        file = os.path.join(self.folder, "secret")
        with open(file, "w", encoding="ascii") as f:
            f.write(text)
        return file

    def test_tokens_are_fetched_renewed_and_a_changed_secret_needs_no_restart(self):
        self.cluster.create_topic(self.topic)
        self.cluster.allow("feedcast", self.topic)
        issuer = Issuer(self, lambda method, path, headers, form:
                        headers["authorization"] == basic(CLIENT, SECRET) and
                        form == {"grant_type": "client_credentials", "scope": "kafka"}, unsecured_token, LIFETIME)
        file = self.write_secret(WRONG)
        writer = self.writer(50)
        self.start(config=self.config(
            self.cluster.bootstrap("TOKENS"), {"security.protocol": "SASL_PLAINTEXT"},
            oauth={"token_url": issuer.url + "/token", "client_id": CLIENT, "client_secret": {"from_file": file},
                   "scope": "kafka"}))
        line = self.assert_class_logged("auth")
        self.assertRegex(line, r"no token: .*answered 401 \(invalid_client\): check client_id and client_secret")
        self.write_secret(SECRET)
        self.wait_flowing()
        self.assert_recovery_logged()
        before, refused = len(issuer.tokens), issuer.refused
        eventually("a token is renewed before its end", lambda: len(issuer.tokens) > before, 3 * LIFETIME)
        self.wait_flowing()
        self.assertEqual(issuer.refused, refused)
        for secret in (SECRET, WRONG, *issuer.tokens):
            self.assertNotIn(secret, self.process.output())
            self.assertNotIn(secret, harness.get(self.admin + "/api/v1/status")[1])
        self.assert_nothing_lost(writer.stop())


if __name__ == "__main__":
    unittest.main()
