"""A real registrar and proxy that wants passwords: Debian's Kamailio, on an address of its own, as an operator would run it.

with Kamailio(tmp_path, password="s3cret") as operator:
    operator.address                       # 127.0.0.2:40123, UDP and TCP
    operator.contacts()                    # who is registered now
    operator.restart()                     # it forgets who is registered
"""

import os
import signal
import subprocess
import time
from pathlib import Path

from tests.conftest import START_SECONDS, free_port

HOST = "127.0.0.2"  # the operator's machine
USER = "4722334455"
REALM = "operator.example"  # of the account; nobody needs to find it in the DNS: calls go to the host
CONFIGURATION = """#!KAMAILIO
debug=1
log_stderror=yes
children=1
tcp_children=1
auto_aliases=no
alias="{realm}"
listen=udp:{host}:{port}
listen=tcp:{host}:{port}
{modules}
modparam("auth", "algorithm", "{algorithm}")
modparam("auth", "nonce_expire", {nonce_seconds})
modparam("registrar", "min_expires", {least})
modparam("registrar", "default_expires", 60)
modparam("usrloc", "timer_interval", 1)
modparam("ctl", "binrpc", "unix:{folder}/ctl")

request_route {{
    if (!mf_process_maxfwd_header("10")) {{ sl_send_reply("483", "Too Many Hops"); exit; }}
    if (is_method("OPTIONS") && uri==myself) {{ sl_send_reply("200", "OK"); exit; }}
    if (has_totag()) {{
        if (loose_route() || t_check_trans()) {{ t_relay(); exit; }}
        sl_send_reply("404", "Not Here"); exit;
    }}
    if (is_method("CANCEL")) {{ if (t_check_trans()) t_relay(); exit; }}
    if (is_method("REGISTER")) {{
        if (!pv_www_authenticate("$td", "{password}", "0") || $au != "{user}") {{ www_challenge("$td", "1"); exit; }}
        if (!save("location")) sl_reply_error();
        exit;
    }}
    if (!is_method("INVITE")) {{ sl_send_reply("405", "Method Not Allowed"); exit; }}
    record_route();
    if ($si == "{host}") {{
        # somebody from the telephone network calls the account
        $ru = "sip:{user}@{realm}";
        if (!lookup("location")) {{ sl_send_reply("480", "Not Registered"); exit; }}
        t_relay(); exit;
    }}
    if (!pv_proxy_authenticate("$fd", "{password}", "0")) {{ proxy_challenge("$fd", "1"); exit; }}
    consume_credentials();
    $du = "sip:{phone}";
    t_relay();
}}
"""
MODULES = ("kex", "tm", "sl", "rr", "maxfwd", "pv", "textops", "siputils", "usrloc", "registrar", "auth", "ctl")


class Kamailio:
    """`phone` (host:port) gets the calls that go out. `least`: seconds that a registration lasts at least, else 423."""

    def __init__(
        self,
        folder: Path,
        *,
        password: str = "s3cret",
        algorithm: str = "MD5",
        least: int = 1,
        phone: str = "127.0.0.1:9",
        nonce_seconds: int = 300,
    ) -> None:
        self.folder, self.password, self.phone, self.port = folder, password, phone, free_port()
        self._algorithm = "" if algorithm == "MD5" else algorithm
        self._least, self._nonce_seconds = least, nonce_seconds
        self.log = folder / "kamailio.log"
        self.start()

    @property
    def address(self) -> str:
        return f"{HOST}:{self.port}"

    def start(self) -> None:
        self._write()
        command = [
            "/usr/sbin/kamailio",
            "-DD",
            "-E",
            "-m",
            "16",
            "-M",
            "4",
            "-f",
            str(self.folder / "kamailio.cfg"),
            "-Y",
            str(self.folder),
        ]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            assert time.monotonic() < deadline and self.process.poll() is None, self.log.read_text()
            time.sleep(0.02)

    def _write(self) -> None:
        modules = "\n".join(f'loadmodule "{name}.so"' for name in MODULES)
        text = CONFIGURATION.format(
            realm=REALM, host=HOST, port=self.port, modules=modules, algorithm=self._algorithm, nonce_seconds=self._nonce_seconds,
            least=self._least, folder=self.folder, password=self.password, user=USER, phone=self.phone,
        )  # fmt: skip
        (self.folder / "kamailio.cfg").write_text(text)

    def _rpc(self, *command: str) -> str:
        asked = ["/usr/sbin/kamcmd", "-s", f"unix:{self.folder}/ctl", *command]
        return subprocess.run(asked, capture_output=True, text=True, timeout=5, check=False).stdout

    def _answers(self) -> bool:
        return "Kamailio" in self._rpc("core.version") or "kamailio" in self._rpc("core.version")

    def contacts(self) -> list[str]:
        """Where the account is registered from."""
        return [line.split("Address: ")[1].strip() for line in self._rpc("ul.dump").splitlines() if "Address: " in line]

    def stop(self) -> None:
        """With all its processes, which are a session of their own."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def restart(self) -> None:
        self.stop()
        self.start()

    def __enter__(self) -> "Kamailio":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
